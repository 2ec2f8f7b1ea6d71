import { type LiveDetail, MINUTE_MS } from '@creatorflow/shared/live-state'
import { type MetricId, seriesMetricIds } from '@creatorflow/shared/metrics'

/** The minutes of a LIVE to draw: from `first` to `last`, both epoch minutes. */
export interface MinuteRange {
  readonly first: number
  readonly last: number
}

/** From the start of a LIVE to its end or now, at most the newest `limit` minutes. */
export function minutesOf(
  live: { readonly started_at: number; readonly ended_at: number | null },
  now: number,
  limit = 1_440,
): MinuteRange {
  const last = Math.floor(Math.max(live.ended_at ?? now, live.started_at) / MINUTE_MS)
  return { first: Math.max(Math.floor(live.started_at / MINUTE_MS), last - limit + 1), last }
}

/** One value for each minute; null where there is nothing to show. */
export type Series = readonly (number | null)[]

/** A metric by minute; a minute without events is 0. */
export function countsOf(
  live: Pick<LiveDetail, 'minutes'>,
  metric: MetricId,
  range: MinuteRange,
): number[] {
  const index = seriesMetricIds.indexOf(metric)
  return everyMinute(range, (minute) => cell(live, minute, index))
}

/** Σ over Σ by minute; null where the denominator is 0. */
export function ratiosOf(
  live: Pick<LiveDetail, 'minutes'>,
  of: MetricId,
  to: MetricId,
  range: MinuteRange,
): Series {
  const [top, bottom] = [seriesMetricIds.indexOf(of), seriesMetricIds.indexOf(to)]
  return everyMinute(range, (minute) => {
    const divisor = cell(live, minute, bottom)
    return divisor > 0 ? cell(live, minute, top) / divisor : null
  })
}

/** Average number of viewers by minute; null where nobody reported. */
export function viewersOf(live: Pick<LiveDetail, 'minutes'>, range: MinuteRange): Series {
  return ratiosOf(live, 'viewer_sample_sum', 'viewer_samples', range)
}

const steps = [1, 2, 5, 10, 15, 30, 60, 120, 240, 360]

/** Epoch minutes for the marks of a time axis: round ones in any zone, at most `count`. */
export function minuteTicks({ first, last }: MinuteRange, count: number): number[] {
  const step = steps.find((minutes) => (last - first) / minutes <= count) ?? 720
  const ticks: number[] = []
  for (let tick = Math.ceil(first / step) * step; tick <= last; tick += step) ticks.push(tick)
  return ticks
}

/** Points of a small line in a box of 100 × 100, highest value on top; nulls are left out. */
export function sparklinePoints(series: Series): string {
  const known = series.filter((value) => value !== null)
  if (known.length < 2) return ''
  const least = Math.min(...known, 0)
  const span = Math.max(...known) - least || 1
  const points: string[] = []
  series.forEach((value, index) => {
    if (value === null) return
    const x = (index / (series.length - 1)) * 100
    points.push(`${x.toFixed(1)},${(100 - ((value - least) / span) * 100).toFixed(1)}`)
  })
  return points.join(' ')
}

function cell(live: Pick<LiveDetail, 'minutes'>, minute: number, index: number): number {
  return Object.hasOwn(live.minutes, minute) ? (live.minutes[minute]?.[index] ?? 0) : 0
}

function everyMinute<T>({ first, last }: MinuteRange, value: (minute: number) => T): T[] {
  return Array.from({ length: last - first + 1 }, (_, index) => value(first + index))
}
