import { type EventType, eventTypeNames } from './event-types.ts'
import { extendsLive } from './live-span.ts'
import {
  type DayState,
  emptyCells,
  type Gauge,
  type Happening,
  type LiveEntry,
  type LiveState,
  MINUTE_MS,
  type Path,
  type Product,
  SERIES_GRACE_MS,
  stateLimits,
  TEN_SECONDS_MS,
  type Totals,
} from './live-state.ts'
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
} from './metrics.ts'
import { isLater, type NumberedEvent } from './numbered-event.ts'

/** Collects the paths that a fold changed; the values are read from the state when they are sent. */
export interface Touched {
  add(path: Path): void
}

/**
 * The only definition of a live number: takes the next events of one creator into its state.
 * It owns the state it is given, changes it in place and returns it; it reads no clock.
 * Throws on a hole in `seq`: the caller must read what it missed first.
 */
export function fold(
  state: LiveState,
  events: Iterable<NumberedEvent>,
  touched: Touched = ignored,
): LiveState {
  for (const event of events) {
    if (event.seq !== state.seq + 1) {
      throw new Error(`a hole in the log: event ${event.seq} after ${state.seq}`)
    }
    state.seq = event.seq
    foldStock(state, event, touched)
    foldDay(state, event, touched)
    const live = liveOf(state, event, touched)
    if (live) foldLive(live, event, touched)
  }
  return state
}

const ignored: Touched = { add: () => {} }

/** What one event type feeds, worked out once from the catalogue. */
interface Feeds {
  readonly totals: Readonly<Record<MetricScope, readonly Feed[]>>
  readonly series: readonly CellFeed[]
  readonly product: readonly CellFeed[]
}
type Column = IncrementColumn | LevelColumn
interface Feed {
  readonly id: MetricId
  readonly max: boolean
  readonly columns: readonly Column[]
}
interface CellFeed {
  readonly index: number
  readonly columns: readonly Column[]
}

const feedsByType: Readonly<Record<EventType, Feeds>> = /* @__PURE__ */ Object.fromEntries(
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
  const cells = (ids: readonly MetricId[]): CellFeed[] =>
    ids
      .map((id, index) => ({ id, index }))
      .filter(({ id }) => fed.includes(id))
      .map(({ id, index }) => ({
        index,
        columns: columnsOf(id, 'live').filter((column) => column !== 'opening'),
      }))
  return {
    totals: { live: totals('live'), day: totals('day') },
    series: cells(seriesMetricIds),
    product: cells(productMetricIds),
  }
}

/** What an event adds in the given columns. */
function incrementOf(event: NumberedEvent, columns: readonly Column[]): number {
  let sum = 0
  for (const column of columns) sum += column === 'rows' ? 1 : (event[column] ?? 0)
  return sum
}

function own<T>(map: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined
}

function foldTotals(
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
    touched.add([...at, 'totals', id])
  }
  if (event.excluded) {
    const currency = event.currency ?? 'other'
    const known = own(scope.excluded, currency)
    const room = Object.keys(scope.excluded).length < stateLimits.currencies
    const key = known || room ? currency : 'other'
    const { orders, entries } = own(scope.excluded, key) ?? { orders: 0, entries: 0 }
    const isOrder = event.type === 'payment_completed'
    scope.excluded[key] = isOrder
      ? { orders: orders + event.excluded, entries }
      : { orders, entries: entries + event.excluded }
    touched.add([...at, 'excluded', key])
  }
}

function foldStock(state: LiveState, event: NumberedEvent, touched: Touched): void {
  if (event.type !== 'stock_level' || event.product_id === undefined) return
  const isKnown = Object.hasOwn(state.stock, event.product_id)
  if (!isKnown && Object.keys(state.stock).length >= stateLimits.products) return
  // The written level is the product's total after this event, so the newest number is right.
  state.stock[event.product_id] = event.level ?? 0
  touched.add(['stock', event.product_id])
}

