import type { Database } from '@creatorflow/db/database'
import { every } from '../core/every.ts'
import { withLease } from '../core/lease.ts'
import type { Log } from '../core/log.ts'
import type { Telemetry } from '../core/telemetry.ts'
import { refreshContinuous } from './refresh-continuous.ts'
import { refreshTables } from './refresh-tables.ts'

export const HISTORY_LEASE = 'refresh history'
const INTERVAL_MS = 30_000

/** Keeps aggregates current and right. */
export function createHistoryRefresh({
  database,
  log,
  telemetry,
}: {
  readonly database: Database
  readonly log: Log
  readonly telemetry: Telemetry
}): AsyncDisposable {
  const failed = (error: unknown) => log.warn({ err: error }, 'failed to refresh history')
  return every({ intervalMs: INTERVAL_MS, failed }, async (closing) => {
    const beganAt = performance.now()
    if (await refreshHistory(database, log, closing))
      telemetry.observe('history_refresh_seconds', {}, (performance.now() - beganAt) / 1_000)
  })
}

/**
 * One run, on one node at a time: advances every level, fine to coarse, then settles dirty minutes. What it
 * leaves, after an error or a simultaneous change, the next run does. Returns whether this node had the
 * lease.
 */
export function refreshHistory(
  database: Database,
  log: Log,
  closing?: AbortSignal,
): Promise<boolean> {
  return withLease(database, HISTORY_LEASE, (lost) => {
    const signal = closing ? AbortSignal.any([closing, lost]) : lost
    return database.edition === 'timescale-community'
      ? refreshContinuous(database, log, signal)
      : refreshTables(database, signal)
  })
}
