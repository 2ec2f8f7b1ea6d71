import { levels } from '@creatorflow/db/aggregates'
import type { TenantRead } from '@creatorflow/db/database'
import { raw, sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { type LiveSummary, stateLimits } from '@creatorflow/shared/live-state'
import { readFrozen } from './frozen-lives.ts'

/** What the length of a LIVE leaves out. */
export type Pauses = Pick<LiveSummary, 'pauses' | 'pauses_complete'>

/** When a LIVE was on air, as in `lives`. */
export interface LiveTimes {
  readonly session_id: string
  readonly started_at: Date
  readonly ended_at: Date | null
  readonly last_at: Date
}

const DAY_MS = 86_400_000
const coarsest = raw(levels.at(-1)?.history ?? '')
const none: Pauses = { pauses: [], pauses_complete: true }

/**
 * Pauses of LIVEs, read by `readPauses` only for those that were paused: it reads every event of a LIVE, and
 * most have no pause.
 */
export async function readPausesOf(
  read: TenantRead,
  tenant: Tenant,
  lives: readonly LiveTimes[],
  keptSince: number,
): Promise<(sessionId: string) => Pauses> {
  if (lives.length === 0) return () => none
  const starts = lives.map(({ started_at }) => started_at.getTime())
  const ends = lives.map(({ ended_at, last_at }) => Math.max(+(ended_at ?? 0), +last_at))
  // Whole days, with room for marks slightly before their LIVE.
  const since = new Date((Math.floor(Math.min(...starts) / DAY_MS) - 1) * DAY_MS).toISOString()
  const before = new Date((Math.floor(Math.max(...ends) / DAY_MS) + 2) * DAY_MS).toISOString()
  const paused = await read.query<{ session_id: string }>(sql`
    select distinct session_id from ${coarsest}(${tenant.creatorId}, ${since}::timestamptz, ${before}::timestamptz)
    where type in ('live_paused', 'live_resumed')
      and session_id = any(${lives.map(({ session_id }) => session_id)}::text[])`)
  if (paused.length === 0) return () => none
  const ids = new Set(paused.map(({ session_id }) => session_id))
  const pausesOf = await readPauses(read, tenant, [...ids], keptSince)
  return (sessionId) => (ids.has(sessionId) ? pausesOf(sessionId) : none)
}

/** The pauses of LIVEs, including those of dropped events up to the mark `keptSince` (epoch ms). */
export async function readPauses(
  read: TenantRead,
  tenant: Tenant,
  sessions: readonly string[],
  keptSince: number,
): Promise<(sessionId: string) => Pauses> {
  const marks = await read.query<{ session_id: string; ts: Date; id: string; type: string }>(sql`
    select session_id, ts, id, type from events
    where creator_id = ${tenant.creatorId} and session_id = any(${sessions}::text[])
      and type in ('live_paused', 'live_resumed')
    order by ts, id collate "C"`)
  const frozen = await readFrozen(read, tenant, sessions, keptSince)
  return (sessionId) => {
    const dropped = frozen.get(sessionId)?.entry
    const pauses = [
      ...(dropped?.pauses ?? []),
      ...marks
        .filter(({ session_id }) => session_id === sessionId)
        .map(({ ts, id, type }) => ({ ts: ts.getTime(), id, paused: type === 'live_paused' })),
    ]
    const pauses_complete =
      dropped?.pauses_complete !== false && pauses.length <= stateLimits.pauseMarks
    return { pauses, pauses_complete }
  }
}
