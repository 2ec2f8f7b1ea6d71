import type { TenantRead, TenantReads } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { readRecounting } from '../../pipeline/recount-notes.ts'

/** Rows of one read, so that a person with many events holds up nobody. */
const PAGE_ROWS = 1_000

/** One line of the file: what it is, and every column of it that has a value. */
export type ExportedLine = {
  readonly kind: 'recounting' | 'person' | 'comment' | 'event'
} & Record<string, unknown>

/**
 * Everything that is kept of one viewer or customer: name, words, then events in the order of the log. Before all that,
 * whether late events wait: LIVEs and pins of events may then change.
 */
export async function* exportPerson(
  database: TenantReads,
  tenant: Tenant,
  userId: string,
): AsyncGenerator<ExportedLine> {
  const recounting = await database.readAs(tenant, (read) => readRecounting(read, tenant))
  if (recounting) yield* lines('recounting', [recounting])
  yield* lines('person', await database.readAs(tenant, (read) => selectPerson(read, userId)))
  let after = { ts: '-infinity', id: '' }
  for (let page = PAGE_ROWS; page === PAGE_ROWS; ) {
    const rows = await database.readAs(tenant, (read) => selectComments(read, userId, after))
    yield* lines('comment', rows)
    page = rows.length
    const last = rows.at(-1)
    if (last) after = { ts: last.ts.toISOString(), id: last.event_id }
  }
  let seq = 0
  for (let page = PAGE_ROWS; page === PAGE_ROWS; ) {
    const rows = await database.readAs(tenant, (read) => selectEvents(read, userId, seq))
    yield* lines('event', rows)
    page = rows.length
    seq = rows.at(-1)?.seq ?? seq
  }
}

function lines(kind: ExportedLine['kind'], rows: readonly object[]): ExportedLine[] {
  return rows.map((row) => ({
    kind,
    ...Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)),
  }))
}

function selectPerson(read: TenantRead, userId: string): Promise<object[]> {
  return read.query(sql`
    select user_id, handle, name, avatar, seen_at from people where user_id = ${userId}`)
}

function selectComments(
  read: TenantRead,
  userId: string,
  after: { readonly ts: string; readonly id: string },
): Promise<{ ts: Date; event_id: string }[]> {
  return read.query<{ ts: Date; event_id: string }>(sql`
    select event_id, session_id, ts, text from comments
    where user_id = ${userId}
      and (date_trunc('milliseconds', ts), event_id) > (${after.ts}::timestamptz, ${after.id}::text)
    order by date_trunc('milliseconds', ts), event_id limit ${PAGE_ROWS}::int`)
}

function selectEvents(
  read: TenantRead,
  userId: string,
  after: number,
): Promise<{ readonly seq: number }[]> {
  return read.query<{ seq: number }>(sql`
    select seq, ts, received_at, id, revision, type, session_id, channel, traffic_source, order_id, product_id,
      sku_id, customer_id, user_id, video_id, pin_id, amount, currency, quantity, properties
    from events
    where (user_id = ${userId} or customer_id = ${userId}) and seq > ${after}::bigint
    order by seq limit ${PAGE_ROWS}::int`)
}
