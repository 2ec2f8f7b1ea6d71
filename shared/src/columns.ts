import type { MetricId } from './metrics.ts'

/**
 * Values by metric and position: in a series a position is a bucket of time, else a row. Absent values are 0.
 * No list is empty or ends with a 0, so equal numbers are equal JSON.
 */
export type Columns = Partial<Record<MetricId, number[]>>

/** The value of a metric at a position; 0 if nothing was counted. */
export function cellOf(columns: Columns, metric: MetricId, position: number): number {
  return columns[metric]?.[position] ?? 0
}

/** Sets one value in place. */
export function setCell(columns: Columns, metric: MetricId, position: number, value: number): void {
  const column = columns[metric]
  if (value !== 0) {
    const list = column ?? []
    if (!column) columns[metric] = list
    // A hole would make the list slow, and null in JSON.
    while (list.length < position) list.push(0)
    list[position] = value
  } else if (column && position < column.length) {
    column[position] = 0
    while (column.at(-1) === 0) column.pop()
    if (column.length === 0) delete columns[metric]
  }
}

/** How many positions have a value at most. */
export function lengthOf(columns: Columns): number {
  return Math.max(0, ...Object.values(columns).map((column) => column.length))
}

/**
 * The same values with the first position moved forward by so many, or back if negative: earlier ones are
 * dropped.
 */
export function movedBy(columns: Columns, by: number): Columns {
  const moved: Columns = {}
  for (const [id, column] of Object.entries(columns) as [MetricId, number[]][]) {
    const list = by > 0 ? column.slice(by) : [...new Array<number>(-by).fill(0), ...column]
    if (list.length > 0) moved[id] = list
  }
  return moved
}
