import type { MinuteRange } from '@creatorflow/shared/insights/by-minute'
import { MINUTE_MS, type ProductNames, productName } from '@creatorflow/shared/live-state'
import { heatLevel } from '#lib/ui/heat.ts'
import { HEAT_MINUTES } from './calculate.ts'

/** More rows than that nobody reads. */
export const HEAT_PRODUCTS = 40

/** What of a product is shown by minute. */
export const productMeasures = ['product_clicks', 'sku_orders'] as const
export type ProductMeasure = (typeof productMeasures)[number]

interface Span {
  readonly started_at: number
  readonly ended_at: number | null
}

/**
 * The minutes of one page, 0 is the newest: whole ones, since the present minute would look weak and a replay must
 * not show what is still to come. Null while there is no whole minute, or before the LIVE.
 */
export function pageOf(live: Span, now: number, page: number): MinuteRange | null {
  const newest = Math.floor((live.ended_at ?? now) / MINUTE_MS) - (live.ended_at === null ? 1 : 0)
  const last = newest - page * HEAT_MINUTES
  if (last < Math.floor(live.started_at / MINUTE_MS)) return null
  return { first: last - HEAT_MINUTES + 1, last }
}

/** What is asked for: the page itself, in a replay a fixed stretch around it, so that playing does not ask each minute. */
export function askedFor(page: MinuteRange, replayed: boolean): MinuteRange {
  if (!replayed) return page
  const last = Math.ceil((page.last + 1) / HEAT_MINUTES) * HEAT_MINUTES - 1
  return { first: last - 2 * HEAT_MINUTES + 1, last }
}

/** Values by product and epoch minute, as they were answered. */
export type ProductMinutes = ReadonlyMap<string, ReadonlyMap<number, number>>

/** Takes an answer apart; products without anything are left out. */
export function productMinutesOf(
  series: readonly {
    readonly key?: string | null | undefined
    readonly points: readonly { readonly at: string; readonly value: number | null }[]
  }[],
): ProductMinutes {
  const products = new Map<string, ReadonlyMap<number, number>>()
  for (const { key, points } of series) {
    const values = new Map<number, number>()
    for (const { at, value } of points) if (value) values.set(Date.parse(at) / MINUTE_MS, value)
    if (key != null && values.size > 0) products.set(key, values)
  }
  return products
}

export interface ProductHeatRow {
  readonly id: string
  readonly name: string
  readonly cells: readonly { readonly ts: number; readonly value: number; readonly level: number }[]
}

/** The products with most of it in these minutes, each against the busiest cell of all. */
export function calculateProductHeat(
  products: ProductMinutes,
  known: ProductNames,
  { first, last }: MinuteRange,
): ProductHeatRow[] {
  const minutes = Array.from({ length: last - first + 1 }, (_, at) => first + at)
  const rows = [...products]
    .map(([id, values]) => {
      const shown = minutes.map((minute) => values.get(minute) ?? 0)
      return { id, shown, sum: shown.reduce((sum, value) => sum + value, 0) }
    })
    .filter(({ sum }) => sum > 0)
    .sort((a, b) => b.sum - a.sum || (a.id < b.id ? -1 : 1))
    .slice(0, HEAT_PRODUCTS)
  const greatest = Math.max(...rows.flatMap(({ shown }) => shown))
  return rows.map(({ id, shown }) => ({
    id,
    name: productName(known, id) ?? id,
    cells: shown.map((value, at) => ({
      ts: (first + at) * MINUTE_MS,
      value,
      level: heatLevel(value, greatest),
    })),
  }))
}
