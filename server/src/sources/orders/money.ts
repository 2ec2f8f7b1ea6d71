import { exponentOf } from '@creatorflow/shared/currency'

/**
 * A decimal as text (`12.5`, `-3`) in whole minor units of its currency; finer amounts are rounded half away
 * from zero. Undefined for anything else, and for what no number holds exactly.
 */
export function minorUnits(decimal: string, currency: string): number | undefined {
  const found = /^(-?)(\d{1,15})(?:\.(\d{0,15}))?$/.exec(decimal.trim())
  if (!found || !/^[A-Z]{3}$/.test(currency)) return undefined
  const exponent = exponentOf(currency)
  const [, sign, whole = '', fraction = ''] = found
  const kept = fraction.slice(0, exponent).padEnd(exponent, '0')
  const up = Number(fraction[exponent] ?? 0) >= 5 ? 1 : 0
  // By digits, not by multiplying: 1.005 × 100 is less than 100.5.
  const units = Number(whole + kept) + up
  if (!Number.isSafeInteger(units)) return undefined
  return sign === '-' && units !== 0 ? -units : units
}

/**
 * A whole amount in weighted parts that add up to it exactly: the rest of the division goes to the greatest
 * remainders. Equal parts without weights.
 */
export function allocate(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0)
  const own = sum > 0 ? weights : weights.map(() => 1)
  const whole = BigInt(sum > 0 ? sum : weights.length)
  const exact = own.map((weight) => BigInt(total) * BigInt(weight))
  const parts = exact.map((part) => part / whole)
  const left = Number(BigInt(total) - parts.reduce((a, b) => a + b, 0n))
  const byRemainder = exact
    .map((part, index) => ({ index, remainder: part % whole }))
    .sort((a, b) =>
      a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1,
    )
  for (const { index } of byRemainder.slice(0, left)) parts[index] = (parts[index] ?? 0n) + 1n
  return parts.map(Number)
}
