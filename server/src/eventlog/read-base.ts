import type { TenantReads } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { type KeptState, stateOfKept } from './kept-state.ts'
import type { LogBase } from './log-base.ts'

/** From `counters c`: the newest base of a log that no longer has all of its events. */
export const baseOf = sql`(
  select b.* from log_bases b, retention r
  where b.creator_id = c.creator_id and b.until <= r.kept_since
  order by b.until desc limit 1
)`

/** The mark of the log, epoch ms: older events are no longer in it. */
export const keptSinceMs = sql`(extract(epoch from (select kept_since from retention)) * 1000)::bigint`

interface BaseRow {
  readonly state: KeptState
  readonly stock_seqs: Record<string, number>
  readonly holes_until: number
  readonly fold_version: number
  readonly kept_since: number
  readonly first_kept: number | null
  readonly live_seqs: Record<string, number> | null
}

/** The current mark, epoch ms. */
export async function readKeptSince(database: TenantReads, tenant: Tenant): Promise<number> {
  const [row] = await database.readAs(tenant, (read) =>
    read.query<{ kept_since: number }>(sql`select ${keptSinceMs} as kept_since`),
  )
  return row?.kept_since ?? 0
}

/** The base of a log; undefined if nothing of it was dropped. */
export async function readBase(
  database: TenantReads,
  tenant: Tenant,
): Promise<LogBase | undefined> {
  const statement = sql`
    select b.state, b.stock_seqs, b.holes_until, b.fold_version, ${keptSinceMs} as kept_since,
      first.seq as first_kept, (
        -- Of a LIVE whose dropped events all come before the kept ones nothing needs to be known.
        select json_object_agg(session_id, seq) from (
          select session_id, max(seq) as seq from frozen_lives f
          where f.creator_id = c.creator_id and f.until <= b.until and f.seq > first.seq
          group by session_id) f
      ) as live_seqs
    from counters c cross join lateral ${baseOf} b
    cross join lateral (select min(seq) as seq from events where creator_id = c.creator_id) first
    where c.creator_id = ${tenant.creatorId}`
  const [row] = await database.readAs(tenant, (read) => read.query<BaseRow>(statement))
  if (!row) return undefined
  const base = stateOfKept(row.fold_version, row.state)
  return {
    // Nothing is between the dropped events and the first kept one: reading starts right before it.
    state: {
      ...base,
      seq: Math.min(row.holes_until, (row.first_kept ?? Number.POSITIVE_INFINITY) - 1),
    },
    newest: { lives: row.live_seqs ?? {}, stock: row.stock_seqs },
    holesUntil: row.holes_until,
    keptSince: row.kept_since,
  }
}
