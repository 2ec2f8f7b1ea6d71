import type { Queryable, TenantRead, TenantReads } from '@creatorflow/db/database'
import { raw, type Sql, sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { NumberedEvent } from '@creatorflow/shared/numbered-event'
import type { RecountProblem } from '@creatorflow/shared/recounting'
import { eventColumns, fromDatabase, numbered } from './event-row.ts'
import { afterDropped, type LogBase } from './log-base.ts'
import { baseOf, keptSinceMs, readKeptSince } from './read-base.ts'
import { percentDone, waitsForEnd } from './recount-note.ts'

/** Events per read: a larger page blocks everything else in the process, or in the embedded database. */
const PAGE_EVENTS = { embedded: 2_000, server: 5_000 } as const

/** A position in a log, and which log it is. */
export interface LogHead {
  readonly creator_id: string
  readonly seq: number
  readonly generation: number
  readonly database_id: string
  /** Id of the event at the requested position; null if it is not cheap to get. */
  readonly id_there?: string | null
}

/** Consecutive events, and the head at that moment. */
export interface LogPage {
  readonly head: LogHead
  /** Empty only if there is none after the requested position. */
  readonly events: readonly NumberedEvent[]
  /** False if the tail no longer has them. */
  readonly isFromTail: boolean
  /** Older events are no longer in the log at that moment; epoch ms. */
  readonly keptSince: number
  /** Numbers up to here may be missing, for readers that have their events in their state. */
  readonly holesUntil: number
}

/** From `counters c`. */
export const headColumns = sql`c.creator_id, c.seq, c.generation,
  (select id::text from database_identity) as database_id`

/** A head, whether LIVEs wait to be recounted, and the event at the reader's position. */
export interface PolledHead extends LogHead {
  readonly recounting: 'waiting' | RecountProblem | null
  /** Progress of a recount, 0 to 100; null while none is running. */
  readonly recounted_percent: number | null
}

/** The head of each existing log, in one statement; `positions` are where their readers are. */
export function readHeads(
  database: Queryable,
  positions: ReadonlyMap<string, { readonly seq: number }>,
): Promise<PolledHead[]> {
  const seqs = [...positions.values()].map(({ seq }) => seq)
  return database.query<PolledHead>(sql`
    select ${headColumns}, t.event ->> 'id' as id_there,
      case when r.creator_id is not null then coalesce(r.problem, 'waiting') end as recounting,
      ${percentDone} as recounted_percent
    from unnest(${[...positions.keys()]}::text[], ${seqs}::bigint[]) p (creator_id, seq)
    join counters c on c.creator_id = p.creator_id
    left join tail t on t.creator_id = p.creator_id and t.seq = p.seq
    left join resettle r on r.creator_id = c.creator_id and not coalesce(${waitsForEnd}, false)`)
}

/**
 * The next events after `seq`: from the tail, or from the log itself if the tail was trimmed. Head and events
 * come from one statement, so events of another generation are never taken for this one's. Undefined if the
 * creator has no log. With `base`, the reader started there: missing numbers are skipped, and what the base
 * knows better is left out of the events.
 */
export async function readPage(
  database: TenantReads,
  tenant: Tenant,
  seq: number,
  base?: LogBase,
): Promise<LogPage | undefined> {
  // The tail may still have dropped events, which the base already has.
  if (base && seq < base.holesUntil) return readPastHoles(database, tenant, seq, base)
  const tail = await pageOf(
    database,
    tenant,
    sql`select seq as at, event from tail
      where ${pageAfter(database, tenant, seq)}
        and exists (select from tail where creator_id = ${tenant.creatorId} and seq = ${seq}::bigint + 1)`,
    sql`select event ->> 'id' from tail
      where creator_id = ${tenant.creatorId} and seq = ${seq}::bigint`,
    (row) => row.event as NumberedEvent,
    true,
  )
  if (!tail || tail.head.seq <= seq) return tail
  // Rows leave the tail by age, which is not quite the order of numbers: there may be holes at its end.
  const events = consecutive(tail.events, seq)
  if (events.length > 0) return { ...tail, events }
  const page = await readLogPage(database, tenant, seq)
  return page && { ...page, events: consecutive(page.events, seq) }
}

/** The events of the log itself after `seq`, in order, one page; an empty one means the end. */
export async function readLog(
  database: TenantReads,
  tenant: Tenant,
  seq: number,
): Promise<readonly NumberedEvent[]> {
  return (await readLogPage(database, tenant, seq))?.events ?? []
}

const consecutive = (events: readonly NumberedEvent[], seq: number) =>
  events.filter((event, index) => event.seq === seq + 1 + index)

async function readPastHoles(
  database: TenantReads,
  tenant: Tenant,
  seq: number,
  base: LogBase,
): Promise<LogPage | undefined> {
  let page = await readLogPage(database, tenant, seq)
  if (page?.events.length === 0) {
    const [next] = await database.readAs(tenant, (read) =>
      read.query<{ seq: number | null }>(sql`
        select min(seq) as seq from events
        where creator_id = ${tenant.creatorId} and seq > ${seq}::bigint`),
    )
    if (typeof next?.seq === 'number') page = await readLogPage(database, tenant, next.seq - 1)
  }
  if (!page) return undefined
  const events = page.events.map((event) => afterDropped(event, base.newest))
  // Checked afterwards: a dropped chunk is missing at once, even where the mark is of an earlier moment.
  return { ...page, events, keptSince: await readKeptSince(database, tenant) }
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
    sql`select id from events where creator_id = ${tenant.creatorId} and seq = ${seq}::bigint`,
    (row) => numbered({ ...fromDatabase(row), seq: row.at as number }),
    false,
  )
}

