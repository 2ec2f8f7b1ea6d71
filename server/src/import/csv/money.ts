import { exponentOf } from '@creatorflow/shared/currency'
import { minorUnits } from '../../sources/orders/money.ts'

/**
 * The minor units of a decimal number in a file, exactly; a text says why there are none. What is finer than its
 * currency is refused, not rounded: it would be another currency, or a separator of thousands.
 */
export function readMoney(text: string, currency: string): number | string {
  const found = /^-?\d+(?:\.(\d+))?$/.exec(text)
  if (!found) return `${JSON.stringify(text)} is no decimal number such as 1234.50`
  const decimals = (found[1] ?? '').replace(/0+$/, '').length
  const most = exponentOf(currency)
  if (decimals > most) return `${currency} has ${most} decimals, not ${decimals}`
  return minorUnits(text, currency) ?? `${text} is too much`
}
