import type { MetricId } from '@creatorflow/shared/metrics'

/** A LIVE's results, in reading order. */
export const summaryMetrics = [
  'gmv',
  'gmv_after_refunds',
  'other_revenue',
  'net_revenue',
  'main_orders',
  'items_sold',
  'aov',
  'views',
  'peak_viewers',
  'average_viewers',
  'average_viewing_duration',
  'ctr',
  'c_o_rate',
  'watch_gpm',
  'diamonds',
  'likes',
  'comments',
  'shares',
  'follows',
  'customers',
] as const satisfies readonly MetricId[]
