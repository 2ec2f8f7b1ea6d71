import type { Transaction } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { holdsAny } from '../../projections/holds-any.ts'
import type { Identifiers, Person } from '../../projections/identifiers.ts'
import { isOwn, redactedEvent, type Telling } from './redact.ts'

const ROWS_A_TIME = 1_000

interface LogRow extends Telling {
  readonly seq: number
  readonly ts: string
}

/**
 * Renames a person in the log: in their own events, in those of their orders, and where others mention them.
 * Returns how many were theirs, how many changed, and the ids of renamed events.
 */
export async function eraseInLog(
  tx: Transaction,
  { creatorId }: Tenant,
  person: Person,
  identifiers: Identifiers,
): Promise<{ own: number; changed: number; eventIds: ReadonlyMap<string, string> }> {
  const orders = [...person.orders.keys()]
  const eventIds = new Map<string, string>()
  let own = 0
  let changed = 0
  for (let after = 0, page = ROWS_A_TIME; page === ROWS_A_TIME; ) {
    const rows = await tx.query<LogRow>(sql`
      select seq, ts::text as ts, id, user_id, customer_id, order_id, properties from events
      where creator_id = ${creatorId} and seq > ${after}::bigint and (
        user_id = ${person.userId} or customer_id = ${person.userId} or order_id = any(${orders}::text[])
        or ${holdsAny(sql`properties::text`, identifiers.needles)})
      order by seq limit ${ROWS_A_TIME}::int`)
    page = rows.length
    after = rows.at(-1)?.seq ?? after
    const redacted = rows.flatMap((row) => {
      if (isOwn(row, person)) own++
      const now = redactedEvent(row, person, identifiers)
      if (now.id !== row.id) eventIds.set(row.id, now.id)
      return JSON.stringify(now) === JSON.stringify(row) ? [] : [now]
    })
    changed += redacted.length
    await writeRows(tx, creatorId, redacted)
  }
  return { own, changed, eventIds }
}

async function writeRows(
  tx: Transaction,
  creatorId: string,
  rows: readonly LogRow[],
): Promise<void> {
  if (rows.length === 0) return
  await tx.query(sql`
    update events e set id = t.id, user_id = t.user_id, customer_id = t.customer_id,
      order_id = t.order_id, properties = t.properties
    from json_to_recordset(${JSON.stringify(rows)}::json) as t (
      seq bigint, ts timestamptz, id text, user_id text, customer_id text, order_id text, properties jsonb)
    where e.creator_id = ${creatorId} and e.seq = t.seq and e.ts = t.ts`)
}
