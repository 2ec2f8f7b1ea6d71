import type { LiveDetail } from '@creatorflow/shared/live-state'
import type { MetricId } from '@creatorflow/shared/metrics'
import { countsOf, type MinuteRange, ratiosOf, type Series, viewersOf } from '#lib/charts/series.ts'

/** One tile of a LIVE: a metric, the metric that puts it in proportion, and its course. */
export interface TileDefinition {
  readonly metric: MetricId
  readonly note: { readonly metric: MetricId; readonly one: string; readonly many: string }
  readonly course: (live: Pick<LiveDetail, 'minutes'>, range: MinuteRange) => Series
}

/** The tiles beside GMV, in reading order. */
export const tiles: readonly TileDefinition[] = [
  {
    metric: 'main_orders',
    note: { metric: 'items_sold', one: 'item', many: 'items' },
    course: (live, range) => countsOf(live, 'main_orders', range),
  },
  {
    metric: 'aov',
    note: { metric: 'average_price', one: 'an item', many: 'an item' },
    course: (live, range) => ratiosOf(live, 'gmv', 'main_orders', range),
  },
  {
    metric: 'viewers_now',
    note: { metric: 'peak_viewers', one: 'peak', many: 'peak' },
    course: viewersOf,
  },
  {
    metric: 'ctr',
    note: { metric: 'product_clicks', one: 'click', many: 'clicks' },
    course: (live, range) => ratiosOf(live, 'product_clicks', 'views', range),
  },
  {
    metric: 'c_o_rate',
    note: { metric: 'sku_orders', one: 'SKU order', many: 'SKU orders' },
    course: (live, range) => ratiosOf(live, 'sku_orders', 'product_clicks', range),
  },
  {
    metric: 'watch_gpm',
    note: { metric: 'views', one: 'view', many: 'views' },
    course: (live, range) => ratiosOf(live, 'gmv', 'views', range),
  },
  {
    metric: 'diamonds',
    note: { metric: 'gifts', one: 'gift', many: 'gifts' },
    course: (live, range) => countsOf(live, 'diamonds', range),
  },
]

/** The creator's day, in reading order. */
export const dayMetrics = [
  'daily_revenue',
  'order_volume',
  'average_order_value',
  'shipping_cost_percentage',
  'profit_margin',
  'customer_acquisition_cost',
  'customer_lifetime_value',
] as const satisfies readonly MetricId[]
