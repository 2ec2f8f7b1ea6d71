import { type Convention, formatCount } from '#lib/format.ts'

/** How two steps differ, as counts: one person may click twice, and a click may come without a view. */
export function differenceInWords(
  name: string,
  value: number,
  baseName: string,
  base: number,
  convention: Pick<Convention, 'locale'>,
): string {
  const of = name.toLowerCase()
  const than = baseName.toLowerCase()
  if (value === base) return `As many ${of} as ${than}`
  const count = formatCount(Math.abs(base - value), convention)
  return `${count} ${value < base ? 'fewer' : 'more'} ${of} than ${than}`
}
