import type { Condition } from './condition.ts'

/**
 * The same condition with a threshold that only the worse half of these episodes reached; the distance to the recovery
 * threshold stays. Undefined if it has no threshold, or would be no calmer.
 */
export function calmer(condition: Condition, peaks: readonly number[]): Condition | undefined {
  if (peaks.length === 0) return undefined
  const sorted = peaks.toSorted((a, b) => a - b)
  const middle = sorted[Math.floor(sorted.length / 2)] ?? 0
  switch (condition.kind) {
    case 'above': {
      const { fires_at, recovers_at = fires_at } = condition
      const by = middle - fires_at
      return by > 0
        ? { ...condition, fires_at: fires_at + by, recovers_at: recovers_at + by }
        : undefined
    }
    case 'below': {
      const { fires_at, recovers_at = fires_at } = condition
      const by = fires_at - middle
      return by > 0
        ? { ...condition, fires_at: fires_at - by, recovers_at: recovers_at - by }
        : undefined
    }
    case 'change': {
      const by = Math.max(-100, Math.round(middle))
      const isCalmer = Math.abs(by) > Math.abs(condition.percent) && by * condition.percent > 0
      return isCalmer ? { ...condition, percent: by } : undefined
    }
    case 'unusual': {
      const deviations = Math.min(20, Math.round(middle * 10) / 10)
      return deviations > condition.deviations ? { ...condition, deviations } : undefined
    }
    case 'no_data':
    case 'pin_without_click': {
      const minutes = Math.min(60, Math.ceil(middle) + 1)
      return minutes > condition.minutes ? { ...condition, minutes } : undefined
    }
    case 'runs_out': {
      const minutes = Math.max(1, Math.floor(middle))
      return minutes < condition.minutes ? { ...condition, minutes } : undefined
    }
    case 'off_pace': {
      const percent = Math.min(100, Math.round(middle))
      return percent > condition.percent ? { ...condition, percent } : undefined
    }
    default:
      return undefined
  }
}
