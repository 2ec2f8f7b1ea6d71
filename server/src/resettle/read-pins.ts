import type { Queryable } from '@creatorflow/db/database'
import { type Sql, sql } from '@creatorflow/db/sql'
import type { PinRow } from '../projections/pins.ts'

/** The stored pins of a creator to which `where` applies. */
export async function readPins(
  database: Queryable,
  creatorId: string,
  where: Sql,
): Promise<PinRow[]> {
  const rows = await database.query<Omit<PinRow, 'at'> & { at: Date }>(sql`
    select creator_id, session_id, at, id, product_id from pin_marks
    where creator_id = ${creatorId} and ${where}`)
  return rows.map((row) => ({ ...row, at: row.at.getTime() }))
}
