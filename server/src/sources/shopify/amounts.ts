import { minorUnits } from '../orders/money.ts'
import type { OrderPayload, PaidLine } from './payload.ts'

export type MoneySet = PaidLine['price_set']

/** A payload contains something that is not money; the message says where. */
export class NoMoney extends Error {}

/** A decimal in minor units. Throws `NoMoney`. */
export function units(decimal: string, currency: string): number {
  const found = minorUnits(decimal, currency)
  if (found === undefined) throw new NoMoney(`${decimal} ${currency} is not a valid amount`)
  return found
}

/** In the shop's currency, even if the buyer paid in another one. Throws `NoMoney`. */
export const shopMoney = (plain: string, set: MoneySet, currency: string): number =>
  units(set?.shop_money?.amount ?? plain, currency)

export const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)

/** `part` of `whole` of an amount, rounded half up; exact for every amount an event may have. */
export function share(amount: number, part: number, whole: number): number {
  if (whole <= 0 || part >= whole) return amount
  return Number((2n * BigInt(amount) * BigInt(part) + BigInt(whole)) / (2n * BigInt(whole)))
}

/** Gift cards and tips are not sales, as in Shopify's own reports. */
export const isSale = (line: PaidLine | undefined): boolean =>
  !line?.gift_card && line?.tip === undefined

/** All units of a line after discounts; includes tax if prices include tax. */
export function discounted(line: PaidLine, currency: string): number {
  const { price, price_set, quantity, discount_allocations, total_discount } = line
  const discounts =
    discount_allocations?.map(({ amount, amount_set }) =>
      shopMoney(amount, amount_set, currency),
    ) ?? (total_discount === undefined ? [] : [units(total_discount, currency)])
  return Math.max(0, shopMoney(price, price_set, currency) * quantity - sum(discounts))
}

/** The tax of all units of a line. */
export const taxOf = (line: PaidLine, currency: string): number =>
  sum(line.tax_lines.map(({ price, price_set }) => shopMoney(price, price_set, currency)))

/** What the buyer pays for all units of a line after discounts, without shipping and tax. */
export function amountOfLine(line: PaidLine, order: OrderPayload): number {
  const { currency, taxes_included } = order
  const tax = taxes_included ? taxOf(line, currency) : 0
  return Math.max(0, discounted(line, currency) - tax)
}
