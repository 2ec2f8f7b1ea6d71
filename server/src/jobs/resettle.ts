import type { Database } from '@creatorflow/db/database'
import { serverTenant } from '../access/authorize.ts'
import type { Bus } from '../bus/bus.ts'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import { announceEpoch } from '../pipeline/publish.ts'
import { noteAgain, readNoted } from '../pipeline/resettle/notes.ts'
import { resettleCreator } from '../pipeline/resettle/resettle.ts'
import { every } from './every.ts'
import { withLease } from './lease.ts'

export const RESETTLE_LEASE = 'settle again'

/** After a failure a creator waits this long, so that it does not hold up others. */
const FAILED_WAIT_MS = 10 * 60_000

export interface ResettleDeps {
  readonly database: Database
  readonly bus: Bus
  readonly config: Pick<Config, 'resettleDelayMs'>
  readonly log: Log
}

/** Settles creators again for whom something arrived late; what comes within the delay is one reason. */
export function createResettle(deps: ResettleDeps): AsyncDisposable {
  const intervalMs = Math.max(100, deps.config.resettleDelayMs / 2)
  const failed = (error: unknown) => deps.log.warn({ err: error }, 'nothing was settled again')
  return every({ intervalMs, failed }, (closing) => resettleNoted(deps, closing))
}

/** One round, on one node at a time: everybody who has waited long enough. Screens follow by themselves. */
export async function resettleNoted(
  { database, bus, config, log }: ResettleDeps,
  closing?: AbortSignal,
): Promise<void> {
  // Most rounds find nothing: no lease is taken for that.
  if ((await readNoted(database, config.resettleDelayMs)).length === 0) return
  await withLease(database, RESETTLE_LEASE, async (lost) => {
    for (const creatorId of await readNoted(database, config.resettleDelayMs)) {
      if (lost.aborted || closing?.aborted) return
      const tenant = serverTenant(creatorId)
      const started = performance.now()
      try {
        const done = await resettleCreator(database, tenant)
        if (done?.raised) await announceEpoch(bus, tenant)
        log.info(
          { creator_id: creatorId, ...done, ms: Math.round(performance.now() - started) },
          'settled again',
        )
      } catch (error) {
        log.error({ err: error, creator_id: creatorId }, 'a creator could not be settled again')
        await noteAgain(database, creatorId, FAILED_WAIT_MS)
      }
    }
  })
}
