import type { IncomingEvent } from '@creatorflow/shared/events'
import type { z } from 'zod'
import { parseExactJson } from '../../core/exact-json.ts'
import { eventsOfOrder, type Order, type OrderEvent } from '../orders/order-life.ts'
import { wordsOfIssues } from '../runtime/plain-words.ts'
import { NoMoney } from './amounts.ts'
import { placedAt, type RefundFacts, refundOf, snapshotOf } from './facts.ts'
import { emptyLedger, type Ledger, tell } from './ledger.ts'
import {
  editPayload,
  fulfillmentPayload,
  inventoryPayload,
  type OrderPayload,
  orderPayload,
  type RefundPayload,
  refundPayload,
} from './payload.ts'

/** The result of a delivery, given what is known of its order: its events, and what is known then. */
export interface Account {
  readonly events: readonly IncomingEvent[]
  readonly known: Ledger
}

/** The content of a delivery: its events, that its topic is irrelevant, or why it cannot be understood. */
export type Normalised =
  | { readonly kind: 'events'; readonly events: readonly IncomingEvent[] }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'unreadable'; readonly reason: string }

/** The same, or the order whose events depend on earlier deliveries. */
export type Read =
  | Normalised
  | {
      readonly kind: 'order'
      readonly orderId: string
      /** Throws `NoMoney`. */
      account(known: Ledger): Account
    }

const common = { source: 'shopify', channel: 'shopify' } as const

const alone = (events: readonly IncomingEvent[]): Normalised => ({ kind: 'events', events })

/** Topics that make events, and how. */
const topics: Readonly<Record<string, (payload: unknown, topic: string) => Read>> = {
  'orders/create': ofOrder,
  'orders/paid': ofOrder,
  'orders/updated': ofOrder,
  // It names lines without their prices; the update that comes with it shows them.
  'orders/edited': (payload) => alone(editPayload.parse(payload) && []),
  'orders/cancelled': ofOrder,
  'refunds/create': (payload) => ofRefund(refundPayload.parse(payload)),
  'fulfillments/create': (payload) => alone(ofFulfillment(payload)),
  'fulfillments/update': (payload) => alone(ofFulfillment(payload)),
  'inventory_levels/update': (payload) => alone(ofInventory(payload)),
}

/** The topics that a shop has to send. */
export const shopifyTopics = Object.keys(topics)

/** Reads one delivery. */
export function read(topic: string, body: Uint8Array): Read {
  if (!Object.hasOwn(topics, topic)) return { kind: 'unknown' }
  let payload: unknown
  try {
    payload = parseExactJson(body)
  } catch {
    // The parser's message quotes the payload, which may name people.
    return unreadable('The body is not valid JSON in UTF-8.')
  }
  try {
    return topics[topic]?.(unwrapped(payload), topic) ?? { kind: 'unknown' }
  } catch (error) {
    return asUnreadable(error)
  }
}

/** The events of one delivery, given what is known of its order; the same input gives the same ids and contents. */
export function normalise(
  topic: string,
  body: Uint8Array,
  known: Ledger = emptyLedger,
): Normalised {
  const told = read(topic, body)
  if (told.kind !== 'order') return told
  try {
    return { kind: 'events', events: told.account(known).events }
  } catch (error) {
    return asUnreadable(error)
  }
}

/** What is wrong with a payload, in words. Rethrows anything else. */
export function asUnreadable(error: unknown): Normalised & { readonly kind: 'unreadable' } {
  if (error instanceof NoMoney) return unreadable(error.message)
  if (isIssues(error)) return unreadable(wordsOfIssues(error.issues))
  throw error
}

/** The API wraps under its name what a webhook sends bare, and tools that resend it keep the wrapper. */
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

function ofOrder(payload: unknown, topic: string): Read {
  const order = orderPayload.parse(payload)
  // Made with a test gateway: nobody paid anything.
  if (order.test) return alone([])
  const snapshot = snapshotOf(order, topic)
  const refunds = order.refunds.flatMap((refund) => refundOf(refund, order.currency) ?? [])
  return {
    kind: 'order',
    orderId: order.id,
    account(before) {
      const known = tell(before, { snapshot, refunds })
      return { known, events: [...stepsOf(order, known), ...reversalsOf(order.id, known)] }
    },
  }
}

function stepsOf(order: OrderPayload, { payments }: Ledger): OrderEvent[] {
  const { id, currency, customer, cancelled_at } = order
  const at = placedAt(order)
  return eventsOfOrder({
    ...common,
    id,
    currency,
    createdAt: at,
    paidAt: at,
    ...(customer?.id !== undefined && { customerId: customer.id }),
    ...(cancelled_at !== undefined && { cancelledAt: cancelled_at }),
    lines: payments,
  })
}

/** A refund names no customer, so its events are the same whichever delivery reports it. */
export function reversalsOf(id: string, { paidBack, refunds, snapshots }: Ledger): OrderEvent[] {
  const currency = snapshots[0]?.currency ?? refunds.find(({ money }) => money.length > 0)?.currency
  const order: Order = {
    ...common,
    id,
    ...(currency !== undefined && { currency }),
    lines: [],
    refunds: paidBack,
    returns: refunds.flatMap(returnsOf),
  }
  return eventsOfOrder(order)
}

function returnsOf({ at, items }: RefundFacts): NonNullable<Order['returns']> {
  return items
    .filter((item) => item.isSale && item.cameBack)
    .map(({ id, quantity, line }) => ({ id, at, quantity, ...(line && { line }) }))
}

function ofRefund(payload: RefundPayload): Read {
  // Parsed now, so that invalid money is known before anything is stored.
  if (!refundOf(payload)) return alone([])
  return {
    kind: 'order',
    orderId: payload.order_id,
    account(before) {
      const refund = refundOf(payload, before.snapshots[0]?.currency)
      const known = tell(before, { refunds: refund ? [refund] : [] })
      return { known, events: reversalsOf(payload.order_id, known) }
    },
  }
}

/** Carrier statuses once it has the parcel. */
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
  // The time the carrier got it is not reported: the parcel's time is at least the same in each delivery.
  const parcel = {
    id,
    fulfilledAt: created_at,
    ...(isShipped && { shippedAt: created_at }),
    ...(shipment_status === 'delivered' && { deliveredAt: updated_at ?? created_at }),
  }
  return eventsOfOrder({ ...common, id: order_id, lines: [], parcels: [parcel] })
}

/**
 * The stock of an item at one location. Each location is a SKU of the item, so the item's stock is the sum of
 * its locations, each at its latest report. None of these topics says which product an item belongs to, so it
 * is separate.
 */
function ofInventory(payload: unknown): IncomingEvent[] {
  const { inventory_item_id, location_id, available, updated_at } = inventoryPayload.parse(payload)
  if (available === undefined) return []
  const sku = `${inventory_item_id}@${location_id}`
  return [
    {
      // Including the value: a location may report twice within a second.
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