function foldDay(state: LiveState, event: NumberedEvent, touched: Touched): void {
  let day: DayState | undefined = own(state.days, event.day)
  if (!day) {
    const held = Object.keys(state.days).sort()
    const oldest = held[0]
    if (oldest !== undefined && held.length >= stateLimits.days) {
      if (event.day < oldest) return
      delete state.days[oldest]
      touched.add(['days', oldest])
    }
    day = { totals: {}, excluded: {} }
    state.days[event.day] = day
    touched.add(['days', event.day])
  }
  foldTotals(day, feedsByType[event.type].totals.day, event, ['days', event.day], touched)
}

/** The event's LIVE in the state, made by its first event; undefined when it has none or was dropped. */
function liveOf(state: LiveState, event: NumberedEvent, touched: Touched): LiveEntry | undefined {
  const id = event.session_id
  if (id === undefined) return undefined
  const known = own(state.lives, id)
  if (known || !event.opens_live) return known
  state.lives[id] = emptyLive(id, event.live_started_at ?? event.ts)
  touched.add(['lives', id])
  const lives = Object.values(state.lives)
  if (lives.length > stateLimits.lives) {
    const first = lives.reduce((a, b) => (startsBefore(b, a) ? b : a))
    delete state.lives[first.session_id]
    touched.add(['lives', first.session_id])
  }
  return own(state.lives, id)
}

function startsBefore(a: LiveEntry, b: LiveEntry): boolean {
  return (
    a.started_at < b.started_at || (a.started_at === b.started_at && a.session_id < b.session_id)
  )
}

function emptyLive(session_id: string, started_at: number): LiveEntry {
  return {
    session_id,
    started_at,
    inferred: true,
    ended_at: null,
    last_at: started_at,
    estimated: 0,
    totals: {},
    excluded: {},
    viewers_now: null,
    pauses: [],
    pauses_complete: true,
    minutes: {},
    tens: {},
    products: {},
    products_other: emptyCells('product'),
    pins: {},
    pins_other: emptyCells('product'),
    pin_marks: [],
    recent: {},
  }
}

function foldLive(live: LiveEntry, event: NumberedEvent, touched: Touched): void {
  const at: Path = ['lives', live.session_id]
  const feeds = feedsByType[event.type]
  foldSpan(live, event, at, touched)
  foldTotals(live, feeds.totals.live, event, at, touched)
  if (event.type === 'viewer_count' && (!live.viewers_now || isLater(event, live.viewers_now))) {
    live.viewers_now = { value: event.level ?? 0, ts: event.ts, id: event.id }
    touched.add([...at, 'viewers_now'])
  }
  if (feeds.series.length > 0 && isInSpan(live, event.ts)) {
    foldBucket(live.minutes, stateLimits.minutes, MINUTE_MS, event, [...at, 'minutes'], touched)
    foldBucket(live.tens, stateLimits.tenSeconds, TEN_SECONDS_MS, event, [...at, 'tens'], touched)
  }
  foldProduct(live, event, at, touched)
  foldPin(live, event, at, touched)
  foldRecent(live, event, at, touched)
}

function foldSpan(live: LiveEntry, event: NumberedEvent, at: Path, touched: Touched): void {
  const set = <K extends keyof LiveEntry>(key: K, value: LiveEntry[K]) => {
    if (live[key] === value) return
    live[key] = value
    touched.add([...at, key])
  }
  set('started_at', event.live_started_at ?? live.started_at)
  if (event.type === 'live_started') {
    set('inferred', false)
    if (event.label !== undefined) set('title', event.label)
  }
  if (event.type === 'live_ended') set('ended_at', Math.max(event.ts, live.ended_at ?? event.ts))
  if (extendsLive(event.type, event.attribution ?? 'session')) {
    set('last_at', Math.max(live.last_at, event.ts))
  }
  if (event.attribution === 'time') set('estimated', live.estimated + 1)
  if (event.type === 'live_paused' || event.type === 'live_resumed') {
    const mark = { ts: event.ts, id: event.id, paused: event.type === 'live_paused' }
    const pauses = inOrder([...live.pauses, mark])
    if (pauses.length > stateLimits.pauseMarks) {
      pauses.shift()
      set('pauses_complete', false)
    }
    set('pauses', pauses)
  }
}

function isInSpan(live: LiveEntry, ts: number): boolean {
  return ts >= live.started_at && ts <= (live.ended_at ?? live.last_at) + SERIES_GRACE_MS
}

