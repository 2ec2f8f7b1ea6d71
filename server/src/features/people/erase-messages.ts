import type { Transaction } from '@creatorflow/db/database'
import { join, type Sql, sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { formsOf, mentions } from './mentions.ts'

/**
 * Deletes messages of sources that name a person: those that were set aside, and of those that wait what they say.
 * They are deleted whole, because nobody can tell what else of a message that is not understood tells who it was.
 * Answers how many.
 */
export async function eraseMessages(
  tx: Transaction,
  { creatorId }: Tenant,
  userId: string,
): Promise<number> {
  const named = (column: Sql) =>
    join(
      formsOf(userId).map((form) => sql`position(${form}::bytea in ${column}) > 0`),
      ' or ',
    )
  const letters = await tx.query<{ id: number }>(sql`
    select id from dead_letters where creator_id = ${creatorId} and (${named(sql`raw`)})`)
  const deliveries = await tx.query<{ id: number }>(sql`
    select id from deliveries where creator_id = ${creatorId} and (${named(sql`body`)})`)
  let erased = 0
  // One at a time: a message may be large, and there may be many.
  for (const { id } of letters) {
    const [row] = await tx.query<{ raw: Uint8Array }>(
      sql`select raw from dead_letters where id = ${id}::bigint`,
    )
    if (!row || !mentions(row.raw, userId)) continue
    await tx.query(sql`delete from dead_letters where id = ${id}::bigint`)
    erased++
  }
  for (const { id } of deliveries) {
    const [row] = await tx.query<{ body: Uint8Array }>(
      sql`select body from deliveries where id = ${id}::bigint and body is not null`,
    )
    if (!row || !mentions(row.body, userId)) continue
    // Its id stays: the same delivery that comes again must not bring the person back.
    await tx.query(sql`
      update deliveries set body = null, done_at = clock_timestamp() where id = ${id}::bigint`)
    erased++
  }
  return erased
}
