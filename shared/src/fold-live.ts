import type { Path } from './changes.ts'
import type { EventType } from './event-types.ts'
import {
  addCells,
  addTotals,
  feedsByType,
  foldTotals,
  refuseUnknown,
  type Touched,
} from './feeds.ts'
import { foldSeries } from './fold-series.ts'
import {
  type Gauge,
  type Happening,
  type LiveEntry,
  type Mark,
  MINUTE_MS,
  stateLimits,
  TEN_SECONDS_MS,
} from './live-state.ts'
import { isLater, type NumberedEvent } from './numbered-event.ts'
import { own } from './own.ts'
import { extendsLive } from './presence.ts'

/** A LIVE of which only the start is known. */
export function emptyLive(session_id: string, started_at: number): LiveEntry {
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
    minutes_from: Math.floor(started_at / MINUTE_MS),
    tens: {},
    tens_from: Math.floor(started_at / TEN_SECONDS_MS),
    products: {},
    product_rows: {},
    product_names: [],
    products_other: {},
    pins: {},
    pin_rows: {},
    pins_other: {},
    pin_marks: [],
    marks: [],
    recent: {},
  }
}

/** Adds an event to its LIVE: span, totals, series, product, pin, marks and recent happenings. */
export function foldLive(live: LiveEntry, event: NumberedEvent, touched: Touched): void {
  const at: Path = `lives\u0000${live.session_id}`
  refuseUnknown(event.type)
  const feeds = feedsByType[event.type]
  const { started_at, ended_at, last_at } = live
  foldSpan(live, event, at, touched)
  foldTotals(live, feeds.totals.live, event, at, touched)
  if (event.type === 'viewer_count' && (!live.viewers_now || isLater(event, live.viewers_now))) {
    live.viewers_now = { value: event.level ?? 0, ts: event.ts, id: event.id }
    touched.add(`${at}\u0000viewers_now`)
  }
  foldSeries(live, { started_at, ended_at, last_at }, event, at, touched)
  foldProduct(live, event, at, touched)
  foldPin(live, event, at, touched)
  foldMark(live, event, at, touched)
  foldRecent(live, event, at, touched)
}

function foldSpan(live: LiveEntry, event: NumberedEvent, at: Path, touched: Touched): void {
  const set = <K extends keyof LiveEntry>(key: K, value: LiveEntry[K]) => {
    if (live[key] === value) return
    live[key] = value
    touched.add(`${at}\u0000${key}`)
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

function foldProduct(live: LiveEntry, event: NumberedEvent, at: Path, touched: Touched): void {
  const feeds = feedsByType[event.type].product
  const id = event.product_id
  if (id === undefined || (feeds.length === 0 && event.type !== 'product_pinned')) return
  const row = takeRow(live, 'product_rows', id, stateLimits.products, at, touched)
  if (row === undefined) {
    addTotals(live.products_other, feeds, event, `${at}\u0000products_other`, touched)
    return
  }
  addCells(live.products, row, feeds, event, `${at}\u0000products`, touched)
  if (event.label === undefined || live.product_names[row] === event.label) return
  while (live.product_names.length < row) live.product_names.push('')
  live.product_names[row] = event.label
  touched.add(`${at}\u0000product_names\u0000${row}`)
}

/** The position of a product or pin, new if it is new; undefined if there is no more room. */
function takeRow(
  live: LiveEntry,
  name: 'product_rows' | 'pin_rows',
  id: string,
  limit: number,
  at: Path,
  touched: Touched,
): number | undefined {
  const rows = live[name]
  const known = own(rows, id)
  if (known !== undefined) return known
  const row = Object.keys(rows).length
  // No object can hold a member of that name.
  if (row >= limit || id === '__proto__') return undefined
  rows[id] = row
  touched.add(`${at}\u0000${name}\u0000${id}`)
  return row
}

function foldPin(live: LiveEntry, event: NumberedEvent, at: Path, touched: Touched): void {
  if (event.type === 'product_pinned' || event.type === 'product_unpinned') {
    const product_id = event.type === 'product_pinned' ? (event.product_id ?? null) : null
    const marks = inOrder([...live.pin_marks, { ts: event.ts, id: event.id, product_id }])
    if (marks.length > stateLimits.pinMarks) marks.shift()
    live.pin_marks = marks
    touched.add(`${at}\u0000pin_marks`)
  }
  const feeds = feedsByType[event.type].product
  if (event.pin_id === undefined || feeds.length === 0) return
  const row = takeRow(live, 'pin_rows', event.pin_id, stateLimits.pins, at, touched)
  if (row === undefined) addTotals(live.pins_other, feeds, event, `${at}\u0000pins_other`, touched)
  else addCells(live.pins, row, feeds, event, `${at}\u0000pins`, touched)
}

function foldMark(live: LiveEntry, event: NumberedEvent, at: Path, touched: Touched): void {
  const mark = markOf(event)
  // A restated report: the product was not sold out after all.
  const isTakenBack = event.type === 'stock_level' && (event.units ?? 0) < 0
  if (!mark && !isTakenBack) return
  const marks = mark
    ? inOrder([...live.marks, mark])
    : live.marks.filter(({ id, kind }) => id !== event.id || kind !== 'sold_out')
  if (marks.length > stateLimits.marks) marks.shift()
  live.marks = marks
  touched.add(`${at}\u0000marks`)
}

function markOf(event: NumberedEvent): Mark | undefined {
  const { ts, id, product_id, label, amount, quantity = 0 } = event
  const named = {
    ts,
    id,
    ...(product_id !== undefined && { product_id }),
    ...(label !== undefined && { label }),
  }
  switch (event.type) {
    case 'source_gap':
      return { ...named, kind: 'gap', until: ts + quantity }
    case 'note':
      return { ...named, kind: 'note' }
    case 'price_changed':
      return { ...named, kind: 'price', amount: amount ?? 0 }
    case 'stock_level':
      return (event.units ?? 0) > 0 ? { ...named, kind: 'sold_out' } : undefined
    default:
      return undefined
  }
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
  // A running total that added nothing did not happen again.
  if (event.type === 'gift' && !event.units) return
  const path = `${at}\u0000recent`
  live.recent[event.id] = happeningOf(event)
  touched.add(`${path}\u0000${event.id}`)
  const held = Object.values(live.recent)
  if (held.length <= stateLimits.recent) return
  const oldest = held.reduce((a, b) => (isLater(a, b) ? b : a))
  delete live.recent[oldest.id]
  touched.add(`${path}\u0000${oldest.id}`)
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
