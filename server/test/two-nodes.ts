import type { Database } from '@creatorflow/db/database'
import { openTestDatabase } from '@creatorflow/db/testing'
import { buses, editions } from '../../scripts/test/backends.ts'
import { createInProcessBus } from '../src/bus/in-process.ts'
import { silentLog } from '../src/core/log.ts'
import { createTelemetry } from '../src/core/telemetry.ts'
import { startApp, type TestApp } from './harness.ts'

const server = editions().find(({ name }) => name === 'timescale')
const redis = buses().find(({ name }) => name === 'redis')?.url

/** The basis of two nodes here: servers if available, else what both share in this process. */
export const groundOfTwoNodes = `${server?.name ?? 'embedded'} and ${redis ? 'Redis' : 'one bus in the process'}`

export interface TwoNodes extends AsyncDisposable {
  readonly database: Database
  readonly here: TestApp
  readonly there: TestApp
}

/** Two nodes on one database that always wake each other: revocations of one reach the other by a bus. */
export async function startTwoNodes(env: Readonly<Record<string, string>> = {}): Promise<TwoNodes> {
  await using opened = new AsyncDisposableStack()
  const database = opened.use(await openTestDatabase(server))
  const bus = redis
    ? { redisUrl: redis }
    : { bus: opened.use(createInProcessBus({ log: silentLog(), telemetry: createTelemetry() })) }
  const here = opened.use(await startApp({ database, env, ...bus }))
  const there = opened.use(await startApp({ database, env, ...bus }))
  return Object.assign(opened.move(), { database, here, there })
}
