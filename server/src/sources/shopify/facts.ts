import type { OrderLine } from '../orders/order-life.ts'
import {
  amountOfLine,
  discounted,
  isSale,
  type MoneySet,
  share,
  shopMoney,
  sum,
  taxOf,
  units,
} from './amounts.ts'
import type { OrderPayload, PaidLine, RefundPayload } from './payload.ts'

// What one delivery shows of an order, in minor units and without personal data: small enough to be kept.

/** An order at one moment. */
export interface Snapshot {
  readonly isPaid: boolean
  readonly currency: string
  readonly taxesIncluded: boolean
  /** Epoch ms. */
  readonly placedAt: number
  /** Some of its money was refunded by then. */
  readonly isRefunded: boolean
  /** Ids of the refunds it lists. */
  readonly refunds: readonly string[]
  /** Epoch ms; only if refunds are reported but not listed, since then nothing else says which of them it knows. */
  readonly updatedAt?: number
  /** Sales only. */
  readonly lines: readonly SnapshotLine[]
}

/** A line with all units that were ever on it; `removed` of them are no longer on the order. */
export interface SnapshotLine extends OrderLine {
  readonly removed: number
}

export interface RefundItem {
  readonly id: string
  readonly lineId: string | undefined
  readonly quantity: number
  readonly isSale: boolean
  readonly cameBack: boolean
  /** After discounts; includes `tax` if prices include tax. */
  readonly subtotal: number
  readonly tax: number
  /** The same two in the buyer's currency, if different. */
  readonly buyer?: { readonly currency: string; readonly subtotal: number; readonly tax: number }
  readonly line?: OrderLine
}

/** One refund; also what an edit or an exchange removes from an order without paying anything back. */
export interface RefundFacts {
  readonly id: string
  /** Epoch ms. */
  readonly at: number
  readonly currency: string
  /** Money refunded, by currency. */
  readonly money: readonly { readonly currency: string; readonly amount: number }[]
  readonly items: readonly RefundItem[]
  /** Refunded beyond the lines; negative for what the shop kept of their price. */
  readonly adjusted: number
  readonly adjustedTax: number
  /** Refunded shipping with its tax, for prices with and without tax. */
  readonly shipping: { readonly inside: number; readonly outside: number }
}

/** Statuses of a paid order, whatever happened later. */
const paidStatuses: readonly string[] = ['paid', 'partially_refunded', 'refunded']

/** An order does not say when it was paid, and its other times must be the same in each delivery. */
export const placedAt = ({ processed_at, created_at }: OrderPayload): number =>
  processed_at ?? created_at

/** Throws `NoMoney`. */
export function snapshotOf(order: OrderPayload, topic: string): Snapshot {
  const isPaid = topic === 'orders/paid' || paidStatuses.includes(order.financial_status ?? '')
  const sales = order.line_items.filter((line) => line.quantity > 0 && isSale(line))
  const isRefunded = /refunded$/.test(order.financial_status ?? '')
  return {
    isPaid,
    isRefunded,
    ...(isPaid &&
      isRefunded &&
      order.refunds.length === 0 &&
      order.updated_at !== undefined && { updatedAt: order.updated_at }),
    currency: order.currency,
    taxesIncluded: order.taxes_included === true,
    placedAt: placedAt(order),
    refunds: isPaid ? order.refunds.map(({ id }) => id) : [],
    lines: isPaid ? sales.map((line) => lineOf(line, order)) : [],
  }
}

function lineOf(line: PaidLine, order: OrderPayload): SnapshotLine {
  const { quantity } = line
  return {
    ...named(line),
    quantity,
    amount: amountOfLine(line, order),
    removed: removedOf(line, order),
  }
}

/** Payloads of old versions show it only by their refunds. */
function removedOf({ id, quantity, current_quantity }: PaidLine, order: OrderPayload): number {
  if (current_quantity !== undefined) return Math.max(0, quantity - current_quantity)
  const items = order.refunds.flatMap(({ refund_line_items }) => refund_line_items)
  const removed = items.filter(
    ({ line_item, line_item_id }) => (line_item_id ?? line_item?.id) === id,
  )
  return Math.min(quantity, sum(removed.map((item) => item.quantity)))
}

export function named({ id, product_id, variant_id, title }: PaidLine) {
  return {
    id,
    ...(product_id !== undefined && { productId: product_id }),
    ...(variant_id !== undefined && { skuId: variant_id }),
    ...(title !== undefined && {
      productName: title.replaceAll('\0', '').slice(0, 200).toWellFormed(),
    }),
  }
}

/** ISO 4217 for no currency: a refund of nothing may name none. */
const NO_CURRENCY = 'XXX'

