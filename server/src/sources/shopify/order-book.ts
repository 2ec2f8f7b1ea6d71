import type { Database, Transaction } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { IncomingEvent } from '@creatorflow/shared/events'
import type { SourceRow } from '../runtime/source.ts'
import { emptyLedger, type Ledger, tell } from './ledger.ts'
import { asUnreadable, type Normalised, read, reversalsOf } from './normalise.ts'

/** Orders settled in one round. */
const AT_ONCE = 100

/** The events of one delivery, with what earlier ones said of the same order. */
export async function eventsOf(
  database: Database,
  source: SourceRow,
  topic: string,
  body: Uint8Array,
): Promise<Normalised> {
  const told = read(topic, body)
  if (told.kind !== 'order') return told
  try {
    const { events } = await withOrder(database, source, told.orderId, told.account)
    return { kind: 'events', events }
  } catch (error) {
    return asUnreadable(error)
  }
}

/**
 * Changes what is known of an order, one delivery after another however many come at once, and returns the
 * result of `work`. If `work` throws, nothing changes.
 */
function withOrder<T extends { readonly known: Ledger }>(
  database: Database,
  { id, creator_id }: SourceRow,
  orderId: string,
  work: (known: Ledger) => T,
): Promise<T> {
  const own = sql`source_id = ${id}::uuid and order_id = ${orderId}`
  return database.transaction(async (tx) => {
    await tx.query(sql`
      insert into shop_orders (source_id, creator_id, order_id) values (${id}::uuid, ${creator_id}, ${orderId})
      on conflict do nothing`)
    const [row] = await tx.query<{ told: Partial<Ledger> }>(
      sql`select told from shop_orders where ${own} for update`,
    )
    const before = { ...emptyLedger, ...row?.told }
    const result = work(before)
    const isTold = result.known.snapshots.some(({ isPaid }) => isPaid)
    await tx.query(sql`
      update shop_orders set told = ${JSON.stringify(result.known)}::jsonb, is_settled = is_settled or ${isTold}::boolean,
        changed_at = clock_timestamp()
      where ${own}`)
    return result
  })
}

/**
 * Settles refunds whose order did not arrive in this time, as those of orders from before the connection: the
 * shop's newest order says whether their amounts include tax. Nothing while the shop has sent no order.
 */
export async function settleAlone(
  database: Database,
  source: SourceRow,
  waitMs: number,
  deliver: (events: readonly IncomingEvent[]) => Promise<unknown>,
): Promise<void> {
  const waiting = await database.query<{ order_id: string }>(sql`
    select order_id from shop_orders
    where source_id = ${source.id}::uuid and not is_settled
      and changed_at < clock_timestamp() - make_interval(secs => ${waitMs / 1_000}::float8)
    order by changed_at limit ${AT_ONCE}::int`)
  if (waiting.length === 0) return
  const [newest] = await database.query<{ included: boolean }>(sql`
    select (told -> 'snapshots' -> 0 ->> 'taxesIncluded')::boolean as included from shop_orders
    where source_id = ${source.id}::uuid and jsonb_array_length(told -> 'snapshots') > 0
    order by changed_at desc limit 1`)
  if (!newest) return
  for (const { order_id } of waiting) {
    const { events } = await withOrder(database, source, order_id, (before) => {
      const known = tell(before, { refunds: [], assumedTaxesIncluded: newest.included })
      return { known, events: reversalsOf(order_id, known) }
    })
    // Settled once they are stored: until then the same is delivered again.
    await deliver(events)
    await database.query(sql`
      update shop_orders set is_settled = true where source_id = ${source.id}::uuid and order_id = ${order_id}`)
  }
}

/** Deletes orders without news for this long. */
export async function forgetOrders(database: Database, keptDays: number): Promise<void> {
  await database.query(
    sql`delete from shop_orders where changed_at < now() - make_interval(days => ${keptDays}::int)`,
  )
}

/** Deletes what is known of these orders. Later news of them counts as of new ones. */
export async function eraseOrders(
  tx: Transaction,
  { creatorId }: Tenant,
  orderIds: readonly string[],
): Promise<void> {
  await tx.query(sql`
    delete from shop_orders where creator_id = ${creatorId} and order_id = any(${orderIds}::text[])`)
}
