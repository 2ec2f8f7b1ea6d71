import { type Convention, formatCount } from '#lib/format.ts'
import { m } from '#messages'

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
  if (value === base) return m.funnel_as_many_of_as_than({ of, than })
  const count = formatCount(Math.abs(base - value), convention)
  return value < base
    ? m.funnel_count_fewer({ count, of, than })
    : m.funnel_count_more({ count, of, than })
}
