import type { IncomingEvent } from '@creatorflow/shared/events'

/** One line of an order, as the shop knows it. Money is in minor units of the order's currency. */
export interface OrderLine {
  readonly id: string
  readonly productId?: string
  readonly skuId?: string
  readonly productName?: string
  /** Units; a shop without quantities has a line for each unit. */
  readonly quantity: number
  /** What the buyer pays for the whole line after discounts, without shipping and tax. */
  readonly amount: number
  /** The LIVE it was bought in, if the shop says so. */
  readonly sessionId?: string
}

/** Money refunded; `line` if the shop says for what. */
export interface Refund {
  readonly id: string
  readonly at: number
  readonly amount: number
  readonly line?: OrderLine
}

/** Units returned. */
export interface Return {
  readonly id: string
  readonly at: number
  readonly quantity: number
  readonly line?: OrderLine
}

/** One parcel of an order, if a shop reports parcels separately. */
export interface Parcel {
  readonly id: string
  readonly fulfilledAt?: number
  readonly shippedAt?: number
  readonly deliveredAt?: number
}

/**
 * A shop's current description of an order. Times are epoch ms; a missing one has not happened, or is not
 * reported here.
 */
export interface Order {
  /** The kind of source: ids of its events start with it. */
  readonly source: string
  readonly channel: string
  readonly id: string
  /** Absent if no money is reported. */
  readonly currency?: string
  readonly customerId?: string
  readonly createdAt?: number
  /** Paid, but the buyer may still cancel without a reason. */
  readonly onHoldAt?: number
  readonly paidAt?: number
  readonly fulfilledAt?: number
  readonly shippedAt?: number
  readonly deliveredAt?: number
  readonly cancelledAt?: number
  readonly lines: readonly OrderLine[]
  /** What the buyer is to pay for all lines, if reported before payment. */
  readonly createdAmount?: number
  readonly refunds?: readonly Refund[]
  readonly returns?: readonly Return[]
  readonly parcels?: readonly Parcel[]
  /** For the whole order, as details: shipping, tax, discounts. */
  readonly properties?: Readonly<Record<string, number>>
}

/** An event of an order's life; its time is when it happened in the shop. */
export type OrderEvent = IncomingEvent & { readonly ts: number }

/**
 * Everything that has happened to an order so far. Each step always has the same id, and the pipeline counts
 * an id once: however often an order is read, and in whatever order, its life is counted once.
 */
export function eventsOfOrder(order: Order): OrderEvent[] {
  const { source, channel, currency, customerId, lines } = order
  const sessionId = lines.find((line) => line.sessionId !== undefined)?.sessionId
  const common = {
    channel,
    order_id: order.id,
    ...(customerId !== undefined && { customer_id: customerId }),
  }
  const step = (
    name: string,
    type: IncomingEvent['type'],
    ts: number | undefined,
    fields: Partial<IncomingEvent> = {},
  ): OrderEvent[] =>
    ts === undefined
      ? []
      : [
          {
            id: `${source}:${order.id}:${name}`,
            type,
            ts,
            ...common,
            ...(sessionId !== undefined && { session_id: sessionId }),
            ...fields,
          },
        ]
  const money = (amount: number) => ({ amount, ...(currency !== undefined && { currency }) })
  const whole = order.properties ? { properties: order.properties } : {}
  return [
    ...step('created', 'order_created', order.createdAt, {
      ...whole,
      ...(order.createdAmount !== undefined && money(order.createdAmount)),
    }),
    ...lines.flatMap((line) =>
      step(`paid:${line.id}`, 'payment_completed', order.paidAt, {
        ...ofLine(line),
        ...money(line.amount),
        quantity: line.quantity,
      }),
    ),
    ...step('on_hold', 'order_on_hold', order.onHoldAt),
    ...step('fulfilled', 'order_fulfilled', order.fulfilledAt),
    ...step('shipped', 'order_shipped', order.shippedAt),
    ...step('delivered', 'order_delivered', order.deliveredAt),
    ...(order.parcels ?? []).flatMap((parcel) => [
      ...step(`fulfilled:${parcel.id}`, 'order_fulfilled', parcel.fulfilledAt),
      ...step(`shipped:${parcel.id}`, 'order_shipped', parcel.shippedAt),
      ...step(`delivered:${parcel.id}`, 'order_delivered', parcel.deliveredAt),
    ]),
    ...step('cancelled', 'order_cancelled', order.cancelledAt),
    ...(order.returns ?? []).flatMap(({ id, at, quantity, line }) =>
      step(`returned:${id}`, 'order_returned', at, { ...(line && ofLine(line)), quantity }),
    ),
    ...(order.refunds ?? []).flatMap(({ id, at, amount, line }) =>
      step(`refunded:${id}`, 'order_refunded', at, { ...(line && ofLine(line)), ...money(amount) }),
    ),
  ]
}

function ofLine({ productId, skuId, productName, sessionId }: OrderLine): Partial<IncomingEvent> {
  return {
    ...(productId !== undefined && { product_id: productId }),
    ...(skuId !== undefined && { sku_id: skuId }),
    ...(sessionId !== undefined && { session_id: sessionId }),
    ...(productName !== undefined && { properties: { product_name: productName.slice(0, 200) } }),
  }
}