/** The events after `seq` within a time range, one page of numbers, and the number it goes up to. */
export async function readRange(
  database: TenantReads,
  tenant: Tenant,
  seq: number,
  { since, before }: { readonly since: number; readonly before: number },
): Promise<{ events: readonly NumberedEvent[]; until: number }> {
  const statement = sql`
    select seq, ${logColumns} from events
    where ${pageAfter(database, tenant, seq)}
      and ts >= ${new Date(since).toISOString()}::timestamptz
      and ts < ${new Date(before).toISOString()}::timestamptz
    order by seq`
  const rows = await database.readAs(tenant, (read) => read.query(statement))
  const events = rows.map((row) => numbered(fromDatabase(row)))
  return { events, until: seq + pageOfNumbers(database) }
}

const pageOfNumbers = ({ edition }: TenantReads): number =>
  PAGE_EVENTS[edition === 'embedded' ? 'embedded' : 'server']

/** A range of numbers, not a LIMIT: numbers have no holes, so no plan reads more than the page. */
function pageAfter(database: TenantReads, { creatorId }: Tenant, seq: number): Sql {
  const last = seq + pageOfNumbers(database)
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
  'revision',
])
/** What a fold reads of an event, besides its number. */
export const logColumns = raw(eventColumns.filter((column) => !notFolded.has(column)).join(', '))

async function pageOf(
  database: TenantReads,
  tenant: Tenant,
  events: Sql,
  idThere: Sql,
  toEvent: (row: Record<string, unknown>) => NumberedEvent,
  isFromTail: boolean,
): Promise<LogPage | undefined> {
  const statement = sql`
    select ${headColumns}, (${idThere}) as id_there, b.holes_until, ${keptSinceMs} as kept_since, e.*
    from counters c left join lateral ${baseOf} b on true left join lateral (${events}) e on true
    where c.creator_id = ${tenant.creatorId}
    order by e.at`
  const rows = await database.readAs(tenant, (read) => read.query(statement))
  const [first] = rows
  if (!first) return undefined
  // Safe: the columns of the head, the same in every row.
  const { creator_id, seq, generation, database_id, id_there, holes_until, kept_since } =
    first as unknown as LogHead & { holes_until: number | null; kept_since: number }
  return {
    head: { creator_id, seq, generation, database_id, id_there: id_there ?? null },
    events: first.at === null ? [] : rows.map(toEvent),
    isFromTail,
    keptSince: kept_since,
    holesUntil: holes_until ?? 0,
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
      select seq, ${logColumns} from events
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
