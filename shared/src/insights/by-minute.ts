import { cellOf } from '../columns.ts'
import { MINUTE_MS, type Minutes } from '../live-state.ts'
import type { MetricId } from '../metrics.ts'

/** A range of minutes, from `first` to `last`, both epoch minutes. */
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

/** One value for each minute; null if there is none. */
export type Series = readonly (number | null)[]

/** A metric by minute; a minute without events is 0. */
export function countsOf(live: Minutes, metric: MetricId, range: MinuteRange): number[] {
  return everyMinute(range, (minute) => cell(live, minute, metric))
}

/** Σ over Σ by minute; null if the denominator is 0. */
export function ratiosOf(live: Minutes, of: MetricId, to: MetricId, range: MinuteRange): Series {
  return everyMinute(range, (minute) => {
    const divisor = cell(live, minute, to)
    return divisor > 0 ? cell(live, minute, of) / divisor : null
  })
}

/** Average number of viewers by minute; null without reports. */
export function viewersOf(live: Minutes, range: MinuteRange): Series {
  return ratiosOf(live, 'viewer_sample_sum', 'viewer_samples', range)
}

function cell({ minutes, minutes_from }: Minutes, minute: number, metric: MetricId): number {
  return cellOf(minutes, metric, minute - minutes_from)
}

function everyMinute<T>({ first, last }: MinuteRange, value: (minute: number) => T): T[] {
  return Array.from({ length: last - first + 1 }, (_, index) => value(first + index))
}
