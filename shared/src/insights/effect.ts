import { type Columns, cellOf } from '../columns.ts'
import { type LiveDetail, MINUTE_MS, type PauseMark, TEN_SECONDS_MS } from '../live-state.ts'
import type { MetricId } from '../metrics.ts'

export const EFFECT_MS = 5 * MINUTE_MS
/** Less than this seen on either side compares nothing. */
const ENOUGH_MS = MINUTE_MS

/** What is shown of the minutes around a moment. */
export const effectMetrics = ['gmv', 'main_orders', 'product_clicks'] as const
export type EffectMetric = (typeof effectMetrics)[number]

/** Five minutes before or after a moment, as far as they were seen. */
export interface Side {
  readonly from: number
  readonly to: number
  /** On air and seen: without pauses, gaps and the future, ms. */
  readonly seenMs: number
  readonly pausedMs: number
  readonly gapMs: number
  readonly sums: Readonly<Record<EffectMetric, number>>
  /** Average; null without reports. */
  readonly viewers: number | null
}

export interface Effect {
  readonly before: Side
  readonly after: Side
  /** The minute of the moment is on neither side: what is older than an hour is known only by minute. */
  readonly byMinute: boolean
  /** The five minutes after are over. */
  readonly isOver: boolean
  /** Growth per minute seen, or of the average; null while too little was seen or there is nothing to grow from. */
  readonly change: Readonly<Record<EffectMetric | 'viewers', number | null>>
}

interface Span {
  readonly started_at: number
  readonly ended_at: number | null
  readonly pauses: readonly PauseMark[]
}
type Seen = Pick<LiveDetail, 'minutes' | 'minutes_from' | 'tens' | 'tens_from' | 'marks'>
interface Stretch {
  readonly from: number
  readonly to: number
}

/** What changed around a moment: sums of the five minutes before and after it. */
export function effectOf(ts: number, detail: Seen, live: Span, now: number): Effect {
  const until = live.ended_at ?? now
  // The buckets of ten seconds go back an hour, or to the start.
  const seenFrom = Math.max(ts - EFFECT_MS, live.started_at)
  const byMinute = Math.floor(seenFrom / TEN_SECONDS_MS) < detail.tens_from
  const step = byMinute ? MINUTE_MS : TEN_SECONDS_MS
  const at = Math.floor(ts / step) * step
  const whole = (length: number): Stretch => {
    const start = byMinute && length > 0 ? at + step : at
    return length > 0 ? { from: start, to: start + length } : { from: start + length, to: start }
  }
  const side = (stretch: Stretch) =>
    sideOf(detail, live, step, {
      from: Math.max(stretch.from, live.started_at),
      to: Math.min(stretch.to, until),
    })
  const [before, after] = [side(whole(-EFFECT_MS)), side(whole(EFFECT_MS))]
  const isEnough = before.seenMs >= ENOUGH_MS && after.seenMs >= ENOUGH_MS
  const growth = (from: number, to: number) => (isEnough && from > 0 ? to / from - 1 : null)
  const perMs = (of: Side, metric: EffectMetric) => of.sums[metric] / of.seenMs
  const grown = (metric: EffectMetric) => growth(perMs(before, metric), perMs(after, metric))
  return {
    before,
    after,
    byMinute,
    isOver: whole(EFFECT_MS).to <= until,
    change: {
      gmv: grown('gmv'),
      main_orders: grown('main_orders'),
      product_clicks: grown('product_clicks'),
      viewers:
        before.viewers === null || after.viewers === null
          ? null
          : growth(before.viewers, after.viewers),
    },
  }
}

function sideOf(detail: Seen, live: Span, step: number, { from, to }: Stretch): Side {
  const paused = pausesOf(live, to)
  const gaps = detail.marks.flatMap((mark) =>
    mark.kind === 'gap' ? [{ from: mark.ts, to: mark.until ?? mark.ts }] : [],
  )
  const length = Math.max(0, to - from)
  const pausedMs = covered(paused, from, to)
  const unseenMs = covered([...paused, ...gaps], from, to)
  const [columns, first] =
    step === MINUTE_MS ? [detail.minutes, detail.minutes_from] : [detail.tens, detail.tens_from]
  const stretch = { first: Math.floor(from / step) - first, end: Math.ceil(to / step) - first }
  const sum = (metric: MetricId) => {
    let total = 0
    for (let at = stretch.first; at < stretch.end; at++) total += cellOf(columns, metric, at)
    return total
  }
  return {
    from,
    to: Math.max(from, to),
    seenMs: length - unseenMs,
    pausedMs,
    gapMs: unseenMs - pausedMs,
    sums: {
      gmv: sum('gmv'),
      main_orders: sum('main_orders'),
      product_clicks: sum('product_clicks'),
    },
    viewers: meanViewers(columns, stretch),
  }
}

/** The mean of the buckets with a report, so none counts more for being reported more often. */
function meanViewers(
  columns: Columns,
  { first, end }: { readonly first: number; readonly end: number },
): number | null {
  const means: number[] = []
  for (let at = first; at < end; at++) {
    const samples = cellOf(columns, 'viewer_samples', at)
    if (samples > 0) means.push(cellOf(columns, 'viewer_sample_sum', at) / samples)
  }
  return means.length > 0 ? means.reduce((sum, mean) => sum + mean, 0) / means.length : null
}

function pausesOf({ pauses }: Span, until: number): Stretch[] {
  const stretches: Stretch[] = []
  let since: number | null = null
  for (const { ts, paused } of pauses) {
    if (paused) since ??= ts
    else if (since !== null) {
      stretches.push({ from: since, to: ts })
      since = null
    }
  }
  if (since !== null) stretches.push({ from: since, to: until })
  return stretches
}

/** How much of a time the ranges cover; overlaps count once. */
function covered(stretches: readonly Stretch[], from: number, to: number): number {
  let total = 0
  let at = from
  for (const stretch of stretches.toSorted((a, b) => a.from - b.from)) {
    const start = Math.max(stretch.from, at)
    const end = Math.min(stretch.to, to)
    if (end <= start) continue
    total += end - start
    at = end
  }
  return total
}
