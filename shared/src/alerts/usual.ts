import type { GoalMetric } from '../goal.ts'
import { USUAL_LIVES, waitingFor } from '../insights/compare.ts'
import { type Course, elapsedOf, totalAt } from '../insights/elapsed.ts'
import { forecast, type PastCourse, presentOf } from '../insights/forecast.ts'
import { type MetricId, metricOf } from '../metrics.ts'
import type { LiveView, Pace, Records, UsualValue } from './view.ts'

/** An earlier LIVE by elapsed minute. */
export interface EarlierLive {
  readonly ended: boolean
  /** Started within the days that make up the usual. */
  readonly usual: boolean
  readonly length: number
  /** Values of each minute, and totals at the end of each minute. */
  readonly minutes: Readonly<Partial<Record<MetricId, Course>>>
  readonly totals: Readonly<Partial<Record<MetricId, Course>>>
}

/** The median and the median absolute deviation of a metric at this moment of earlier LIVEs; null for too few of them. */
export function usualValue(
  earlier: readonly EarlierLive[],
  { live, presented }: LiveView,
  metric: MetricId,
  now: number,
): UsualValue | null {
  const elapsed = elapsedOf({ started_at: live.started_at, ended_at: null }, now)
  const read = (id: MetricId) => live.totals[id] ?? presented.metrics[id]?.value ?? 0
  if (waitingFor(metric, elapsed, read) !== null) return null
  const isSum = metricOf(metric).merge === 'sum'
  const values = earlier.flatMap(({ usual, length, minutes, totals }) => {
    if (!usual || length <= elapsed.minute) return []
    const value =
      metric === 'viewers_now'
        ? (minutes.average_viewers?.[elapsed.minute] ?? null)
        : totals[metric]
          ? totalAt(totals[metric], elapsed, isSum ? 0 : null)
          : isSum
            ? 0
            : null
    return value === null ? [] : [value]
  })
  if (values.length < USUAL_LIVES) return null
  const median = medianOf(values)
  return { median, deviation: medianOf(values.map((value) => Math.abs(value - median))) }
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2
}

export interface KnownGoal {
  readonly id: string
  readonly metric: GoalMetric
  readonly target: number
  readonly planned_minutes: number | null
}

/** Where the LIVE ends at its pace; null while that is not known, or the goal is reached. */
export function paceOf(
  earlier: readonly EarlierLive[],
  { live }: LiveView,
  goal: KnownGoal,
  now: number,
): Pace | null {
  const value = live.totals[goal.metric] ?? 0
  const present = presentOf({ started_at: live.started_at, ended_at: null }, goal, value, now)
  if (value >= goal.target || present.elapsed.minute < LEAST_MINUTE) return null
  const past: PastCourse[] = earlier.flatMap(({ ended, usual, length, totals }) => {
    if (!ended || !usual) return []
    const course = totals[goal.metric]
    return [Array.from({ length }, (_, at) => course?.[at] ?? 0)]
  })
  const known = forecast(present, past)
  return known && { forecast: known.end, target: goal.target }
}

/** Before that a forecast swings too much to warn anybody. */
const LEAST_MINUTE = 10

/** What the LIVE may beat. */
export function recordsOf(earlier: readonly EarlierLive[]): Records {
  const most = (values: readonly (number | null)[]) => {
    const known = values.filter((value) => value !== null)
    return known.length === 0 ? null : known.reduce((a, b) => Math.max(a, b))
  }
  return {
    minute_gmv: most(earlier.flatMap(({ minutes }) => minutes.gmv ?? [])),
    viewers: most(earlier.map(({ totals }) => totals.peak_viewers?.at(-1) ?? null)),
  }
}
