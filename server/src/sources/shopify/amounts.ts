import { allocate, minorUnits } from '../orders/money.ts'
import type { OrderPayload, PaidLine, RefundPayload } from './payload.ts'

type MoneySet = PaidLine['price_set']

/** What a payload says that cannot be money; its message says where. */
export class NoMoney extends Error {}

function units(decimal: string, currency: string): number {
  const found = minorUnits(decimal, currency)
  if (found === undefined) throw new NoMoney(`${decimal} ${currency} is no amount`)
  return found
}

/** In the currency of the shop, also when the buyer saw another one. */
const shopMoney = (plain: string, set: MoneySet, currency: string): number =>
  units(set?.shop_money?.amount ?? plain, currency)

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)

/** A gift card is money kept for later, and a tip no goods: both are no sales, as in Shopify's own reports. */
export const isSale = (line: PaidLine | undefined): boolean =>
  !line?.gift_card && line?.tip === undefined

/** All units of a line after discounts; with the tax in it where prices include it. */
function discounted(line: PaidLine, currency: string): number {
  const { price, price_set, quantity, discount_allocations, total_discount } = line
  const discounts =
    discount_allocations?.map(({ amount, amount_set }) =>
      shopMoney(amount, amount_set, currency),
    ) ?? (total_discount === undefined ? [] : [units(total_discount, currency)])
  return Math.max(0, shopMoney(price, price_set, currency) * quantity - sum(discounts))
}

/** What the buyer pays for a line after discounts, without shipping and tax. */
export function amountOfLine(line: PaidLine, order: OrderPayload): number {
  const { currency, taxes_included } = order
  const taxes = line.tax_lines.map((tax) => shopMoney(tax.price, tax.price_set, currency))
  return Math.max(0, discounted(line, currency) - (taxes_included ? sum(taxes) : 0))
}

/** What is paid back: for each line of the refund, and beyond them. All is of the shop's currency. */
export interface PaidBack {
  readonly currency: string
  readonly lines: readonly number[]
  readonly beyond: number
}

/**
 * What a refund takes from the sales: goods without tax and shipping, because sales are without them too and an order
 * that is paid back whole must leave nothing. Undefined when no money went back: goods that were taken off an order
 * before it was paid were never a sale.
 */
export function paidBack(refund: RefundPayload): PaidBack | undefined {
  const { refund_line_items: items, order_adjustments: adjustments } = refund
  const money = refund.transactions.filter(
    ({ kind, status }) => kind === 'refund' && (status === 'success' || status === 'pending'),
  )
  const currency = currencyOf(refund)
  if (money.length === 0 || currency === undefined) return undefined
  const gross = items.map((item) => grossOf(item, currency))
  const taxes = items.map(({ total_tax, total_tax_set }) =>
    shopMoney(total_tax ?? '0', total_tax_set, currency),
  )
  // The buyer's own currency says nothing of the shop's amounts.
  const paid = money.every((part) => (part.currency ?? currency) === currency)
    ? sum(money.map(({ amount }) => units(amount, currency)))
    : undefined
  const adjusted = adjustments.map((adjustment) => ({
    isGoods: adjustment.kind !== 'shipping_refund',
    amount: shopMoney(adjustment.amount, adjustment.amount_set, currency),
    tax: shopMoney(adjustment.tax_amount ?? '0', adjustment.tax_amount_set, currency),
  }))
  // A refund does not say whether its prices include tax, but only one of the two adds up to the money.
  const withoutAdjustments =
    paid === undefined ? undefined : paid + sum(adjusted.map(({ amount, tax }) => amount + tax))
  const isTaxInside = sum(taxes) > 0 && withoutAdjustments === sum(gross)
  const net = gross.map((amount, n) => Math.max(0, amount - (isTaxInside ? (taxes[n] ?? 0) : 0)))
  const sold = net.map((amount, n) => (isSale(items[n]?.line_item) ? amount : 0))
  // An adjustment tells what it does to the sales: less than nothing is money that went back beyond the lines.
  const goods = sum(adjusted.filter(({ isGoods }) => isGoods).map(({ amount }) => amount))
  const most = Math.max(0, sum(sold) - goods)
  const total = Math.min(most, paid ?? most)
  const ofLines = Math.min(total, sum(sold))
  return { currency, lines: allocate(ofLines, sold), beyond: total - ofLines }
}

function grossOf(item: RefundPayload['refund_line_items'][number], currency: string): number {
  const { subtotal, subtotal_set, line_item: line, quantity } = item
  if (subtotal !== undefined) return shopMoney(subtotal, subtotal_set, currency)
  if (!line || line.quantity === 0) return 0
  // Payloads of old versions: the share of the units.
  return Math.round(
    (discounted(line, currency) * Math.min(quantity, line.quantity)) / line.quantity,
  )
}

function currencyOf(refund: RefundPayload): string | undefined {
  const sets = [
    ...refund.refund_line_items.map(({ subtotal_set }) => subtotal_set),
    ...refund.order_adjustments.map(({ amount_set }) => amount_set),
    refund.refund_line_items[0]?.line_item?.price_set,
  ]
  const told = sets.find((set) => set?.shop_money)?.shop_money?.currency_code
  return told ?? refund.transactions.find(({ currency }) => currency !== undefined)?.currency
}
