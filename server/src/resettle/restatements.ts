import type { EventRow, Increments } from '../eventlog/event-row.ts'
import { count } from '../pipeline/count.ts'
import { incrementsOf, less, plus } from '../pipeline/restate.ts'
import type { Counting } from '../pipeline/settle.ts'

/**
 * Recounts rows of restated figures: the newest revision as if it had been the only one, less what the others
 * keep. Returns undefined for all other rows.
 */
export function restatements(rows: readonly EventRow[]): (row: EventRow) => Counting | undefined {
  const restated = new Set(rows.flatMap(({ id, revision }) => (revision === null ? [] : id)))
  if (restated.size === 0) return () => undefined
  const figures = Map.groupBy(
    rows.filter(({ id }) => restated.has(id)),
    ({ id }) => id,
  )
  return (row) => {
    const figure = figures.get(row.id)
    if (!figure || figure.length === 1) return undefined
    const isNewer = (other: EventRow) => (other.revision ?? 0) > (row.revision ?? 0)
    if (figure.some(isNewer)) return () => incrementsOf(row)
    const [first, ...rest] = figure.filter((other) => other !== row)
    const added = rest.reduce<Increments>(plus, first as Increments)
    return (event, currency, claims) => less(count(event, currency, claims), added)
  }
}
