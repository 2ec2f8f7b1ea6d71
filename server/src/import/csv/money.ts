/** How many decimals a currency has: JPY 0, USD 2, KWD 3. */
export function decimalsOf(currency: string): number {
  const { maximumFractionDigits = 2 } = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
  }).resolvedOptions()
  return maximumFractionDigits
}

/**
 * The minor units of a decimal number in words such as 12.5, exactly; a text says why there are none. It is
 * never read as a floating-point number.
 */
export function minorUnits(text: string, currency: string): number | string {
  const found = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(text)
  if (!found) return `${JSON.stringify(text)} is no decimal number such as 1234.50`
  const [, sign = '', whole = '', fraction = ''] = found
  const decimals = decimalsOf(currency)
  const kept = fraction.replace(/0+$/, '')
  if (kept.length > decimals) return `${currency} has ${decimals} decimals, not ${kept.length}`
  const value = Number(`${sign}${whole}${kept.padEnd(decimals, '0')}`)
  return Number.isSafeInteger(value) ? value : `${text} is too much`
}
