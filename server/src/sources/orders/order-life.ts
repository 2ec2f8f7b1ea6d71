import type { IncomingEvent } from '@creatorflow/shared/events'

/** One line of an order, as the shop knows it. Money is minor units of the order's currency. */
export interface OrderLine {
  readonly id: string
  readonly productId?: string
  readonly skuId?: string
  readonly productName?: string
  /** Units; a shop without quantities has a line for each unit. */
  readonly quantity: number
  /** What the buyer pays for the whole line after discounts, without shipping and tax. */
  readonly amount: number
  /** The LIVE that it was bought in, where the shop says so. */
  readonly sessionId?: string
}

/** Money that went back; `line` where the shop says for what. */
export interface Refund {
  readonly id: string
  readonly at: number
  readonly amount: number
  readonly line?: OrderLine
}

/** Units that came back. */
export interface Return {
  readonly id: string
  readonly at: number
  readonly quantity: number
  readonly line?: OrderLine
}

/** One parcel of an order, where a shop tells of each by itself. */
export interface Parcel {
  readonly id: string
  readonly fulfilledAt?: number
  readonly shippedAt?: number
  readonly deliveredAt?: number
}

/**
 * What a shop says of an order now. Times are epoch ms; one that is missing has not happened, or is not told here.
 */
export interface Order {
  /** The kind of source: ids of its events begin with it. */
  readonly source: string
  readonly channel: string
  readonly id: string
  /** Left out where no money is told. */
  readonly currency?: string
  readonly customerId?: string
  readonly createdAt?: number
  /** Paid, but the buyer may still take it back without giving a reason. */
  readonly onHoldAt?: number
  readonly paidAt?: number
  readonly fulfilledAt?: number
  readonly shippedAt?: number
  readonly deliveredAt?: number
  readonly cancelledAt?: number
  readonly lines: readonly OrderLine[]
  /** What the buyer is to pay for all lines, where that is told before it is paid. */
  readonly createdAmount?: number
  readonly refunds?: readonly Refund[]
  readonly returns?: readonly Return[]
  readonly parcels?: readonly Parcel[]
  /** Of the whole order, for who looks closer: shipping, tax, discounts. */
  readonly properties?: Readonly<Record<string, number>>
}

/** An event of an order's life; its time is when it happened over there. */
export type OrderEvent = IncomingEvent & { readonly ts: number }

/**
 * Everything that has happened to an order so far. Each step has the same id whenever it is told, and the pipeline
 * counts an id once: however often an order is looked at, and in whatever order, its life is counted once.
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
