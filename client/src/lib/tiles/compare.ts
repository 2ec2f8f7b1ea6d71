import type { Reply } from '@creatorflow/shared/endpoint'
import type { getBaseline } from '@creatorflow/shared/features/baseline'
import { type MetricId, metricOf } from '@creatorflow/shared/metrics'
import { type Course, type Elapsed, totalAt } from './elapsed.ts'

export type Baseline = Reply<typeof getBaseline>

/** Fewer LIVEs than this say nothing about what is usual. */
export const USUAL_LIVES = 3

/** How a value stands to another one: `change` is a share of it, or of a ratio the difference itself. */
export interface Comparison {
  readonly reference: number
  readonly change: number
  readonly direction: 'up' | 'down' | 'same'
  /** Whether that is good news; null when the metric has no better side. */
  readonly good: boolean | null
}

/** The middle half of the usual LIVEs at one moment. */
export interface Usual {
  readonly q1: number
  readonly median: number
  readonly q3: number
}

/** A tenth of a percent, or of a point: less is the same. */
const SAME = 0.0005

export function compare(metric: MetricId, value: number, reference: number): Comparison {
  const { unit, good } = metricOf(metric)
  const change =
    unit === 'ratio' ? value - reference : value === reference ? 0 : (value - reference) / reference
  const direction = Math.abs(change) < SAME ? 'same' : change > 0 ? 'up' : 'down'
  const isGood = good === 'neither' || direction === 'same' ? null : direction === good
  return { reference, change, direction, good: isGood }
}

/** The value of the previous LIVE at the same moment; once that one was over, its last total. */
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

/** What is usual at the same moment; null while too few LIVEs were on air then. */
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
