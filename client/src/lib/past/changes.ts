import { type Comparison, compare } from '@creatorflow/shared/insights/compare'
import type { MetricId } from '@creatorflow/shared/metrics'
import type { Readings } from '@creatorflow/shared/present'

/** How a metric changed from one LIVE to another; null if either is unknown. */
export function comparisonOf(id: MetricId, now: Readings, before: Readings): Comparison | null {
  const [value, other] = [now[id]?.value ?? null, before[id]?.value ?? null]
  return value === null || other === null ? null : compare(id, value, other)
}
