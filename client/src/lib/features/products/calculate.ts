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
