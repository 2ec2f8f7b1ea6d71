import type { Queryable, TenantReads } from '@creatorflow/db/database'
import { raw, type Sql, sql } from '@creatorflow/db/sql'
import type { Tenant, TenantRead } from '@creatorflow/db/tenant'
import type { NumberedEvent } from '@creatorflow/shared/numbered-event'
import { eventColumns, fromDatabase, numbered } from '../pipeline/event-row.ts'

/** Events of one read: a larger page holds up everything else of the process, or of the embedded database. */
const PAGE_EVENTS = { embedded: 2_000, server: 5_000 } as const

/** Where a log stands, and which log it is. */
export interface LogHead {
  readonly creator_id: string
  readonly seq: number
  readonly generation: number
  readonly database_id: string
}

/** Events that follow each other, and the head at that very moment. */
export interface LogPage {
  readonly head: LogHead
  /** Empty only when there is none after the position asked for. */
  readonly events: readonly NumberedEvent[]
  /** False when the tail has them no longer. */
  readonly isFromTail: boolean
}

/** Of `counters c`. */
export const headColumns = sql`c.creator_id, c.seq, c.generation,
  (select id::text from database_identity) as database_id`

/** The head of each log that exists, in one statement. */
export function readHeads(database: Queryable, creatorIds: readonly string[]): Promise<LogHead[]> {
  return database.query<LogHead>(sql`
    select ${headColumns} from counters c where c.creator_id = any(${creatorIds}::text[])`)
}

/**
 * The next events after `seq`: from the tail, or from the log itself when the tail was trimmed. Head and
 * events are of one statement, so that events of another generation are never taken for this one's.
 * Undefined when the creator has no log.
 */
export async function readPage(
  database: TenantReads,
  tenant: Tenant,
  seq: number,
): Promise<LogPage | undefined> {
  const tail = await pageOf(
    database,
    tenant,
    sql`select seq as at, event from tail
      where ${pageAfter(database, tenant, seq)}
        and exists (select from tail where creator_id = ${tenant.creatorId} and seq = ${seq}::bigint + 1)`,
    (row) => row.event as NumberedEvent,
    true,
  )
  if (!tail || tail.head.seq <= seq) return tail
  // Rows leave the tail by age, which is not quite the order of numbers: there may be holes at its end.
  const events = tail.events.filter((event, index) => event.seq === seq + 1 + index)
  if (events.length > 0) return { ...tail, events }
  return readLogPage(database, tenant, seq)
}

/** The events of the log itself after `seq`, in order, one page; an empty one means the end. */
export async function readLog(
  database: TenantReads,
  tenant: Tenant,
  seq: number,
): Promise<readonly NumberedEvent[]> {
  return (await readLogPage(database, tenant, seq))?.events ?? []
}

function readLogPage(
  database: TenantReads,
  tenant: Tenant,
  seq: number,
): Promise<LogPage | undefined> {
  return pageOf(
    database,
    tenant,
    sql`select seq as at, ${logColumns} from events
      where ${pageAfter(database, tenant, seq)}`,
    (row) => numbered({ ...fromDatabase(row), seq: row.at as number }),
    false,
  )
}

/** A range of numbers, not a LIMIT: numbers have no holes, and no plan can then read more than the page. */
function pageAfter({ edition }: TenantReads, { creatorId }: Tenant, seq: number): Sql {
  const last = seq + PAGE_EVENTS[edition === 'embedded' ? 'embedded' : 'server']
  return sql`creator_id = ${creatorId} and seq > ${seq}::bigint and seq <= ${last}::bigint`
}

const notFolded: ReadonlySet<string> = new Set([
  // The head has these two under the same name.
  'creator_id',
  'seq',
  'received_at',
  'channel',
  'traffic_source',
  'order_id',
  'sku_id',
  'customer_id',
  'video_id',
  'given',
])
const logColumns = raw(eventColumns.filter((column) => !notFolded.has(column)).join(', '))

async function pageOf(
  database: TenantReads,
  tenant: Tenant,
  events: Sql,
  toEvent: (row: Record<string, unknown>) => NumberedEvent,
  isFromTail: boolean,
): Promise<LogPage | undefined> {
  const statement = sql`
    select ${headColumns}, e.*
    from counters c left join lateral (${events}) e on true
    where c.creator_id = ${tenant.creatorId}
    order by e.at`
  const rows = await database.readAs(tenant, (read) => read.query(statement))
  const [first] = rows
  if (!first) return undefined
  // Safe: the columns of `headColumns`, the same in every row.
  const { creator_id, seq, generation, database_id } = first as unknown as LogHead
  return {
    head: { creator_id, seq, generation, database_id },
    events: first.at === null ? [] : rows.map(toEvent),
    isFromTail,
  }
}

/** The events of one LIVE after `seq`, in order, about one page; an empty one means the end. */
export function readLive(
  database: TenantReads,
  tenant: Tenant,
  sessionId: string,
  seq: number,
): Promise<NumberedEvent[]> {
  const ofLive = sql`creator_id = ${tenant.creatorId} and session_id = ${sessionId}`
  // A range of numbers: a LIMIT behind a view would sort the rest of the LIVE for each page.
  const pageFrom = (read: TenantRead, first: number) =>
    read.query(sql`
      select ${raw(eventColumns.join(', '))} from events
      where ${ofLive} and seq >= ${first}::bigint and seq < ${first + PAGE_EVENTS.embedded}::bigint
      order by seq`)
  return database.readAs(tenant, async (read) => {
    let rows = await pageFrom(read, seq + 1)
    if (rows.length === 0) {
      // Between two events of a LIVE there may be any number of others.
      const [next] = await read.query<{ seq: number | null }>(
        sql`select min(seq) as seq from events where ${ofLive} and seq > ${seq}::bigint`,
      )
      if (typeof next?.seq === 'number') rows = await pageFrom(read, next.seq)
    }
    return rows.map((row) => numbered(fromDatabase(row)))
  })
}
