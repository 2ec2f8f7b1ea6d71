import type { MetricId } from './metrics.ts'

/** What a goal may be of: sums that only grow while a LIVE goes on, so that past LIVEs tell how much they still grew. */
export const goalMetrics = ['gmv', 'main_orders', 'viewers'] as const satisfies readonly MetricId[]
/** The greatest target: minor units, orders or people. */
export const MOST_TARGET = 1_000_000_000_000

export type GoalMetric = (typeof goalMetrics)[number]
