import type { Queryable } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { LiveEntry } from '@creatorflow/shared/live-state'
import { type KeptLive, liveOfKept } from './kept-state.ts'

/** A LIVE folded from its dropped events; `seq` is the greatest number among them. */
export interface FrozenLive {
  seq: number
  readonly entry: LiveEntry
}

/** The frozen parts of these LIVEs, by LIVE; `until`: up to that mark, epoch ms. */
export async function readFrozen(
  database: Queryable,
  { creatorId }: Tenant,
  sessions: readonly string[],
  until: number,
): Promise<Map<string, FrozenLive>> {
  const rows = await database.query<{ seq: number; fold_version: number; state: KeptLive }>(sql`
    select distinct on (session_id) seq, fold_version, state from frozen_lives
    where creator_id = ${creatorId} and session_id = any(${sessions}::text[])
      and until <= ${new Date(until).toISOString()}::timestamptz
    order by session_id, until desc`)
  return new Map(
    rows.map(({ seq, fold_version, state }) => {
      return [state.session_id, { seq, entry: liveOfKept(fold_version, state) }]
    }),
  )
}
