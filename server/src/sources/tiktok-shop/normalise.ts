import { z } from 'zod'
import { minorUnits } from '../orders/money.ts'
import type { Order, OrderLine, Refund, Return } from '../orders/order-life.ts'
import { flag, id, optionalDecimal, optionalId, optionalSeconds, seconds } from './fields.ts'

const line = z.looseObject({
  id,
  product_id: optionalId,
  product_name: z.string().nullish(),
  sku_id: optionalId,
  sale_price: optionalDecimal,
  original_price: optionalDecimal,
  seller_discount: optionalDecimal,
  platform_discount: optionalDecimal,
  currency: z.string().nullish(),
  is_gift: flag,
  room_id: optionalId,
})
type Line = z.output<typeof line>

/** What we need of an order's detail. */
export const orderDetail = z.looseObject({
  id,
  status: z.string(),
  user_id: optionalId,
  create_time: seconds,
  paid_time: optionalSeconds,
  rts_time: optionalSeconds,
  collection_time: optionalSeconds,
  delivery_time: optionalSeconds,
  cancel_time: optionalSeconds,
  request_cancel_time: optionalSeconds,
  update_time: optionalSeconds,
  payment: z.looseObject({ currency: z.string().nullish() }).nullish(),
  line_items: z.array(line).nullish(),
  is_on_hold_order: flag,
  is_sample_order: flag,
  is_replacement_order: flag,
  is_exchange_order: flag,
})
export type OrderDetail = z.output<typeof orderDetail>

const refundAmount = z
  .looseObject({
    currency: z.string().nullish(),
    refund_total: optionalDecimal,
    refund_subtotal: optionalDecimal,
  })
  .nullish()
const reverseLine = z.looseObject({ order_line_item_id: optionalId, refund_amount: refundAmount })

/** What we need of a return or refund that a buyer asked for. */
export const returnRecord = z.looseObject({
  return_id: id,
  order_id: id,
  return_type: z.string(),
  return_status: z.string(),
  can_buyer_keep_item: flag,
  update_time: optionalSeconds,
  create_time: seconds,
  refund_amount: refundAmount,
  return_line_items: z.array(reverseLine.extend({ return_line_item_id: id })).nullish(),
})
export type ReturnRecord = z.output<typeof returnRecord>

/** What we need of a cancellation. */
export const cancellation = z.looseObject({
  cancel_id: id,
  order_id: id,
  cancel_status: z.string(),
  update_time: optionalSeconds,
  create_time: seconds,
  refund_amount: refundAmount,
  cancel_line_items: z.array(reverseLine.extend({ cancel_line_item_id: id })).nullish(),
})
export type Cancellation = z.output<typeof cancellation>

/** What else is known of an order besides its detail. */
export interface Beside {
  /** A delivery reported it as on hold: an hour later the detail no longer shows that. */
  readonly isHeld?: boolean
  readonly returns?: readonly ReturnRecord[]
  readonly cancellations?: readonly Cancellation[]
}

const cancelledStatuses: ReadonlySet<string> = new Set(['CANCELLED', 'CANCEL'])
/** Statuses in which the carrier has the parcels. */
const shippedStatuses: ReadonlySet<string> = new Set(['IN_TRANSIT', 'DELIVERED', 'COMPLETED'])
const deliveredStatuses: ReadonlySet<string> = new Set(['DELIVERED', 'COMPLETED'])
/** Statuses in which the seller still has to pack all or some. */
const unpackedStatuses: ReadonlySet<string> = new Set([
  'UNPAID',
  'ON_HOLD',
  'AWAITING_SHIPMENT',
  'PARTIALLY_SHIPPING',
])

/**
 * An order as its life; undefined for one that is not a sale: samples, replacements and exchanges. The status
 * says what has happened and the times when; only stable times are used, so each look gives the same. Throws
 * the reason if an amount or a currency cannot be read.
 */
export function orderOf(detail: OrderDetail, beside: Beside = {}): Order | undefined {
  if (detail.is_sample_order || detail.is_replacement_order || detail.is_exchange_order) {
    return undefined
  }
  const { status } = detail
  const items = detail.line_items ?? []
  const currency = detail.payment?.currency ?? items[0]?.currency
  if (!currency) throw new Error('The order has no currency.')
  const byId = new Map(
    // Free items were not sold.
    items.filter(({ is_gift }) => !is_gift).map((item) => [item.id, lineOf(item, currency)]),
  )
  const isCancelled = cancelledStatuses.has(status)
  const paidAt = status === 'UNPAID' ? undefined : detail.paid_time
  const isHeld = beside.isHeld === true || status === 'ON_HOLD' || detail.is_on_hold_order
  const packedAt = unpackedStatuses.has(status) ? undefined : detail.rts_time
  const shippedAt = shippedTime(detail)
  const deliveredAt = deliveredStatuses.has(status) ? detail.delivery_time : undefined
  // Not `update_time`: it changes with each later change, and a step has one time.
  const cancelledAt = detail.cancel_time ?? detail.request_cancel_time ?? detail.create_time
  return {
    source: 'tiktok_shop',
    channel: 'tiktok',
    id: detail.id,
    currency,
    ...(detail.user_id !== undefined && { customerId: detail.user_id }),
    createdAt: detail.create_time,
    ...(paidAt !== undefined && { paidAt }),
    ...(paidAt !== undefined && isHeld && { onHoldAt: paidAt }),
    ...(packedAt !== undefined && { fulfilledAt: packedAt }),
    ...(shippedAt !== undefined && { shippedAt }),
    ...(deliveredAt !== undefined && { deliveredAt }),
    ...(isCancelled && { cancelledAt }),
    lines: [...byId.values()],
    createdAmount: [...byId.values()].reduce((sum, { amount }) => sum + amount, 0),
    refunds: refundsOf(beside, byId, currency),
    returns: returnsOf(beside, byId),
  }
}

