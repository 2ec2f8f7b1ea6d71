import type { PinBar, ProductRow } from '#lib/products/table.ts'

/** What the table can be ordered by. */
export type Column =
  | 'name'
  | 'impressions'
  | 'clicks'
  | 'carts'
  | 'orders'
  | 'coRate'
  | 'gmv'
  | 'stock'

export interface Sorting {
  readonly column: Column
  readonly descending: boolean
}

/** Pins as one drawing in a box of 1,000 × 10: a short one is still seen. */
export function pathOfPins(pins: readonly PinBar[]): string {
  return pins
    .map(({ from, to }) => {
      const width = Math.max((to - from) * 1_000, 30)
      const x = Math.min(from * 1_000, 1_000 - width)
      return `M${x.toFixed(0)} 0h${width.toFixed(0)}v10h-${width.toFixed(0)}z`
    })
    .join('')
}

/** Rows in another order; what is not known comes last either way, and equal rows stay as they were. */
export function sortRows(
  rows: readonly ProductRow[],
  sorting: Sorting | null,
): readonly ProductRow[] {
  if (!sorting) return rows
  const { column, descending } = sorting
  const sign = descending ? -1 : 1
  return rows.toSorted((a, b) => {
    const [one, other] = [a[column], b[column]]
    if (one === null || other === null) return Number(one === null) - Number(other === null)
    if (typeof one === 'string' || typeof other === 'string') {
      return sign * String(one).localeCompare(String(other))
    }
    return sign * (one - other)
  })
}

/** The sorting after a press on a column: its better end first, then the other, then as it was. */
export function nextSorting(sorting: Sorting | null, column: Column): Sorting | null {
  const first = column !== 'name'
  if (sorting?.column !== column) return { column, descending: first }
  return sorting.descending === first ? { column, descending: !first } : null
}

/** What stands in the table wherever it has room, the most needed first. */
const optional = ['orders', 'coRate', 'clicks', 'carts', 'impressions', 'pins'] as const
export type OptionalColumn = (typeof optional)[number]

/** Of a column, in pixels. */
export const columnPixels = {
  orders: 56,
  coRate: 60,
  clicks: 56,
  carts: 56,
  impressions: 56,
  pins: 90,
  gmv: 88,
  stock: 86,
  act: 74,
} as const

/** On a phone. */
export const narrowPixels = { gmv: 72, stock: 58, act: 66 } as const
export const NARROW = 480
/** From here on badges stand beside a name. */
export const ROOMY = 900

/** A name of some words is still read. */
export const NAME_PIXELS = 160
/** Before the first column and after the last one. */
const EDGES = 28

/** The columns beside product, GMV and stock that a table of this width has: it drops them before it cuts a name. */
export function columnsFor(width: number, mayPin: boolean): ReadonlySet<OptionalColumn> {
  const pixels = width < NARROW ? { ...columnPixels, ...narrowPixels } : columnPixels
  let room = width - EDGES - NAME_PIXELS - pixels.gmv - pixels.stock - (mayPin ? pixels.act : 0)
  const chosen = new Set<OptionalColumn>()
  for (const column of optional) {
    room -= pixels[column]
    if (room < 0) break
    chosen.add(column)
  }
  return chosen
}
