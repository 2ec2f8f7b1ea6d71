// npm run hostile [-- options]: mutated requests, mutated frames and floods against its own server.
import { parseArgs } from 'node:util'
import { findServices } from '../environment.ts'
import { endChildren } from '../processes/child.ts'
import { runHostile } from './run.ts'
import { faultsIn } from './verdict.ts'

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '25000' },
    frames: { type: 'string', default: '25000' },
    connections: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    embedded: { type: 'boolean', default: false },
  },
})
const whole = (text: string, most: number) => Math.min(most, Math.max(1, Number.parseInt(text, 10)))
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    endChildren()
    process.exit(130)
  })
}

const nothing = { databaseUrl: undefined, redisUrl: undefined }
const result = await runHostile({
  services: values.embedded ? nothing : findServices(),
  seed: values.seed,
  requests: whole(values.requests, 1_000_000),
  frames: whole(values.frames, 1_000_000),
  connections: whole(values.connections, 100),
  quietMs: 10_000,
  say: (line) => console.error(line),
})
console.log(JSON.stringify(result, null, 2))
const faults = faultsIn(result)
for (const fault of faults) console.error(fault)
process.exitCode = faults.length > 0 ? 1 : 0
