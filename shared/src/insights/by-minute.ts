import { type LiveDetail, MINUTE_MS } from '../live-state.ts'
import { type MetricId, seriesMetricIds } from '../metrics.ts'

/** A run of minutes, from `first` to `last`, both epoch minutes. */
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

/** One value for each minute; null where there is none. */
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

function cell(live: Pick<LiveDetail, 'minutes'>, minute: number, index: number): number {
  return Object.hasOwn(live.minutes, minute) ? (live.minutes[minute]?.[index] ?? 0) : 0
}

function everyMinute<T>({ first, last }: MinuteRange, value: (minute: number) => T): T[] {
  return Array.from({ length: last - first + 1 }, (_, index) => value(first + index))
}
