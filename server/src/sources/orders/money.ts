import { exponentOf } from '@creatorflow/shared/currency'

/**
 * A decimal as text (`12.5`, `-3`) in whole minor units of its currency; what is finer is rounded half away from zero.
 * Undefined for anything else, and for what no number holds exactly.
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
