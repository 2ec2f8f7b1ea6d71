import { type GoalMetric, goalMetrics } from '@creatorflow/shared/goal'
import { type MetricId, metricOf } from '@creatorflow/shared/metrics'
import { funnelOf, funnelSteps } from '@creatorflow/shared/present'
import { type Courses, type LiveCourse, short, type Values } from './course.ts'

/** The middle half over LIVEs, by elapsed minute. */
export interface Spread {
  readonly q1: (number | null)[]
  readonly median: (number | null)[]
  readonly q3: (number | null)[]
}

/** How many LIVEs were still on air, by elapsed minute. */
export function livesAt(courses: readonly LiveCourse[]): number[] {
  const longest = Math.max(0, ...courses.map(({ length }) => length))
  return Array.from(
    { length: longest },
    (_, at) => courses.filter(({ length }) => length > at).length,
  )
}

/** The spread of every total that any of the LIVEs has. */
export function spreadOfTotals(courses: readonly LiveCourse[]): Partial<Record<MetricId, Spread>> {
  // Safe: the keys of courses are metrics.
  const ids = new Set(courses.flatMap(({ totals }) => Object.keys(totals) as MetricId[]))
  return Object.fromEntries([...ids].map((id) => [id, spreadOf(courses, 'totals', id)]))
}

/** The spread over the LIVEs on air in a minute; LIVEs that do not report a metric are left out. */
export function spreadOf(
  courses: readonly LiveCourse[],
  kind: 'minutes' | 'totals',
  id: MetricId,
): Spread {
  const spread: Spread = { q1: [], median: [], q3: [] }
  const known = courses.flatMap(({ length, ...course }) => {
    const of: Courses = course[kind]
    // A LIVE that sold nothing sold 0; one without viewer reports has no viewers.
    const values: Values | undefined =
      of[id] ?? (metricOf(id).merge === 'sum' ? new Array(length).fill(0) : undefined)
    return values ? [values] : []
  })
  const longest = Math.max(0, ...courses.map(({ length }) => length))
  for (let at = 0; at < longest; at++) {
    const values = known.flatMap((course) => course[at] ?? [])
    values.sort((a, b) => a - b)
    spread.q1.push(quantile(values, 0.25))
    spread.median.push(quantile(values, 0.5))
    spread.q3.push(quantile(values, 0.75))
  }
  return spread
}

/** Between the two nearest values, like `percentile_cont`; null for none. `sorted` ascends. */
export function quantile(sorted: readonly number[], share: number): number | null {
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)]
  const above = sorted[Math.ceil(place)]
  if (below === undefined || above === undefined) return null
  return short(below + (above - below) * (place - Math.floor(place)))
}

/** Fewer LIVEs than this say nothing about the usual. */
const LEAST_LIVES = 3

/** By step and the nearest earlier step that a LIVE reports: the median of that share, by elapsed minute. */
export function medianRates(courses: readonly LiveCourse[]): Record<string, (number | null)[]> {
  const longest = Math.max(0, ...courses.map(({ length }) => length))
  const medians: Record<string, (number | null)[]> = {}
  for (let at = 0; at < longest; at++) {
    const rates = new Map<string, number[]>()
    for (const course of courses) {
      for (const [key, rate] of ratesAt(course, at)) {
        rates.set(key, [...(rates.get(key) ?? []), rate])
      }
    }
    for (const [key, values] of rates) {
      if (values.length < LEAST_LIVES) continue
      values.sort((a, b) => a - b)
      medians[key] ??= new Array(longest).fill(null)
      medians[key][at] = quantile(values, 0.5)
    }
  }
  return medians
}

function ratesAt({ totals, length }: LiveCourse, at: number): [string, number][] {
  if (at >= length) return []
  const steps = funnelOf(Object.fromEntries(funnelSteps.map((id) => [id, totals[id]?.[at] ?? 0])))
  return steps.flatMap(({ id, rate }, index): [string, number][] => {
    const before = steps.slice(0, index).findLast(({ value }) => value !== null)
    return rate === null || !before ? [] : [[`${id}/${before.id}`, rate]]
  })
}

/** Totals of each funnel step at the end of a LIVE. */
export function funnelAtEnd({ settled }: LiveCourse): Partial<Record<MetricId, number>> {
  return Object.fromEntries(funnelSteps.map((id) => [id, settled[id] ?? 0]))
}

/** A LIVE's values of each goal metric, by elapsed minute; unreported ones are 0. */
export function goalTotals({ length, totals }: LiveCourse): Record<GoalMetric, number[]> {
  const courseOf = (id: GoalMetric) => (totals[id] ?? new Array(length).fill(0)).map((n) => n ?? 0)
  // Safe: made of every goal metric.
  return Object.fromEntries(goalMetrics.map((id) => [id, courseOf(id)])) as Record<
    GoalMetric,
    number[]
  >
}
