import type { Minutes } from '../live-state.ts'
import type { MetricId } from '../metrics.ts'
import { countsOf } from './by-minute.ts'

export type Trend = 'rising' | 'falling' | 'steady'

/** Whole minutes on each side of the comparison. */
export const TREND_MINUTES = 5
/** Less than this share is steady. */
const STEADY = 0.1

/**
 * Where a metric goes: its last five whole minutes compared with the five before, Σ over Σ for a ratio. Null
 * without ten minutes or a denominator. `minute`: the current epoch minute.
 */
export function trendOf(
  live: Minutes,
  { of, to }: { readonly of: MetricId; readonly to?: MetricId },
  first: number,
  minute: number,
): Trend | null {
  const middle = minute - TREND_MINUTES
  const from = middle - TREND_MINUTES
  // The first minute of a LIVE is only a partial one.
  if (from <= first) return null
  const over = (since: number): number | null => {
    const range = { first: since, last: since + TREND_MINUTES - 1 }
    const total = (metric: MetricId) =>
      countsOf(live, metric, range).reduce((sum, value) => sum + value, 0)
    if (to === undefined) return total(of)
    const divisor = total(to)
    return divisor > 0 ? total(of) / divisor : null
  }
  const [before, after] = [over(from), over(middle)]
  if (before === null || after === null) return null
  if (Math.abs(after - before) <= STEADY * Math.max(before, after)) return 'steady'
  return after > before ? 'rising' : 'falling'
}
