import type { Goal } from '../features/goals.ts'
import type { GoalMetric } from '../goal.ts'
import { MINUTE_MS } from '../live-state.ts'
import type { Baseline } from './compare.ts'
import { type Elapsed, elapsedOf, totalAt } from './elapsed.ts'

/** Fewer past LIVEs than this give no interval. */
export const PAST_LIVES = 5
/** Four of five LIVEs should end inside. */
const LOW = 0.1
const HIGH = 0.9
/** In its first second a LIVE says nothing. */
const LEAST_MINUTES = 1 / 60
/** A total this small, a moment after a minute began, is nothing to grow from. */
const LEAST_TOTAL = 1e-6

/** A total at the end of each elapsed minute of one LIVE. */
export type PastCourse = readonly number[]

export interface Present {
  readonly value: number
  readonly elapsed: Elapsed
  /** The LIVE's planned minutes; null if not planned. */
  readonly planned: number | null
  readonly ended: boolean
}

export interface Forecast {
  /** Where the LIVE ends, and how that is known. */
  readonly basis: 'over' | 'past' | 'straight'
  readonly end: number
  /** Null if only a straight line is known. */
  readonly interval: { readonly low: number; readonly high: number } | null
  /** Of past LIVEs at this minute, how many ended inside the interval given by the others. */
  readonly coverage: { readonly right: number; readonly of: number } | null
  /** Past LIVEs that were on air at this minute and had sales by then. */
  readonly lives: number
}

/**
 * Where the total ends. Each past LIVE gives the factor by which it still grew from this minute until the
 * planned end, or its own if that came sooner; the median factor is the forecast, the tenths on both sides
 * its interval. With too few of them the line continues as so far. Null while nothing is known.
 */
export function forecast(present: Present, past: readonly PastCourse[]): Forecast | null {
  const { value, elapsed, ended } = present
  const length = plannedLength(present, past)
  const reached = elapsed.minute + elapsed.fraction
  const factors = factorsOf(past, elapsed, present.planned)
  const of = { lives: factors.length, interval: null, coverage: null }
  if (ended || (present.planned !== null && reached >= present.planned)) {
    return { ...of, basis: 'over', end: value, interval: { low: value, high: value } }
  }
  if (value <= 0 || reached < LEAST_MINUTES) return null
  if (factors.length >= PAST_LIVES) {
    const { low, middle, high } = quantiles(factors)
    return {
      ...of,
      basis: 'past',
      end: value * middle,
      interval: { low: value * low, high: value * high },
      coverage: coverageOf(factors),
    }
  }
  if (length === null || reached >= length) return null
  return { ...of, basis: 'straight', end: (value / reached) * length }
}

/** When the total passes the goal, in minutes from now; null if it does not before the end, or nothing is known. */
export function minutesUntil(
  target: number,
  present: Present,
  past: readonly PastCourse[],
): number | null {
  const known = forecast(present, past)
  if (present.value >= target || !known || known.basis === 'over' || known.end < target) return null
  const { elapsed, value } = present
  if (known.basis === 'straight') {
    return ((target - value) / value) * (elapsed.minute + elapsed.fraction)
  }
  const last = Math.min(
    present.planned ?? Number.POSITIVE_INFINITY,
    Math.max(...past.map(({ length }) => length)),
  )
  for (let ahead = 1; elapsed.minute + ahead <= last; ahead++) {
    const { middle } = quantiles(factorsOf(past, elapsed, elapsed.minute + ahead))
    if (value * middle >= target) return ahead - elapsed.fraction
  }
  return null
}

/** A LIVE's value of its goal metric, and its progress. */
export function presentOf(
  live: { readonly started_at: number; readonly ended_at: number | null },
  goal: Pick<Goal, 'planned_minutes'>,
  value: number,
  now: number,
): Present {
  const elapsed = elapsedOf(live, now)
  // A plan counts from the start; elapsed minutes from the whole minute before it.
  const lead = (live.started_at % MINUTE_MS) / MINUTE_MS
  const planned = goal.planned_minutes === null ? null : goal.planned_minutes + lead
  return { value, elapsed, planned, ended: live.ended_at !== null }
}

/** The finished past LIVEs of a baseline. */
export function pastOf(baseline: Baseline | null, metric: GoalMetric): PastCourse[] {
  const lives = baseline?.usual.lives ?? []
  return lives.filter(({ ended_at }) => ended_at !== null).map(({ totals }) => totals[metric])
}

/** By which factor each past LIVE still grew, ascending; one with nothing by then is left out. */
function factorsOf(past: readonly PastCourse[], elapsed: Elapsed, until: number | null): number[] {
  return past
    .flatMap((course) => {
      const then = totalAt(course, elapsed, 0)
      if (then === null || then < LEAST_TOTAL) return []
      const last = Math.min(until ?? course.length, course.length)
      const minute = Math.floor(last)
      const end =
        (last < course.length ? totalAt(course, { minute, fraction: last - minute }, 0) : null) ??
        course.at(-1) ??
        then
      return [Math.max(1, end / then)]
    })
    .sort((a, b) => a - b)
}

/** How often the interval of all other LIVEs contained the end of each one. */
function coverageOf(factors: readonly number[]): { right: number; of: number } {
  const right = factors.filter((factor, at) => {
    const { low, high } = quantiles(factors.toSpliced(at, 1))
    return factor >= low && factor <= high
  })
  return { right: right.length, of: factors.length }
}

/** The median, and the outer tenths; for few values the minimum and the maximum. */
function quantiles(sorted: readonly number[]): { low: number; middle: number; high: number } {
  const at = (share: number) => {
    const place = Math.min(Math.max((sorted.length + 1) * share - 1, 0), sorted.length - 1)
    const below = sorted[Math.floor(place)] ?? 1
    const above = sorted[Math.ceil(place)] ?? below
    return below + (above - below) * (place - Math.floor(place))
  }
  return { low: at(LOW), middle: at(0.5), high: at(HIGH) }
}

/** The planned length, else the median of the past. */
function plannedLength({ planned }: Present, past: readonly PastCourse[]): number | null {
  if (planned !== null) return planned
  const lengths = past.map(({ length }) => length).sort((a, b) => a - b)
  return lengths.length === 0 ? null : quantiles(lengths).middle
}
