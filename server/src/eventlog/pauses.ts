import type { TenantRead } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
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
  const frozen = await readFrozen(
    read,
    tenant,
    await pausedBefore(read, tenant, sessions, keptSince),
    keptSince,
  )
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

/** The LIVEs with a pause among dropped events: most have none, and their frozen state is large. */
async function pausedBefore(
  read: TenantRead,
  { creatorId }: Tenant,
  sessions: readonly string[],
  keptSince: number,
): Promise<string[]> {
  if (keptSince === 0) return []
  const rows = await read.query<{ session_id: string }>(sql`
    select distinct session_id from archive_1d
    where creator_id = ${creatorId} and type = any(${['live_paused', 'live_resumed']}::text[])
      and bucket < ${new Date(keptSince).toISOString()}::timestamptz
      and session_id = any(${sessions}::text[])`)
  return rows.map(({ session_id }) => session_id)
}
