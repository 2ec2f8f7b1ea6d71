import type { Path } from './changes.ts'
import { cellOf, lengthOf, movedBy, setCell } from './columns.ts'
import { feedsByType, incrementOf, type Touched } from './feeds.ts'
import { seriesEndOf } from './live-span.ts'
import {
  type LiveEntry,
  MINUTE_MS,
  stateLimits,
  TEN_SECONDS_MS,
  type Totals,
} from './live-state.ts'
import type { MetricId } from './metrics.ts'
import type { NumberedEvent } from './numbered-event.ts'
import { own } from './own.ts'

const series = [
  { name: 'minutes', from: 'minutes_from', lengthMs: MINUTE_MS, limit: stateLimits.minutes },
  { name: 'tens', from: 'tens_from', lengthMs: TEN_SECONDS_MS, limit: stateLimits.tenSeconds },
] as const

type Series = (typeof series)[number]
/** The first and last bucket of a series. */
type Reach = readonly [first: number, last: number]
/** What decides how far a LIVE's series reach. */
export type KnownSpan = Pick<LiveEntry, 'started_at' | 'ended_at' | 'last_at'>

/**
 * Adds an event to the series of its LIVE. A LIVE may turn out longer or shorter with every event, so buckets
 * outside its series are kept separately and moved in or out: the series are the same in every order.
 */
export function foldSeries(
  live: LiveEntry,
  before: KnownSpan,
  event: NumberedEvent,
  at: Path,
  touched: Touched,
): void {
  for (const each of series) {
    const reach = reachOf(live, each)
    realign(live, each, reachOf(before, each), reach, at, touched)
    const bucket = Math.floor(event.ts / each.lengthMs)
    const isInside = isWithin(reach, bucket)
    for (const { id, columns } of feedsByType[event.type][each.name]) {
      const added = incrementOf(event, columns)
      if (added === 0) continue
      if (isInside) addInside(live, each, bucket, id, added, at, touched)
      else addOutside(live, each, reach, bucket, id, added)
    }
  }
}

function reachOf(span: KnownSpan, { lengthMs }: Series): Reach {
  return [Math.floor(span.started_at / lengthMs), Math.floor(seriesEndOf(span) / lengthMs)]
}

function isWithin([first, last]: Reach, bucket: number): boolean {
  return bucket >= first && bucket <= last
}

/** Moves buckets in and out after the LIVE turned out longer or shorter. */
function realign(
  live: LiveEntry,
  each: Series,
  before: Reach,
  reach: Reach,
  at: Path,
  touched: Touched,
): void {
  if (reach[0] === before[0] && reach[1] === before[1]) return
  const isShorter = reach[0] > before[0] || reach[1] < before[1]
  if (isShorter) shorten(live, each, reach, at, touched)
  const from = live[each.from]
  // Once buckets were dropped for their number, an earlier start restores none of them.
  if (from === before[0] && reach[0] < from) {
    const newest = from + lengthOf(live[each.name]) - 1
    begin(live, each, Math.max(reach[0], newest - each.limit + 1), at, touched)
  }
  const outside = live.outside?.[each.name] ?? {}
  for (const [key, totals] of Object.entries(outside)) {
    const bucket = Number(key)
    const comesIn = isWithin(reach, bucket)
    if (comesIn) {
      for (const [id, value] of entriesOf(totals)) {
        addInside(live, each, bucket, id, value, at, touched)
      }
    }
    if (comesIn || !isNear(reach, bucket)) delete outside[key]
  }
  // Most LIVEs have nothing outside, and then no member for it.
  if (live.outside && series.every(({ name }) => isEmpty(live.outside?.[name]))) delete live.outside
}

function isEmpty(map: object = {}): boolean {
  for (const _ in map) return false
  return true
}

const entriesOf = (totals: Totals) => Object.entries(totals) as [MetricId, number][]

/** Buckets no longer within go outside. */
function shorten(live: LiveEntry, each: Series, reach: Reach, at: Path, touched: Touched): void {
  const columns = live[each.name]
  const from = live[each.from]
  const end = from + lengthOf(columns)
  for (let bucket = from; bucket < end; bucket++) {
    if (isWithin(reach, bucket)) continue
    for (const id of Object.keys(columns) as MetricId[]) {
      const value = cellOf(columns, id, bucket - from)
      if (value === 0) continue
      setCell(columns, id, bucket - from, 0)
      touched.add(`${at}\u0000${each.name}\u0000${id}\u0000${bucket}`)
      addOutside(live, each, reach, bucket, id, value)
    }
  }
  if (from < reach[0]) begin(live, each, reach[0], at, touched)
}

/** Starts a series at another bucket; earlier ones are dropped. */
function begin(live: LiveEntry, each: Series, from: number, at: Path, touched: Touched): void {
  const before = live[each.from]
  if (from === before) return
  // Reported too: the series may start earlier again before a screen gets it.
  for (const [id, column] of Object.entries(live[each.name])) {
    for (let gone = 0; gone < Math.min(from - before, column.length); gone++) {
      if (column[gone] !== 0)
        touched.add(`${at}\u0000${each.name}\u0000${id}\u0000${before + gone}`)
    }
  }
  live[each.name] = movedBy(live[each.name], from - before)
  live[each.from] = from
  touched.add(`${at}\u0000${each.from}`)
}

/** Adds to a bucket of the series, unless it is older than all that are held. */
function addInside(
  live: LiveEntry,
  each: Series,
  bucket: number,
  id: MetricId,
  added: number,
  at: Path,
  touched: Touched,
): void {
  if (bucket < live[each.from]) return
  if (bucket - live[each.from] >= each.limit)
    begin(live, each, bucket - each.limit + 1, at, touched)
  const position = bucket - live[each.from]
  const columns = live[each.name]
  setCell(columns, id, position, cellOf(columns, id, position) + added)
  touched.add(`${at}\u0000${each.name}\u0000${id}\u0000${bucket}`)
}

/** Adds to a bucket outside the series, unless it is too far away. Not touched: no screen receives it. */
function addOutside(
  live: LiveEntry,
  { name }: Series,
  reach: Reach,
  bucket: number,
  id: MetricId,
  added: number,
): void {
  if (!isNear(reach, bucket)) return
  live.outside ??= { minutes: {}, tens: {} }
  const buckets = live.outside[name]
  const totals = own(buckets, String(bucket)) ?? {}
  buckets[bucket] = totals
  totals[id] = (totals[id] ?? 0) + added
}

/** Whether a bucket may still turn out to be within. */
function isNear([first, last]: Reach, bucket: number): boolean {
  return isWithin([first - stateLimits.outside, last + stateLimits.outside], bucket)
}
