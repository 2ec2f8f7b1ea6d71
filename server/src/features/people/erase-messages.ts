import type { Transaction } from '@creatorflow/db/database'
import { type Sql, sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { formsOf, mentions } from './mentions.ts'

/**
 * Deletes messages of sources that name a person by any of these: dead letters, and the bodies of waiting
 * ones. They are deleted whole, because nobody can say what else in an unknown message identifies the person.
 * Returns how many.
 */
export async function eraseMessages(
  tx: Transaction,
  { creatorId }: Tenant,
  identifiers: readonly string[],
): Promise<number> {
  const forms = identifiers.flatMap(formsOf)
  const named = (column: Sql) => sql`exists (
    select 1 from unnest(${forms.map((form) => form.toString('hex'))}::text[]) form
    where position(decode(form, 'hex') in ${column}) > 0)`
  const namesAny = (message: Uint8Array) => identifiers.some((one) => mentions(message, one))
  const letters = await tx.query<{ id: number }>(sql`
    select id from dead_letters where creator_id = ${creatorId} and (${named(sql`raw`)})`)
  const deliveries = await tx.query<{ id: number }>(sql`
    select id from deliveries where creator_id = ${creatorId} and (${named(sql`body`)})`)
  let erased = 0
  // One at a time: messages may be large and many.
  for (const { id } of letters) {
    const [row] = await tx.query<{ raw: Uint8Array }>(
      sql`select raw from dead_letters where id = ${id}::bigint`,
    )
    if (!row || !namesAny(row.raw)) continue
    await tx.query(sql`delete from dead_letters where id = ${id}::bigint`)
    erased++
  }
  for (const { id } of deliveries) {
    const [row] = await tx.query<{ body: Uint8Array }>(
      sql`select body from deliveries where id = ${id}::bigint and body is not null`,
    )
    if (!row || !namesAny(row.body)) continue
    // Its id stays: a repeated delivery must not bring the person back.
    await tx.query(sql`
      update deliveries set body = null, done_at = clock_timestamp() where id = ${id}::bigint`)
    erased++
  }
  return erased
}
