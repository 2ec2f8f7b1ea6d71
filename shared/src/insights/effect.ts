import {
  type LiveDetail,
  MINUTE_MS,
  type PauseMark,
  stateLimits,
  TEN_SECONDS_MS,
} from '../live-state.ts'
import { type MetricId, seriesMetricIds } from '../metrics.ts'

export const EFFECT_MS = 5 * MINUTE_MS
/** Less than this seen on either side compares nothing. */
const ENOUGH_MS = MINUTE_MS

/** What is told of the minutes around a moment. */
export const effectMetrics = ['gmv', 'main_orders', 'product_clicks'] as const
export type EffectMetric = (typeof effectMetrics)[number]

/** Five minutes before or after a moment, as far as there is something to see. */
export interface Side {
  readonly from: number
  readonly to: number
  /** On air and seen: without pauses, gaps and what is still to come, ms. */
  readonly seenMs: number
  readonly pausedMs: number
  readonly gapMs: number
  readonly sums: Readonly<Record<EffectMetric, number>>
  /** Average; null where nobody reported. */
  readonly viewers: number | null
}

export interface Effect {
  readonly before: Side
  readonly after: Side
  /** The minute of the moment is on neither side: what is older than an hour is known by minutes alone. */
  readonly byMinute: boolean
  /** The five minutes after are over. */
  readonly isOver: boolean
  /** Growth for each minute seen, or of the average; null while too little was seen or there is nothing to grow from. */
  readonly change: Readonly<Record<EffectMetric | 'viewers', number | null>>
}

interface Span {
  readonly started_at: number
  readonly ended_at: number | null
  readonly pauses: readonly PauseMark[]
}
type Seen = Pick<LiveDetail, 'minutes' | 'tens' | 'marks'>
interface Stretch {
  readonly from: number
  readonly to: number
}

/** What changed around a moment: sums of the five minutes before and after it. */
export function effectOf(ts: number, detail: Seen, live: Span, now: number): Effect {
  const until = live.ended_at ?? now
  const byMinute = !hasTens(detail, ts - EFFECT_MS)
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

/** Whether the buckets of ten seconds reach back so far; the oldest go when they are full. */
function hasTens({ tens }: Seen, from: number): boolean {
  const keys = Object.keys(tens)
  return keys.length < stateLimits.tenSeconds || Number(keys[0]) * TEN_SECONDS_MS <= from
}

function sideOf(detail: Seen, live: Span, step: number, { from, to }: Stretch): Side {
  const paused = pausesOf(live, to)
  const gaps = detail.marks.flatMap((mark) =>
    mark.kind === 'gap' ? [{ from: mark.ts, to: mark.until ?? mark.ts }] : [],
  )
  const length = Math.max(0, to - from)
  const pausedMs = covered(paused, from, to)
  const unseenMs = covered([...paused, ...gaps], from, to)
  const buckets = step === MINUTE_MS ? detail.minutes : detail.tens
  const sum = (metric: MetricId) => {
    const index = seriesMetricIds.indexOf(metric)
    let total = 0
    for (let key = Math.floor(from / step); key * step < to; key++) {
      if (Object.hasOwn(buckets, key)) total += buckets[key]?.[index] ?? 0
    }
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
    viewers: meanViewers(buckets, step, from, to),
  }
}

/** The mean of the buckets with a report, so that no stretch counts more for being reported more often. */
function meanViewers(buckets: Seen['tens'], step: number, from: number, to: number) {
  const samplesAt = seriesMetricIds.indexOf('viewer_samples')
  const sumAt = seriesMetricIds.indexOf('viewer_sample_sum')
  const means: number[] = []
  for (let key = Math.floor(from / step); key * step < to; key++) {
    const cells = Object.hasOwn(buckets, key) ? buckets[key] : undefined
    const samples = cells?.[samplesAt] ?? 0
    if (samples > 0) means.push((cells?.[sumAt] ?? 0) / samples)
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

/** How much of a time the stretches cover; where they overlap it counts once. */
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
