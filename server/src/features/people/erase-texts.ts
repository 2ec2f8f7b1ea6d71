import type { Transaction } from '@creatorflow/db/database'
import { raw, sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { holdsAny } from '../../projections/holds-any.ts'
import type { Identifiers, Person } from '../../projections/identifiers.ts'
import { redactedLetter } from './redact.ts'

/** Events set aside: of the person only counted values stay, of others all but mentions. */
export async function eraseInLetters(
  tx: Transaction,
  { creatorId }: Tenant,
  person: Person,
  identifiers: Identifiers,
): Promise<void> {
  const ids = [...identifiers.needles, ...person.orders.keys()]
  const found = await tx.query<{
    id: number
    reason: string
    key: string | null
    event: Record<string, unknown> | null
  }>(sql`
    select id, reason, key, event from dead_letters where creator_id = ${creatorId}
      and ${holdsAny(sql`concat_ws(' ', reason, key, topic, event::text)`, ids)}`)
  for (const { id, reason, key, event } of found) {
    const after = event && redactedLetter(event, person, identifiers)
    await tx.query(sql`
      update dead_letters set event = ${after && JSON.stringify(after)}::jsonb,
        reason = ${identifiers.redact(reason)}, key = ${key && identifiers.redactId(key)}
      where id = ${id}::bigint`)
  }
}

/** Where an operator may have written the person's name, or a source mentioned them. */
const notes = [
  { table: 'audit_log', columns: ['target', 'details'] },
  { table: 'sources', columns: ['problem', 'problem_detail', 'unknown', 'cursor'] },
  { table: 'deliveries', columns: ['last_problem'] },
  { table: 'alert_deliveries', columns: ['items', 'tries'] },
] as const
const json: readonly string[] = ['details', 'unknown', 'cursor', 'items', 'tries']

/** Notes about actions and errors. Called last: what is written before it is covered too. */
export async function eraseInNotes(
  tx: Transaction,
  { creatorId }: Tenant,
  { redact, redactValue, needles }: Identifiers,
): Promise<void> {
  for (const { table, columns } of notes) {
    for (const name of columns) {
      const column = raw(name)
      const rows = await tx.query<{ id: string; value: string }>(sql`
        select id::text as id, ${column}::text as value from ${raw(table)}
        where creator_id = ${creatorId} and ${column} is not null
          and ${holdsAny(sql`${column}::text`, needles)}`)
      for (const { id, value } of rows) {
        const isJson = json.includes(name)
        const after = isJson ? JSON.stringify(redactValue(JSON.parse(value))) : redact(value)
        const type = raw(isJson ? 'jsonb' : 'text')
        await tx.query(sql`
          update ${raw(table)} set ${column} = ${after}::${type} where id::text = ${id}`)
      }
    }
  }
}
