// The ingest route in its own process, to measure memory: with --expose-gc, `GET /memory` collects garbage
// and returns the rest.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import express, { Router } from 'express'
import { loadConfig } from '../src/config.ts'
import { silentLog } from '../src/core/log.ts'
import { createTelemetry } from '../src/core/telemetry.ts'
import { createIngestFeature, type IngestDeps } from '../src/features/ingest/index.ts'
import { createFailureHandler } from '../src/http/failures.ts'

const gc = globalThis.gc as () => void
const principal = { kind: 'key', creatorId: 'mira', scopes: ['ingest:write'] }
// Safe: the route uses nothing else of these.
const deps = {
  access: { authenticate: async () => ({ principal }), checkOrigin: () => {} },
  quotas: { eventsWaitMs: async () => 0, spendEvents: async () => {} },
  pipeline: {
    submit: async (events: readonly unknown[]) => events.map(() => ({ kind: 'accepted' })),
  },
  config: loadConfig(),
} as unknown as IngestDeps

const router = Router()
router.get('/memory', (_, response) => {
  gc()
  response.json(process.memoryUsage())
})
router.get('/cpu', (_, response) => void response.json(process.cpuUsage()))
// Safe: this feature answers on its own.
createIngestFeature(deps).mount?.({ router, answer: undefined as never, describe() {} })
const failures = createFailureHandler({ log: silentLog(), telemetry: createTelemetry() })
const server = express().use(router).use(failures).listen(0, '127.0.0.1')
await once(server, 'listening')
console.log(`at ${(server.address() as AddressInfo).port}`)
