import { allocate } from '../orders/money.ts'
import type { Refund } from '../orders/order-life.ts'
import { share, sum } from './amounts.ts'
import type { RefundFacts } from './facts.ts'

/**
 * What a refund takes from the sales: goods without tax and shipping, like sales. Only the order says whether
 * its amounts include tax, and how much was sold only once it is paid; until then the certain part counts:
 * the goods without tax. Nothing if no money went back.
 */
export function paidBack(
  refund: RefundFacts,
  taxesIncluded: boolean | undefined,
  isSettled: boolean,
): Refund[] {
  if (refund.money.length === 0) return []
  const certain = isSettled ? refund : { ...refund, adjusted: Math.min(0, refund.adjusted) }
  if (taxesIncluded !== undefined) return partsOf(certain, taxesIncluded)
  const [inside, outside] = [partsOf(certain, true), partsOf(certain, false)]
  const total = (parts: readonly Refund[]) => sum(parts.map(({ amount }) => amount))
  return total(inside) <= total(outside) ? inside : outside
}

function partsOf(refund: RefundFacts, taxesIncluded: boolean): Refund[] {
  const { id, at, items, adjusted } = refund
  const sold = items.map(({ isSale, subtotal, tax }) =>
    isSale ? Math.max(0, subtotal - (taxesIncluded ? tax : 0)) : 0,
  )
  const goods = sum(sold)
  const total = asFarAsPaid(refund, taxesIncluded, Math.max(0, goods + adjusted))
  const ofLines = allocate(Math.min(total, goods), sold)
  return [
    ...items.map((item, n) => ({
      id: item.id,
      at,
      amount: ofLines[n] ?? 0,
      ...(item.line && { line: item.line }),
    })),
    { id: `${id}:beyond`, at, amount: total - sum(ofLines) },
  ].filter(({ amount }) => amount > 0)
}

/** Goods that were paid back in part count with that part, as when the rest went into an exchange. */
function asFarAsPaid(refund: RefundFacts, taxesIncluded: boolean, goods: number): number {
  const { currency, money, items, adjusted, adjustedTax, shipping } = refund
  const isOfShop = money.every((part) => part.currency === currency)
  const isOfBuyer =
    shipping.outside === 0 &&
    adjusted === 0 &&
    money.every((part) => items.every(({ buyer }) => buyer?.currency === part.currency))
  if (!isOfShop && !isOfBuyer) return goods
  const price = (part: { readonly subtotal: number; readonly tax: number } | undefined) =>
    part ? part.subtotal + (taxesIncluded ? 0 : part.tax) : 0
  const worth = isOfShop
    ? sum(items.map(price)) + adjusted + adjustedTax
    : sum(items.map(({ buyer }) => price(buyer)))
  const shipped = taxesIncluded ? shipping.inside : shipping.outside
  const paid = sum(money.map(({ amount }) => amount)) - shipped
  // Each item is rounded separately.
  if (worth <= 0 || paid >= worth - 2 * items.length) return goods
  return share(goods, Math.max(0, paid), worth)
}
