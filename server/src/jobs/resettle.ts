import { setTimeout as delay } from 'node:timers/promises'
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
import { countNoted, noteFailure, readNoted, recountStates } from '../pipeline/recount-notes.ts'
import { forgetDeadRuns } from '../resettle/recounted-claims.ts'
import { recountNoted } from '../resettle/resettle.ts'

export const RESETTLE_LEASE = 'settle again'

/** Parallel recounts: a long one delays nobody. */
const LANES = 2
const LOOK_MS = 1_000

export interface ResettleDeps {
  readonly database: Database
  readonly bus: Bus
  readonly config: Pick<Config, 'resettleDelayMs'>
  readonly log: Log
}

/** Re-attributes creators with late events; those within the delay are handled together. */
export function createResettle(
  deps: ResettleDeps & { readonly telemetry: Telemetry },
): AsyncDisposable {
  const { database, config, telemetry, log } = deps
  // Seconds at most, so a failure that has passed is retried soon.
  const intervalMs = Math.min(2_000, Math.max(100, config.resettleDelayMs / 2))
  const failed = (error: unknown) => log.warn({ err: error }, 're-attribution failed')
  const jobs = new AsyncDisposableStack()
  jobs.use(every({ intervalMs, failed }, (closing) => resettleNoted(deps, closing)))
  jobs.use(
    every({ intervalMs, failed }, async () => {
      const { rowsLeft, ...counts } = await countNoted(database)
      const values = recountStates.map((state) => ({ labels: { state }, value: counts[state] }))
      telemetry.setAll('recounts', values)
      telemetry.set('recount_rows_left', rowsLeft)
      await forgetDeadRuns(database)
    }),
  )
  return jobs
}

/** One run, on one node at a time: everyone who has waited long enough. Screens follow automatically. */
export async function resettleNoted(
  deps: ResettleDeps & { readonly telemetry?: Telemetry },
  closing?: AbortSignal,
): Promise<void> {
  const { database, config } = deps
  // Most runs find nothing: they take no lease.
  if ((await readNoted(database, config.resettleDelayMs)).length === 0) return
  await withLease(database, RESETTLE_LEASE, async (lost) => {
    const signal = closing ? AbortSignal.any([lost, closing]) : lost
    const taken = new Set<string>()
    let busy = 0
    async function lane(): Promise<void> {
      while (!signal.aborted) {
        const noted = await readNoted(database, config.resettleDelayMs)
        const next = noted.find((creatorId) => !taken.has(creatorId))
        // Creators noted since then do not wait for the end of a long recount.
        if (next === undefined && busy > 0)
          await delay(LOOK_MS, undefined, { signal }).catch(() => {})
        else if (next === undefined) return
        else {
          taken.add(next)
          busy++
          await resettleOne(deps, next, signal).finally(() => busy--)
        }
      }
    }
    await Promise.all(Array.from({ length: LANES }, lane))
  })
}

async function resettleOne(
  { database, bus, log, telemetry }: ResettleDeps & { readonly telemetry?: Telemetry },
  creatorId: string,
  signal: AbortSignal,
): Promise<void> {
  const tenant = serverTenant(creatorId)
  const started = performance.now()
  try {
    const done = await recountNoted(database, tenant, { signal })
    if (done?.raised) await announceEpoch(bus, tenant)
    const ms = Math.round(performance.now() - started)
    log.info({ creator_id: creatorId, ...done, ms }, 're-attributed')
  } catch (error) {
    const problem = problemOf(error)
    telemetry?.count('recount_failures_total', { kind: problem ? 'lasting' : 'passing' })
    const reason = error instanceof Error ? error.message : String(error)
    const isNew = await noteFailure(database, creatorId, problem, reason)
    const told = { err: error, creator_id: creatorId }
    if (isNew) log.warn({ ...told, problem }, 're-attribution failed; affected LIVEs show it')
    else log.debug(told, 're-attribution failed; retrying')
  }
}

/** Null for transient failures. */
function problemOf(error: unknown): RecountProblem | null {
  if (error instanceof AppError) {
    return error.code === 'unavailable' ? null : 'failed'
  }
  return isTransient(error) ? null : 'failed'
}
