import { type MetricId, metricOf } from '@creatorflow/shared/metrics'
import type { Readings } from '@creatorflow/shared/present'

/** How a metric moved from one LIVE to another. */
export interface Change {
  /** Difference in the metric's own unit. */
  readonly difference: number
  /** Share of the value before; null when that was 0. */
  readonly ratio: number | null
  /** Whether that is good; `same` also for metrics that are neither. */
  readonly verdict: 'better' | 'worse' | 'same'
}

/** Null when one of the two is not known. */
export function changeOf(id: MetricId, now: Readings, before: Readings): Change | null {
  const [value, other] = [now[id]?.value ?? null, before[id]?.value ?? null]
  if (value === null || other === null) return null
  const difference = value - other
  const { good } = metricOf(id)
  const verdict =
    difference === 0 || good === 'neither'
      ? 'same'
      : difference > 0 === (good === 'up')
        ? 'better'
        : 'worse'
  return { difference, ratio: other > 0 ? difference / other : null, verdict }
}
