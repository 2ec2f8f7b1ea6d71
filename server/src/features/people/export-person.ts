import type { TenantRead, TenantReads } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { readRecounting } from '../../pipeline/recount-notes.ts'
import { projections } from '../../projections/index.ts'

/** Rows per read, so a person with many events blocks nobody. */
const PAGE_ROWS = 1_000

/** One line of the file: its kind, and every column with a value. */
export type ExportedLine = { readonly kind: string } & Record<string, unknown>

/**
 * Everything kept of one viewer or customer: name, texts, then events in log order. First, whether late
 * events wait: LIVEs and pins of events may then change.
 */
export async function* exportPerson(
  database: TenantReads,
  tenant: Tenant,
  userId: string,
): AsyncGenerator<ExportedLine> {
  const recounting = await database.readAs(tenant, (read) => readRecounting(read, tenant))
  if (recounting) yield* lines('recounting', [recounting])
  for (const { exported } of projections) {
    if (!exported) continue
    let last: object | undefined
    do {
      const rows = await database.readAs(tenant, (read) =>
        exported.page(read, userId, last, PAGE_ROWS),
      )
      yield* lines(exported.kind, rows)
      last = rows.length === PAGE_ROWS ? rows.at(-1) : undefined
    } while (last)
  }
  let seq = 0
  for (let page = PAGE_ROWS; page === PAGE_ROWS; ) {
    const rows = await database.readAs(tenant, (read) => selectEvents(read, userId, seq))
    yield* lines('event', rows)
    page = rows.length
    seq = rows.at(-1)?.seq ?? seq
  }
}

function lines(kind: string, rows: readonly object[]): ExportedLine[] {
  return rows.map((row) => ({
    kind,
    ...Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)),
  }))
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
