import { type Database, isTransient } from '@creatorflow/db/database'
import type { RecountProblem } from '@creatorflow/shared/recounting'
import type { Bus } from '../bus/bus.ts'
import type { Config } from '../core/config/config.ts'
import { AppError } from '../core/errors.ts'
import { every } from '../core/every.ts'
import { withLease } from '../core/lease.ts'
import type { Log } from '../core/log.ts'
import { serverTenant } from '../core/rights/authorize.ts'
import type { Telemetry } from '../core/telemetry.ts'
import { announceEpoch } from '../eventlog/publish.ts'
import { countNoted, noteFailure, readNoted } from '../pipeline/recount-notes.ts'
import { resettleCreator } from '../resettle/resettle.ts'

export const RESETTLE_LEASE = 'settle again'

const recountStates = ['waiting', 'too_large', 'failed'] as const

export interface ResettleDeps {
  readonly database: Database
  readonly bus: Bus
  readonly config: Pick<Config, 'resettleDelayMs'>
  readonly log: Log
}

/** Settles creators again for whom something arrived late; what comes within the delay is one reason. */
export function createResettle(
  deps: ResettleDeps & { readonly telemetry: Telemetry },
): AsyncDisposable {
  // Seconds at most, so that a failure that has passed is tried again soon.
  const intervalMs = Math.min(2_000, Math.max(100, deps.config.resettleDelayMs / 2))
  const failed = (error: unknown) => deps.log.warn({ err: error }, 're-attribution failed')
  return every({ intervalMs, failed }, async (closing) => {
    await resettleNoted(deps, closing)
    const counts = await countNoted(deps.database)
    deps.telemetry.setAll(
      'recounts',
      recountStates.map((state) => ({ labels: { state }, value: counts[state] })),
    )
  })
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
        const problem = problemOf(error)
        const isNew = await noteFailure(database, creatorId, problem)
        const told = { err: error, creator_id: creatorId }
        if (isNew) log.warn({ ...told, problem }, 're-attribution failed; LIVEs say so')
        else log.debug(told, 're-attribution failed and is retried')
      }
    }
  })
}

/** Null for what may pass by itself. */
function problemOf(error: unknown): RecountProblem | null {
  if (error instanceof AppError) {
    if (error.code === 'unavailable') return null
    return error.code === 'too_large' ? 'too_large' : 'failed'
  }
  return isTransient(error) ? null : 'failed'
}
