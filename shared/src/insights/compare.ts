import type { Reply } from '../endpoint.ts'
import type { getBaseline } from '../features/baseline.ts'
import { type MetricId, metricOf } from '../metrics.ts'
import { type Course, type Elapsed, totalAt } from './elapsed.ts'
import { isNoChange, shownDifference, shownRatio } from './shown.ts'

export type Baseline = Reply<typeof getBaseline>

/** Fewer LIVEs than this say nothing about the usual. */
export const USUAL_LIVES = 3

/** Before this minute numbers are too small, and an empty room is no reason for alarm. */
export const COMPARE_FROM_MINUTE = 5

/** Least denominator of a rate before it is compared. */
const leastSamples: Readonly<Partial<Record<MetricId, number>>> = {
  live_impressions: 100,
  views: 100,
  product_impressions: 100,
  product_clicks: 30,
  add_to_carts: 20,
  checkouts: 10,
  main_orders: 5,
  items_sold: 5,
}

/** Why a rate of `base` is not compared yet; null once it is. */
export function waitingForBase(base: MetricId, value: number, { minute }: Elapsed): string | null {
  if (minute < COMPARE_FROM_MINUTE) return `from minute ${COMPARE_FROM_MINUTE}`
  const least = leastSamples[base] ?? 0
  return value < least ? `from ${least} ${metricOf(base).name.toLowerCase()}` : null
}

/** Why a metric is not compared yet, to follow "compared"; null once it is. */
export function waitingFor(
  metric: MetricId,
  elapsed: Elapsed,
  read: (id: MetricId) => number,
): string | null {
  const definition = metricOf(metric)
  const to = definition.merge === 'derived' ? Object.keys(definition.derive.to ?? {}) : []
  // Safe: terms of the catalogue are its metrics.
  const base = (to[0] ?? metric) as MetricId
  return waitingForBase(base, to.length > 0 ? read(base) : Number.POSITIVE_INFINITY, elapsed)
}

/** How a value compares with another: `change` is a share of it, or for a ratio the difference itself. */
export interface Comparison {
  readonly reference: number
  readonly change: number
  readonly direction: 'up' | 'down' | 'same'
  /** Whether that is good news; null if the metric has no better side. */
  readonly good: boolean | null
}

/** The middle half of the usual LIVEs at one moment. */
export interface Usual {
  readonly q1: number
  readonly median: number
  readonly q3: number
}

/** A difference that would display as none is none. */
export function compare(metric: MetricId, value: number, reference: number): Comparison {
  const { unit, good } = metricOf(metric)
  const change =
    unit === 'ratio'
      ? shownDifference(shownRatio(value), shownRatio(reference))
      : value === reference
        ? 0
        : (value - reference) / Math.abs(reference)
  const isSame = unit === 'ratio' ? change === 0 : isNoChange(change)
  const direction = isSame ? 'same' : change > 0 ? 'up' : 'down'
  const isGood = good === 'neither' || direction === 'same' ? null : direction === good
  return { reference, change, direction, good: isGood }
}

/** The value of the previous LIVE at the same moment; once that was over, its last total. */
export function previousAt(baseline: Baseline, metric: MetricId, elapsed: Elapsed): number | null {
  const { previous } = baseline
  if (!previous) return null
  if (metric === 'viewers_now') return previous.minutes.average_viewers?.[elapsed.minute] ?? null
  const course = previous.totals[metric]
  if (!course) return isSum(metric) ? 0 : null
  if (elapsed.minute >= previous.length) return course.at(-1) ?? null
  return totalAt(course, elapsed, isSum(metric) ? 0 : null)
}

/** Whether the previous LIVE was already over at this moment. */
export function previousWasOver(baseline: Baseline, { minute }: Elapsed): boolean {
  return baseline.previous !== null && minute >= baseline.previous.length
}

/** The usual at the same moment; null while too few LIVEs were on air then. */
export function usualAt(baseline: Baseline, metric: MetricId, elapsed: Elapsed): Usual | null {
  const { usual } = baseline
  if ((usual.lives_at[elapsed.minute] ?? 0) < USUAL_LIVES) return null
  const isLevel = metric === 'viewers_now'
  const spread = isLevel ? usual.minutes.average_viewers : usual.totals[metric]
  if (!spread) return null
  const at = (course: Course) =>
    isLevel ? (course[elapsed.minute] ?? null) : totalAt(course, elapsed, isSum(metric) ? 0 : null)
  const [q1, median, q3] = [at(spread.q1), at(spread.median), at(spread.q3)]
  return q1 === null || median === null || q3 === null ? null : { q1, median, q3 }
}

const isSum = (metric: MetricId): boolean => metricOf(metric).merge === 'sum'
