import type { Queryable, Transaction } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { ResettleReason } from './hindsight.ts'

/** Asks for creators to be settled again, in the transaction that gives the reason. */
export async function noteResettle(
  tx: Transaction,
  reasons: readonly { readonly creator_id: string; readonly reason: ResettleReason }[],
): Promise<void> {
  if (reasons.length === 0) return
  await tx.query(sql`
    insert into resettle (creator_id, reason)
    select * from unnest(
      ${reasons.map((r) => r.creator_id)}::text[], ${reasons.map((r) => r.reason)}::text[]
    )
    on conflict (creator_id) do nothing`)
}

/** Creators that were noted at least `delayMs` ago, the longest waiting first. */
export async function readNoted(database: Queryable, delayMs: number): Promise<string[]> {
  const rows = await database.query<{ creator_id: string }>(sql`
    select creator_id from resettle
    where noted_at <= clock_timestamp() - make_interval(secs => ${delayMs / 1000}::float8)
    order by noted_at limit 100`)
  return rows.map(({ creator_id }) => creator_id)
}

/** Puts a creator off: it is settled again after `waitMs` at the earliest. */
export async function noteAgain(
  database: Queryable,
  creatorId: string,
  waitMs: number,
): Promise<void> {
  await database.query(sql`
    update resettle set noted_at = clock_timestamp() + make_interval(secs => ${waitMs / 1000}::float8)
    where creator_id = ${creatorId}`)
}
