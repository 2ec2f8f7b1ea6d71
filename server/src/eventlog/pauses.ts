import type { TenantRead } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { type LiveSummary, stateLimits } from '@creatorflow/shared/live-state'
import { readFrozen } from './frozen-lives.ts'

/** What the length of a LIVE leaves out. */
export type Pauses = Pick<LiveSummary, 'pauses' | 'pauses_complete'>

/** The pauses of LIVEs, those of dropped events up to the mark `keptSince` (epoch ms) as well. */
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
