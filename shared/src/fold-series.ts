import { addCells, feedsByType, own, type Touched } from './feeds.ts'
import { seriesEndOf } from './live-span.ts'
import {
  emptyCells,
  type LiveEntry,
  MINUTE_MS,
  type Path,
  stateLimits,
  TEN_SECONDS_MS,
} from './live-state.ts'
import type { NumberedEvent } from './numbered-event.ts'

const series = [
  { name: 'minutes', lengthMs: MINUTE_MS, limit: stateLimits.minutes },
  { name: 'tens', lengthMs: TEN_SECONDS_MS, limit: stateLimits.tenSeconds },
] as const

type Series = (typeof series)[number]
/** The first and last bucket of a series. */
type Reach = readonly [first: number, last: number]
/** What decides how far the series of a LIVE reach. */
export type KnownSpan = Pick<LiveEntry, 'started_at' | 'ended_at' | 'last_at'>

/**
 * Takes an event into the series of its LIVE. A LIVE may turn out longer or shorter with every event, so buckets
 * outside its series are kept apart and change places with it: the series are the same in every order.
 */
export function foldSeries(
  live: LiveEntry,
  before: KnownSpan,
  event: NumberedEvent,
  at: Path,
  touched: Touched,
): void {
  const feeds = feedsByType[event.type].series
  for (const each of series) {
    const reach = reachOf(live, each)
    realign(live, each, reachOf(before, each), reach, at, touched)
    if (feeds.length === 0) continue
    const key = String(Math.floor(event.ts / each.lengthMs))
    const cells = isWithin(reach, key)
      ? insideAt(live, each, key, at, touched)
      : outsideAt(live, each, key, reach)
    if (cells) addCells(cells, feeds, event)
  }
}

function reachOf(span: KnownSpan, { lengthMs }: Series): Reach {
  return [Math.floor(span.started_at / lengthMs), Math.floor(seriesEndOf(span) / lengthMs)]
}

function isWithin([first, last]: Reach, key: string): boolean {
  return Number(key) >= first && Number(key) <= last
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
  const inside = live[each.name]
  const outside = live.outside?.[each.name] ?? {}
  for (const [key, cells] of Object.entries(outside)) {
    const comesIn = isWithin(reach, key)
    if (comesIn) insideAt(live, each, key, at, touched, cells as number[])
    if (comesIn || !isNear(reach, key)) delete outside[key]
  }
  const isShorter = reach[0] > before[0] || reach[1] < before[1]
  for (const [key, cells] of isShorter ? Object.entries(inside) : []) {
    if (isWithin(reach, key)) continue
    delete inside[key]
    touched.add([...at, each.name, key])
    outsideAt(live, each, key, reach, cells as number[])
  }
  // Most LIVEs have nothing outside, and then no member for it.
  if (live.outside && series.every(({ name }) => isEmpty(live.outside?.[name]))) delete live.outside
}

function isEmpty(map: object = {}): boolean {
  for (const _ in map) return false
  return true
}

/** The bucket of a series, made when it is not there; undefined when it is older than all that are held. */
function insideAt(
  live: LiveEntry,
  { name, limit }: Series,
  key: string,
  at: Path,
  touched: Touched,
  made?: number[],
): number[] | undefined {
  const buckets = live[name]
  let cells = own(buckets, key) as number[] | undefined
  if (!cells) {
    const keys = Object.keys(buckets)
    if (keys.length >= limit) {
      // Integer keys are enumerated in ascending order, so the first is the oldest.
      const oldest = keys[0] as string
      if (Number(key) < Number(oldest)) return undefined
      delete buckets[oldest]
      touched.add([...at, name, oldest])
    }
    cells = made ?? emptyCells('series')
    buckets[key] = cells
  }
  touched.add([...at, name, key])
  return cells
}

/** The bucket outside the series; undefined when it is too far away. Not touched: no screen is sent it. */
function outsideAt(
  live: LiveEntry,
  { name }: Series,
  key: string,
  reach: Reach,
  made?: number[],
): number[] | undefined {
  if (!isNear(reach, key)) return undefined
  live.outside ??= { minutes: {}, tens: {} }
  const buckets = live.outside[name]
  const cells = (own(buckets, key) as number[] | undefined) ?? made ?? emptyCells('series')
  buckets[key] = cells
  return cells
}

/** Whether a bucket may still turn out to be within. */
function isNear([first, last]: Reach, key: string): boolean {
  return isWithin([first - stateLimits.outside, last + stateLimits.outside], key)
}