/** Undefined for a refund of a test payment. Throws `NoMoney`. */
export function refundOf(
  refund: Omit<RefundPayload, 'order_id'>,
  orderCurrency?: string,
): RefundFacts | undefined {
  if (refund.transactions.some(({ test }) => test)) return undefined
  const currency = currencyOf(refund) ?? orderCurrency ?? NO_CURRENCY
  const { refund_line_items: items, order_adjustments: adjustments } = refund
  const isShipping = ({ kind }: (typeof adjustments)[number]) => kind === 'shipping_refund'
  const amountOf = ({ amount, amount_set }: (typeof adjustments)[number]) =>
    shopMoney(amount, amount_set, currency)
  const taxIn = ({ tax_amount, tax_amount_set }: (typeof adjustments)[number]) =>
    shopMoney(tax_amount ?? '0', tax_amount_set, currency)
  // An adjustment states its effect on sales: negative is money refunded.
  const back = (of: (adjustment: (typeof adjustments)[number]) => number, shipping: boolean) =>
    0 - sum(adjustments.filter((one) => isShipping(one) === shipping).map(of))
  const shipped = refund.refund_shipping_lines
  const inShop = (sets: readonly MoneySet[]) =>
    sum(sets.map((set) => shopMoney('0', set, currency)))
  const lines = inShop(shipped.map((line) => line.subtotal_amount_set))
  const ofAdjustments = back(amountOf, true) + back(taxIn, true)
  return {
    id: refund.id,
    at: refund.created_at,
    currency,
    money: refund.transactions
      .filter(({ kind, status }) => kind === 'refund' && /^(success|pending)$/.test(status))
      .map((paid) => ({ currency: paid.currency ?? currency, paid: paid.amount }))
      .map(({ paid, ...part }) => ({ ...part, amount: units(paid, part.currency) })),
    items: items.map((item) => itemOf(item, refund.restock, currency)),
    adjusted: back(amountOf, false),
    adjustedTax: back(taxIn, false),
    // Stated in one of two ways, depending on the API version.
    shipping:
      shipped.length > 0
        ? { inside: lines, outside: lines + inShop(shipped.map((line) => line.tax_amount_set)) }
        : { inside: ofAdjustments, outside: ofAdjustments },
  }
}

type Item = RefundPayload['refund_line_items'][number]

function itemOf(item: Item, isRestocked: boolean | undefined, currency: string): RefundItem {
  const { id, quantity, line_item: line, line_item_id, subtotal_set, total_tax_set } = item
  const { subtotal, total_tax, restock_type } = item
  const ofLine = (whole: number) => (line ? share(whole, quantity, line.quantity) : 0)
  const buyer = buyerOf(subtotal_set, total_tax_set)
  return {
    id,
    lineId: line_item_id ?? line?.id,
    quantity,
    isSale: isSale(line),
    cameBack: quantity > 0 && cameBack(restock_type, isRestocked),
    subtotal:
      subtotal === undefined && !subtotal_set?.shop_money
        ? ofLine(line ? discounted(line, currency) : 0)
        : shopMoney(subtotal ?? '0', subtotal_set, currency),
    tax:
      total_tax === undefined && !total_tax_set?.shop_money
        ? ofLine(line ? taxOf(line, currency) : 0)
        : shopMoney(total_tax ?? '0', total_tax_set, currency),
    ...(buyer && { buyer }),
    ...(line && { line: { ...named(line), quantity: line.quantity, amount: 0 } }),
  }
}

function buyerOf(subtotal: MoneySet, tax: MoneySet): RefundItem['buyer'] {
  const paid = subtotal?.presentment_money
  if (!paid || paid.currency_code === subtotal?.shop_money?.currency_code) return undefined
  return {
    currency: paid.currency_code,
    subtotal: units(paid.amount, paid.currency_code),
    tax: units(tax?.presentment_money?.amount ?? '0', paid.currency_code),
  }
}

/** Cancelled units had never left; for those not restocked nobody knows whether they came back. */
function cameBack(restockType: string | undefined, isRestocked: boolean | undefined): boolean {
  if (restockType === undefined) return isRestocked === true
  return restockType === 'return' || restockType === 'legacy_restock'
}

function currencyOf(refund: Omit<RefundPayload, 'order_id'>): string | undefined {
  const sets = [
    ...refund.refund_line_items.flatMap(({ subtotal_set, line_item }) => [
      subtotal_set,
      line_item?.price_set,
    ]),
    ...refund.order_adjustments.map(({ amount_set }) => amount_set),
    ...refund.refund_shipping_lines.map(({ subtotal_amount_set }) => subtotal_amount_set),
  ]
  const told = sets.find((set) => set?.shop_money)?.shop_money?.currency_code
  return told ?? refund.transactions.find(({ currency }) => currency !== undefined)?.currency
}
