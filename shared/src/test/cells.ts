import { type Columns, cellOf, setCell } from '../columns.ts'
import type { Totals } from '../live-state.ts'
import type { MetricId } from '../metrics.ts'

/** Each row's values of columns, by id, without zeros. */
export function cellsById(
  columns: Columns,
  rows: Readonly<Record<string, number>>,
): Record<string, Totals> {
  return Object.fromEntries(
    Object.entries(rows).map(([id, row]) => {
      const cells = (Object.keys(columns) as MetricId[]).map(
        (metric) => [metric, cellOf(columns, metric, row)] as const,
      )
      return [id, Object.fromEntries(cells.filter(([, value]) => value !== 0))]
    }),
  )
}

/** Columns with these rows or buckets by position. */
export function columnsOf(rows: Readonly<Record<number, Totals>>): Columns {
  const columns: Columns = {}
  for (const [position, totals] of Object.entries(rows)) {
    for (const [id, value] of Object.entries(totals) as [MetricId, number][]) {
      setCell(columns, id, Number(position), value)
    }
  }
  return columns
}