function shippedTime(detail: OrderDetail): number | undefined {
  // An order cancelled in transit was in transit.
  if (cancelledStatuses.has(detail.status)) return detail.collection_time
  if (!shippedStatuses.has(detail.status)) return undefined
  // A seller's own carrier reports no collection: then it was shipped when it was packed.
  return detail.collection_time ?? detail.rts_time ?? detail.paid_time ?? detail.create_time
}

/**
 * What the buyer pays for a line, one unit: `sale_price`, the original price less the seller's and the
 * platform's discounts; shipping and taxes are added to the order separately.
 */
function lineOf(item: Line, currency: string): OrderLine {
  const { id, product_id, sku_id, product_name, room_id } = item
  return {
    id,
    ...(product_id !== undefined && { productId: product_id }),
    ...(sku_id !== undefined && { skuId: sku_id }),
    ...(product_name && { productName: product_name }),
    quantity: 1,
    amount:
      item.sale_price !== undefined
        ? units(item.sale_price, currency)
        : units(item.original_price ?? '', currency) -
          units(item.seller_discount ?? '0', currency) -
          units(item.platform_discount ?? '0', currency),
    ...(room_id !== undefined && { sessionId: room_id }),
  }
}

/**
 * A return, for an order of which nothing else is known: for a dead letter. Throws if there is no record, or
 * none with a currency.
 */
export function reversalsOf(beside: Beside): Order {
  const [reverse] = finished(beside)
  if (!reverse) throw new Error('Nothing has been returned yet.')
  const told = [reverse.whole, ...reverse.lines.map(({ amount }) => amount)]
  const currency = told.find((amount) => amount?.currency)?.currency
  if (!currency) throw new Error('The record has no currency.')
  const none = new Map<string, OrderLine>()
  return {
    source: 'tiktok_shop',
    channel: 'tiktok',
    id: reverse.orderId,
    currency,
    createdAt: reverse.at,
    lines: [],
    refunds: refundsOf(beside, none, currency),
    returns: returnsOf(beside, none),
  }
}

const isFinished = (status: string) => /(^|_)COMPLETE$/.test(status)

type Reverse = {
  readonly id: string
  readonly orderId: string
  readonly at: number
  readonly whole: z.output<typeof refundAmount>
  readonly lines: readonly {
    readonly id: string
    readonly of: string | undefined
    readonly amount: z.output<typeof refundAmount>
  }[]
}

/** Finished returns and cancellations, in one form. A finished one does not change: its last change is its end. */
function finished({ returns = [], cancellations = [] }: Beside): Reverse[] {
  return [
    ...returns
      .filter(({ return_status }) => isFinished(return_status))
      .map((record) => ({
        id: record.return_id,
        orderId: record.order_id,
        at: record.update_time ?? record.create_time,
        whole: record.refund_amount,
        lines: (record.return_line_items ?? []).map((item) => ({
          id: item.return_line_item_id,
          of: item.order_line_item_id,
          amount: item.refund_amount,
        })),
      })),
    ...cancellations
      .filter(({ cancel_status }) => isFinished(cancel_status))
      .map((record) => ({
        id: record.cancel_id,
        orderId: record.order_id,
        at: record.update_time ?? record.create_time,
        whole: record.refund_amount,
        lines: (record.cancel_line_items ?? []).map((item) => ({
          id: item.cancel_line_item_id,
          of: item.order_line_item_id,
          amount: item.refund_amount,
        })),
      })),
  ]
}

function refundsOf(
  beside: Beside,
  lines: ReadonlyMap<string, OrderLine>,
  currency: string,
): Refund[] {
  return finished(beside).flatMap((reverse): Refund[] => {
    const parts = reverse.lines.map(({ id, of, amount }) => ({
      id: `${reverse.id}:${id}`,
      line: of === undefined ? undefined : lines.get(of),
      amount: refunded(amount, currency),
    }))
    const isByLine = parts.length > 0 && parts.every(({ amount }) => amount !== undefined)
    const whole = refunded(reverse.whole, currency)
    const told = isByLine ? parts : [{ id: reverse.id, line: undefined, amount: whole }]
    return told.flatMap(({ id, line, amount }) =>
      amount ? [{ id, at: reverse.at, amount, ...(line && { line }) }] : [],
    )
  })
}

/** Like GMV without shipping and tax if reported, so an order returned whole leaves nothing. */
function refunded(amount: z.output<typeof refundAmount>, currency: string): number | undefined {
  const told = amount?.refund_subtotal ?? amount?.refund_total
  return told === undefined ? undefined : units(told, currency)
}

/** Units come back with a finished return, unless the buyer may keep them or gets a replacement. */
function returnsOf({ returns = [] }: Beside, lines: ReadonlyMap<string, OrderLine>): Return[] {
  return returns
    .filter(
      (record) =>
        record.return_type === 'RETURN_AND_REFUND' &&
        isFinished(record.return_status) &&
        !record.can_buyer_keep_item,
    )
    .flatMap((record) =>
      (record.return_line_items ?? []).map((item) => {
        const line = lines.get(item.order_line_item_id ?? '')
        return {
          id: `${record.return_id}:${item.return_line_item_id}`,
          at: record.update_time ?? record.create_time,
          quantity: 1,
          ...(line && { line }),
        }
      }),
    )
}

function units(text: string, currency: string): number {
  const amount = minorUnits(text, currency)
  if (amount !== undefined) return amount
  throw new Error(
    `${JSON.stringify(text.slice(0, 40))} is not a valid amount in ${currency.slice(0, 10)}.`,
  )
}
