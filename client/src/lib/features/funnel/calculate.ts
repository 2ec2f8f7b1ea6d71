import type { MetricId } from '@creatorflow/shared/metrics'
import type { FunnelStep } from '@creatorflow/shared/present'

export interface FunnelBar extends FunnelStep {
  /** Length of the bar, 0 to 1, on a logarithmic scale: the last step is a thousandth of the first. */
  readonly length: number
  /** The step that `rate` is a share of. */
  readonly from: MetricId | null
}

/** Steps as bars, each with the step that its rate refers to. */
export function calculateFunnelBars(steps: readonly FunnelStep[]): FunnelBar[] {
  const greatest = Math.max(1, ...steps.map(({ value }) => value ?? 0))
  let from: MetricId | null = null
  return steps.map((step) => {
    const length = step.value ? Math.log1p(step.value) / Math.log1p(greatest) : 0
    const bar = { ...step, length, from: step.rate === null ? null : from }
    if (step.value !== null) from = step.id
    return bar
  })
}
