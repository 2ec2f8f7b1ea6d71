import type { Database, Queryable } from '@creatorflow/db/database'
import { raw, type Sql, sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { type EventRow, eventColumns, fromDatabase } from '../eventlog/event-row.ts'
import { settlingProperties } from '../eventlog/stored-event.ts'

/** A log as it was up to a number, and how much of it is read at once. */
export interface LogPart {
  readonly database: Database
  readonly tenant: Tenant
  readonly until: number
  /** Numbers up to here may be missing, because their events were dropped; 0 if none was. */
  readonly holesUntil: number
  readonly pageEvents: number
}

/** The order of reading a log. Ids are compared bytewise: an order that no arrival can change. */
export type PageOrder = 'to_attribute' | 'to_count'

/** Which rows, of what and in which order. */
export interface PageOptions {
  readonly order: PageOrder
  readonly columns: Sql
  /** Only these rows; all if not given. */
  readonly where?: Sql
  /** Up to which number. */
  readonly until: number
  readonly events: number
}

interface Place {
  readonly ts: number
  readonly id: string
  readonly seq: number
  readonly is_end: boolean
}

// An end covers no event of its own time, whichever came first.
const afterEnd = sql`(type <> 'live_ended')`
const orders = {
  to_attribute: sql`ts, ${afterEnd}, id collate "C", seq`,
  to_count: sql`ts, id collate "C", seq`,
}

/** The rows of a log in order of time, page by page. All rows of an id, its revisions, are in one page. */
export async function* pagesByTime(
  database: Queryable,
  tenant: Tenant,
  options: PageOptions,
): AsyncGenerator<EventRow[]> {
  let held: EventRow[] = []
  let last: Place | undefined
  for (;;) {
    const rows = await pageAfter(database, tenant, last, options)
    const isLast = rows.length < options.events
    const all = [...held, ...rows]
    const end = all.at(-1)
    if (!end) return
    const isOfLast = ({ ts, id }: EventRow) => ts === end.ts && id === end.id
    const ready = isLast ? all.length : all.findIndex(isOfLast)
    held = all.slice(ready)
    if (ready > 0) yield all.slice(0, ready)
    if (isLast) return
    last = { ...end, is_end: end.type === 'live_ended' }
  }
}

async function pageAfter(
  database: Queryable,
  { creatorId }: Tenant,
  last: Place | undefined,
  { order, columns, where = sql`true`, until, events }: PageOptions,
): Promise<EventRow[]> {
  const rows = await database.query(sql`
    select ${columns} from events
    where creator_id = ${creatorId} and seq <= ${until}::bigint and ${where}
      and ${last ? after(last, order) : sql`true`}
    order by ${orders[order]} limit ${events}::int`)
  return rows.map(fromDatabase)
}

function after({ ts, id, seq, is_end }: Place, order: PageOrder): Sql {
  const at = sql`${new Date(ts).toISOString()}::timestamptz`
  const place =
    order === 'to_count'
      ? sql`(id collate "C", seq) > (${id}::text, ${seq}::bigint)`
      : sql`(${afterEnd}, id collate "C", seq) > (${!is_end}::boolean, ${id}::text, ${seq}::bigint)`
  // The first condition is for the index.
  return sql`ts >= ${at} and (ts > ${at} or ${place})`
}

const { types, keys } = settlingProperties
const list = (names: readonly string[]) => names.map((name) => `'${name}'`).join(', ')

/** A row as far as settling needs it and a rewrite keeps it. */
export const rowColumns = raw(
  eventColumns
    .map((column) =>
      column === 'properties'
        ? `case when type in (${list(types)}) or properties ? 'unattributed' then (
             select jsonb_object_agg(key, value) from jsonb_each(properties) where key in (${list(keys)})
           ) end as properties`
        : column,
    )
    .join(', '),
)

/** The part of a row that decides its LIVE. */
export const placeColumns = raw(
  `creator_id, seq, ts, received_at, id, type, session_id, attribution, order_id, product_id,
   case when properties ? 'unattributed' then jsonb_build_object('unattributed', properties -> 'unattributed') end as properties`,
)

/** The rows of a log in order of numbers, page by page; some numbers may be missing. */
export async function* rowsByNumber(
  database: Queryable,
  { creatorId }: Tenant,
  { columns, where = sql`true`, until, events }: Omit<PageOptions, 'order'>,
): AsyncGenerator<EventRow[]> {
  for (let last = 0; ; ) {
    const rows = await database.query(sql`
      select ${columns} from events
      where creator_id = ${creatorId} and ${where}
        and seq > ${last}::bigint and seq <= ${until}::bigint
      order by seq limit ${events}::int`)
    const page = rows.map(fromDatabase)
    if (page.length > 0) yield page
    if (page.length < events) return
    last = page.at(-1)?.seq ?? until
  }
}

/** The rows after a number, in order of numbers, at most so many. */
export async function rowsAfter(
  database: Queryable,
  { creatorId }: Tenant,
  seq: number,
  events: number,
): Promise<EventRow[]> {
  const rows = await database.query(sql`
    select ${rowColumns} from events
    where creator_id = ${creatorId} and seq > ${seq}::bigint and seq <= ${seq + events}::bigint
    order by seq`)
  return rows.map(fromDatabase)
}
