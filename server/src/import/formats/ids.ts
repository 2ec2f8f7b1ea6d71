/** Id fields of an event. */
export const idFields = [
  'id',
  'session_id',
  'order_id',
  'product_id',
  'sku_id',
  'customer_id',
  'video_id',
  'pin_id',
  'user_id',
  'properties.gift_id',
  'properties.streak_id',
] as const

/** Digits that a spreadsheet's number keeps. */
const EXACT_DIGITS = 15
/** Zeros at the end of a long id that chance does not explain. */
const CERTAIN_ZEROS = 6

/** Why an id is not what its sender wrote, because a spreadsheet took it for a number; undefined if it may be. */
export function ruinedId(text: string): string | undefined {
  const isScientific = /^-?\d(?:[.,]\d+)?E(?:\+\d+|\d{2,})$/i.test(text) && !/^\d+E\d+$/i.test(text)
  const isDecimal = /^\d{16,}[.,]0*$/.test(text)
  if (!isScientific && !isDecimal) return undefined
  return `${JSON.stringify(text)} is an id that a spreadsheet turned into a number. Export the file again and import it without opening it in a spreadsheet`
}

/** How many zeros a spreadsheet's rounding left in an id; 0 if it kept all digits. */
export function roundedZeros(text: string): number {
  if (!/^\d{16,}$/.test(text)) return 0
  const zeros = /0*$/.exec(text)?.[0].length ?? 0
  return zeros >= text.length - EXACT_DIGITS ? zeros : 0
}

/** Whether this many zeros, over different ids, cannot be chance. */
export const isCertain = (zeros: number): boolean => zeros >= CERTAIN_ZEROS

/** The first damaged id of an event. */
export function ruinedIdIn(
  event: Readonly<Record<string, unknown>>,
): { readonly field: string; readonly reason: string } | undefined {
  for (const field of idFields) {
    const [group, name] = field.split('.') as [string, string | undefined]
    const members = event[group]
    const value =
      name === undefined ? members : (members as Record<string, unknown> | undefined)?.[name]
    const reason = typeof value === 'string' ? ruinedId(value) : undefined
    if (reason !== undefined) return { field, reason }
  }
  return undefined
}
