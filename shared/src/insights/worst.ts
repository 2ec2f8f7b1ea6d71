import type { MetricId } from '../metrics.ts'
import type { Usual } from './compare.ts'

/** A value with its usual at this moment. */
export interface Candidate {
  readonly metric: MetricId
  readonly value: number
  readonly usual: Usual
}

export interface Worst {
  readonly metric: MetricId
  /** How many usual spreads it is below its median. */
  readonly spreads: number
}

/** Before this minute of a LIVE its numbers are too small to be bad. */
export const WORST_AFTER_MINUTES = 10
/** From here on a metric stands out. */
const FROM_SPREADS = 1
/** The current one stays a little longer, and another must be clearly worse: nothing flickers. */
const KEEPS_FROM_SPREADS = 0.75
const CLEARLY = 0.25
/** Least spread, as a share of the median: three similar LIVEs do not make a tiny difference bad. */
const LEAST_SPREAD = 0.1

/** How far a value is below the usual, in usual spreads (the width of the middle half); negative above it. */
export function spreadsBelow(value: number, { q1, median, q3 }: Usual): number {
  const spread = Math.max(q3 - q1, Math.abs(median) * LEAST_SPREAD)
  return spread > 0 ? (median - value) / spread : 0
}

/** The one metric furthest below its own history; `held`: the one that stood out before. */
export function worstOf(
  candidates: readonly Candidate[],
  minute: number,
  held: MetricId | null = null,
): Worst | null {
  if (minute < WORST_AFTER_MINUTES) return null
  let worst: Worst | null = null
  let kept: Worst | null = null
  for (const { metric, value, usual } of candidates) {
    const one = { metric, spreads: spreadsBelow(value, usual) }
    if (one.spreads >= FROM_SPREADS && (!worst || one.spreads > worst.spreads)) worst = one
    if (metric === held && one.spreads >= KEEPS_FROM_SPREADS) kept = one
  }
  if (!kept) return worst
  return worst && worst.spreads - kept.spreads > CLEARLY ? worst : kept
}
