import type { Path } from './changes.ts'
import { type Columns, cellOf, setCell } from './columns.ts'
import { type EventType, eventTypeNames } from './event-types.ts'
import { type LiveEntry, stateLimits, type Totals } from './live-state.ts'
import {
  type BaseMetric,
  baseMetricIds,
  type IncrementColumn,
  type LevelColumn,
  type MetricId,
  type MetricScope,
  metrics,
  productMetricIds,
  seriesMetricIds,
  tensMetricIds,
} from './metrics.ts'
import type { NumberedEvent } from './numbered-event.ts'
import { own } from './own.ts'

/** Collects the paths that a fold changed; the values are read from the state when sent. */
export interface Touched {
  add(path: Path): void
}

/** What one event type feeds, computed once from the catalogue. */
interface Feeds {
  readonly totals: Readonly<Record<MetricScope, readonly Feed[]>>
  readonly minutes: readonly CellFeed[]
  readonly tens: readonly CellFeed[]
  readonly product: readonly CellFeed[]
}
type Column = IncrementColumn | LevelColumn
export interface CellFeed {
  readonly id: MetricId
  readonly columns: readonly Column[]
}
export interface Feed extends CellFeed {
  readonly max: boolean
}

/** By type, from the catalogue: the fold reads nothing else. */
export const feedsByType: Readonly<Record<EventType, Feeds>> = /* @__PURE__ */ Object.fromEntries(
  eventTypeNames.map((type) => [type, feedsOf(type)]),
) as Record<EventType, Feeds>

function feedsOf(type: EventType): Feeds {
  const fed = baseMetricIds.filter((id) => type in (metrics[id] as BaseMetric).from)
  const columnsOf = (id: MetricId, scope: MetricScope): readonly Column[] => {
    const columns = (metrics[id] as BaseMetric).from[type]
    return Array.isArray(columns) ? columns : [(columns as Record<MetricScope, Column>)[scope]]
  }
  const totals = (scope: MetricScope): Feed[] =>
    fed
      .map((id) => ({ id, metric: metrics[id] as BaseMetric }))
      .filter(({ metric }) => metric.merge !== 'last' && metric.scopes.includes(scope))
      .map(({ id, metric }) => ({
        id,
        max: metric.merge === 'max',
        columns: columnsOf(id, scope),
      }))
  const cells = (ids: readonly MetricId[], without?: Column): CellFeed[] =>
    ids
      .filter((id) => fed.includes(id))
      .map((id) => ({
        id,
        columns: columnsOf(id, 'live').filter((column) => column !== without),
      }))
  return {
    totals: { live: totals('live'), day: totals('day') },
    // Values from before anybody watched would be one jump.
    minutes: cells(seriesMetricIds, 'opening'),
    tens: cells(tensMetricIds, 'opening'),
    product: cells(productMetricIds),
  }
}

const UNKNOWN_TYPE = 'UNKNOWN_EVENT_TYPE'

/** Throws on an event written by a later release: leaving it out would be a wrong number. */
export function refuseUnknown(type: string): void {
  if (Object.hasOwn(feedsByType, type)) return
  const message = `an event has the type "${type}", which this release doesn’t support`
  throw Object.assign(new Error(message), { code: UNKNOWN_TYPE })
}

/** Whether an error is about an event written by a later release. */
export function isUnknownType(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === UNKNOWN_TYPE
}

/** What an event adds in the given columns. */
export function incrementOf(event: NumberedEvent, columns: readonly Column[]): number {
  let sum = 0
  for (const column of columns) {
    if (column === 'rows') sum += 1
    else if (column === 'counted_rows') sum += event.excluded ? 0 : 1
    else sum += event[column] ?? 0
  }
  return sum
}

/** Adds an event to the totals of one scope and records what another currency keeps out of them. */
export function foldTotals(
  scope: { totals: Totals; excluded: LiveEntry['excluded'] },
  feeds: readonly Feed[],
  event: NumberedEvent,
  at: Path,
  touched: Touched,
): void {
  for (const { id, max, columns } of feeds) {
    const before = scope.totals[id] ?? 0
    const value = incrementOf(event, columns)
    const after = max ? Math.max(before, value) : before + value
    if (after === before) continue
    scope.totals[id] = after
    touched.add(`${at}\u0000totals\u0000${id}`)
  }
  // Viewers reported off air are left out silently.
  if (event.excluded && event.type !== 'viewer_count') {
    const currency = event.currency ?? 'other'
    const known = own(scope.excluded, currency)
    const room = Object.keys(scope.excluded).length < stateLimits.currencies
    const key = known || room ? currency : 'other'
    const { orders, entries } = own(scope.excluded, key) ?? { orders: 0, entries: 0 }
    const isOrder = event.type === 'payment_completed'
    scope.excluded[key] = isOrder
      ? { orders: orders + event.excluded, entries }
      : { orders, entries: entries + event.excluded }
    touched.add(`${at}\u0000excluded\u0000${key}`)
  }
}

/** Adds what an event feeds to a row. */
export function addCells(
  columns: Columns,
  row: number,
  feeds: readonly CellFeed[],
  event: NumberedEvent,
  at: Path,
  touched: Touched,
): void {
  for (const { id, columns: read } of feeds) {
    const added = incrementOf(event, read)
    if (added === 0) continue
    setCell(columns, id, row, cellOf(columns, id, row) + added)
    touched.add(`${at}\u0000${id}\u0000${row}`)
  }
}

/** Adds what an event feeds to sums by metric. */
export function addTotals(
  totals: Totals,
  feeds: readonly CellFeed[],
  event: NumberedEvent,
  at: Path,
  touched: Touched,
): void {
  for (const { id, columns } of feeds) {
    const added = incrementOf(event, columns)
    if (added === 0) continue
    totals[id] = (totals[id] ?? 0) + added
    touched.add(`${at}\u0000${id}`)
  }
}
