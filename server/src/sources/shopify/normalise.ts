import type { IncomingEvent } from '@creatorflow/shared/events'
import type { z } from 'zod'
import { parseExactJson } from '../exact-json.ts'
import { eventsOfOrder, type OrderEvent, type OrderLine } from '../orders/order-life.ts'
import { amountOfLine, isSale, NoMoney, paidBack } from './amounts.ts'
import {
  fulfillmentPayload,
  inventoryPayload,
  type OrderPayload,
  orderPayload,
  type PaidLine,
  type RefundPayload,
  refundPayload,
} from './payload.ts'

/** What a delivery says: the events of it, that its topic is none of ours, or why it cannot be understood. */
export type Normalised =
  | { readonly kind: 'events'; readonly events: readonly IncomingEvent[] }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'unreadable'; readonly reason: string }

const common = { source: 'shopify', channel: 'shopify' } as const

/** Topics that make events, and how. */
const topics: Readonly<Record<string, (payload: unknown, topic: string) => IncomingEvent[]>> = {
  'orders/create': ofOrder,
  'orders/paid': ofOrder,
  'orders/cancelled': ofOrder,
  'refunds/create': (payload) => ofRefund(refundPayload.parse(payload)),
  'fulfillments/create': ofFulfillment,
  'fulfillments/update': ofFulfillment,
  'inventory_levels/update': ofInventory,
}

/** The topics that a shop has to send. */
export const shopifyTopics = Object.keys(topics)

/** The events of one delivery. The same thing gives the same ids and contents, whichever delivery tells it. */
export function normalise(topic: string, body: Uint8Array): Normalised {
  if (!Object.hasOwn(topics, topic)) return { kind: 'unknown' }
  let payload: unknown
  try {
    payload = parseExactJson(body)
  } catch {
    // What the parser says quotes the payload, which may name people.
    return unreadable('It is no JSON in UTF-8.')
  }
  try {
    return { kind: 'events', events: topics[topic]?.(unwrapped(payload), topic) ?? [] }
  } catch (error) {
    if (error instanceof NoMoney) return unreadable(error.message)
    if (isIssues(error)) return unreadable(error.issues.slice(0, 3).map(wordsOf).join('; '))
    throw error
  }
}

/** The API puts what a webhook sends bare under its name, and tools that send it again leave it there. */
function unwrapped(payload: unknown): unknown {
  if (typeof payload !== 'object' || payload === null) return payload
  const [only, ...others] = Object.entries(payload)
  const isWrapped =
    only && others.length === 0 && /^(order|refund|fulfillment|inventory_level)$/.test(only[0])
  return isWrapped ? only[1] : payload
}

const unreadable = (reason: string) => ({ kind: 'unreadable', reason }) as const

const isIssues = (error: unknown): error is z.ZodError =>
  error instanceof Error && error.name === 'ZodError' && 'issues' in error

const wordsOf = ({ path, message }: { path: PropertyKey[]; message: string }) =>
  path.length > 0 ? `${path.map(String).join('.')}: ${message}` : message

/** Statuses of an order whose money has come in, whatever became of it later. */
const paidStatuses: readonly string[] = ['paid', 'partially_refunded', 'refunded']

function ofOrder(payload: unknown, topic: string): IncomingEvent[] {
  const order = orderPayload.parse(payload)
  // Made with a test gateway: nobody paid anything.
  if (order.test) return []
  const { currency, customer, cancelled_at } = order
  // An order does not say when it was paid, and the times that it does say must be the same in each delivery.
  const placedAt = order.processed_at ?? order.created_at
  const isPaid = topic === 'orders/paid' || paidStatuses.includes(order.financial_status ?? '')
  return eventsOfOrder({
    ...common,
    id: order.id,
    currency,
    createdAt: placedAt,
    ...(customer?.id !== undefined && { customerId: customer.id }),
    ...(isPaid && { paidAt: placedAt }),
    ...(cancelled_at !== undefined && { cancelledAt: cancelled_at }),
    lines: order.line_items
      .filter((line) => line.quantity > 0 && isSale(line))
      .map((line) => soldLine(line, order)),
  })
}

function soldLine(line: PaidLine, order: OrderPayload): OrderLine {
  return { ...named(line), quantity: line.quantity, amount: amountOfLine(line, order) }
}

function named({ id, product_id, variant_id, title }: PaidLine) {
  return {
    id,
    ...(product_id !== undefined && { productId: product_id }),
    ...(variant_id !== undefined && { skuId: variant_id }),
    ...(title !== undefined && { productName: title }),
  }
}

function ofRefund(refund: RefundPayload): IncomingEvent[] {
  if (refund.transactions.some(({ test }) => test)) return []
  const { created_at: at, refund_line_items: items } = refund
  const money = paidBack(refund)
  const lineOf = (line: PaidLine | undefined) =>
    line ? { line: { ...named(line), quantity: line.quantity, amount: 0 } } : {}
  return eventsOfOrder({
    ...common,
    id: refund.order_id,
    ...(money && { currency: money.currency }),
    lines: [],
    returns: items
      .filter((item) => item.quantity > 0 && cameBack(item.restock_type, refund.restock))
      .map((item) => ({ id: item.id, at, quantity: item.quantity, ...lineOf(item.line_item) })),
    refunds: [
      ...items.map((item, n) => ({
        id: item.id,
        at,
        amount: money?.lines[n] ?? 0,
        ...lineOf(item.line_item),
      })),
      { id: `${refund.id}:beyond`, at, amount: money?.beyond ?? 0 },
    ].filter(({ amount }) => amount > 0),
  })
}

/** Units that were cancelled had never left; of those that are not put back nobody knows whether they came. */
function cameBack(restockType: string | undefined, isRestocked: boolean | undefined): boolean {
  if (restockType === undefined) return isRestocked === true
  return restockType === 'return' || restockType === 'legacy_restock'
}

/** What a carrier says once it has the parcel. */
const onItsWay: readonly string[] = [
  'in_transit',
  'out_for_delivery',
  'attempted_delivery',
  'delivered',
]

function ofFulfillment(payload: unknown): OrderEvent[] {
  const { id, order_id, created_at, updated_at, status, shipment_status } =
    fulfillmentPayload.parse(payload)
  if (status !== 'success') return []
  const isShipped = onItsWay.includes(shipment_status ?? '')
  // When the carrier got it is told nowhere: the time of the parcel is at least the same in each delivery.
  const parcel = {
    id,
    fulfilledAt: created_at,
    ...(isShipped && { shippedAt: created_at }),
    ...(shipment_status === 'delivered' && { deliveredAt: updated_at ?? created_at }),
  }
  return eventsOfOrder({ ...common, id: order_id, lines: [], parcels: [parcel] })
}

/**
 * The stock of an item at one place. Each place is a SKU of the item, so that the item's stock is the sum of its places,
 * of each the latest report. Which product an item belongs to is told by no topic of these, so it stands by itself.
 */
function ofInventory(payload: unknown): IncomingEvent[] {
  const { inventory_item_id, location_id, available, updated_at } = inventoryPayload.parse(payload)
  if (available === undefined) return []
  const sku = `${inventory_item_id}@${location_id}`
  return [
    {
      // With what was told: within one second a place may report twice.
      id: `shopify:stock:${sku}:${updated_at}:${available}`,
      type: 'stock_level',
      ts: updated_at,
      channel: 'shopify',
      product_id: `inventory_item:${inventory_item_id}`,
      sku_id: sku,
      quantity: Math.max(0, available),
    },
  ]
}
