import type { Database } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import type { Backend } from '@creatorflow/db/testing'
import { openTestDatabase } from '@creatorflow/db/testing'
import type { Bus } from '../src/bus/bus.ts'
import { createInProcessBus } from '../src/bus/in-process.ts'
import { loadConfig } from '../src/config.ts'
import { silentLog } from '../src/core/log.ts'
import { serverTenant } from '../src/core/rights/authorize.ts'
import { createTelemetry } from '../src/core/telemetry.ts'
import { insertCreator } from '../src/identity/creators/creators.ts'
import { createPipeline, type Pipeline } from '../src/pipeline/pipeline.ts'

/** A migrated database for one test with a pipeline into it, and no server. */
export interface TestPipeline extends AsyncDisposable {
  readonly database: Database
  readonly pipeline: Pipeline
  readonly bus: Bus
  /** A creator of UTC and USD. */
  newCreator(id: string): Promise<Tenant>
}

export async function openTestPipeline(backend: Backend): Promise<TestPipeline> {
  const log = silentLog()
  const telemetry = createTelemetry()
  const bus = createInProcessBus({ log, telemetry })
  const database = await openTestDatabase(backend)
  const pipeline = createPipeline({ database, bus, config: loadConfig({}), log, telemetry })
  return {
    database,
    pipeline,
    bus,
    async newCreator(id) {
      const creator = { id, name: id, time_zone: 'UTC', currency: 'USD', locale: 'en' } as const
      await database.transaction((tx) => insertCreator(tx, { ...creator, kind: 'real' }))
      return serverTenant(id)
    },
    async [Symbol.asyncDispose]() {
      await pipeline[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}