function foldBucket(
  buckets: LiveEntry['minutes'],
  limit: number,
  lengthMs: number,
  event: NumberedEvent,
  at: Path,
  touched: Touched,
): void {
  const key = String(Math.floor(event.ts / lengthMs))
  let cells = own(buckets, key) as number[] | undefined
  if (!cells) {
    const keys = Object.keys(buckets)
    if (keys.length >= limit) {
      // Integer keys are enumerated in ascending order, so the first is the oldest.
      const oldest = keys[0] as string
      if (Number(key) < Number(oldest)) return
      delete buckets[oldest]
      touched.add([...at, oldest])
    }
    cells = emptyCells('series')
    buckets[key] = cells
  }
  addCells(cells, feedsByType[event.type].series, event)
  touched.add([...at, key])
}

function addCells(cells: number[], feeds: readonly CellFeed[], event: NumberedEvent): void {
  for (const { index, columns } of feeds) {
    cells[index] = (cells[index] ?? 0) + incrementOf(event, columns)
  }
}

function foldProduct(live: LiveEntry, event: NumberedEvent, at: Path, touched: Touched): void {
  const feeds = feedsByType[event.type].product
  const id = event.product_id
  if (id === undefined || (feeds.length === 0 && event.type !== 'product_pinned')) return
  let product: Product | undefined = own(live.products, id)
  if (!product && Object.keys(live.products).length >= stateLimits.products) {
    addCells(live.products_other as number[], feeds, event)
    touched.add([...at, 'products_other'])
    return
  }
  product ??= { values: emptyCells('product') }
  addCells(product.values as number[], feeds, event)
  const name = event.label ?? product.name
  live.products[id] = name === undefined ? product : { name, values: product.values }
  touched.add([...at, 'products', id])
}

function foldPin(live: LiveEntry, event: NumberedEvent, at: Path, touched: Touched): void {
  if (event.type === 'product_pinned' || event.type === 'product_unpinned') {
    const product_id = event.type === 'product_pinned' ? (event.product_id ?? null) : null
    const marks = inOrder([...live.pin_marks, { ts: event.ts, id: event.id, product_id }])
    if (marks.length > stateLimits.pinMarks) marks.shift()
    live.pin_marks = marks
    touched.add([...at, 'pin_marks'])
  }
  const feeds = feedsByType[event.type].product
  if (event.pin_id === undefined || feeds.length === 0) return
  let cells = own(live.pins, event.pin_id) as number[] | undefined
  if (!cells && Object.keys(live.pins).length >= stateLimits.pins) {
    addCells(live.pins_other as number[], feeds, event)
    touched.add([...at, 'pins_other'])
    return
  }
  cells ??= emptyCells('product')
  live.pins[event.pin_id] = cells
  addCells(cells, feeds, event)
  touched.add([...at, 'pins', event.pin_id])
}

const happeningTypes: ReadonlySet<EventType> = /* @__PURE__ */ new Set<EventType>([
  'comment',
  'gift',
  'follow',
  'share',
  'subscribe',
  'payment_completed',
  'order_refunded',
  'product_pinned',
])

function foldRecent(live: LiveEntry, event: NumberedEvent, at: Path, touched: Touched): void {
  if (!happeningTypes.has(event.type)) return
  // A running total that brought nothing new did not happen again.
  if (event.type === 'gift' && !event.units) return
  const path = [...at, 'recent']
  live.recent[event.id] = happeningOf(event)
  touched.add([...path, event.id])
  const held = Object.values(live.recent)
  if (held.length <= stateLimits.recent) return
  const oldest = held.reduce((a, b) => (isLater(a, b) ? b : a))
  delete live.recent[oldest.id]
  touched.add([...path, oldest.id])
}

function happeningOf(event: NumberedEvent): Happening {
  const { ts, id, type, user_id, product_id, label, units, money } = event
  return {
    ts,
    id,
    type,
    ...(user_id !== undefined && { user_id }),
    ...(product_id !== undefined && { product_id }),
    ...(label !== undefined && { label }),
    ...(units && { quantity: units }),
    ...(money && { money }),
  }
}

function inOrder<T extends Pick<Gauge, 'ts' | 'id'>>(marks: T[]): T[] {
  return marks.sort((a, b) => (isLater(a, b) ? 1 : -1))
}
