import type { Queryable } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { NumberedEvent } from '@creatorflow/shared/numbered-event'
import { type EventRow, fromDatabase } from '../src/eventlog/event-row.ts'

/** The whole log of a creator, in order. */
export async function logOf(database: Queryable, creatorId: string): Promise<EventRow[]> {
  const rows = await database.query(
    sql`select * from events where creator_id = ${creatorId} order by seq`,
  )
  return rows.map(fromDatabase)
}

/** The row of one event, which must exist once. */
export async function rowOf(database: Queryable, creatorId: string, id: string): Promise<EventRow> {
  const rows = (await logOf(database, creatorId)).filter((row) => row.id === id)
  if (rows.length !== 1 || !rows[0]) throw new Error(`${id} is ${rows.length} times in the log`)
  return rows[0]
}

export async function tailOf(database: Queryable, creatorId: string): Promise<NumberedEvent[]> {
  const rows = await database.query<{ event: NumberedEvent }>(
    sql`select event from tail where creator_id = ${creatorId} order by seq`,
  )
  return rows.map(({ event }) => event)
}
