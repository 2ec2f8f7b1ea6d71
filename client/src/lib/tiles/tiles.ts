import {
  countsOf,
  type MinuteRange,
  ratiosOf,
  type Series,
} from '@creatorflow/shared/insights/by-minute'
import type { Minutes } from '@creatorflow/shared/live-state'
import type { MetricId } from '@creatorflow/shared/metrics'

/** One tile of a LIVE: a metric, the metric that puts it in proportion, and what its course is made of. */
export interface TileDefinition {
  readonly metric: MetricId
  readonly note?: { readonly metric: MetricId; readonly one: string; readonly many: string }
  /** By minute: a sum, or Σ over Σ with `to`. */
  readonly course: { readonly of: MetricId; readonly to?: MetricId }
}

export const gmvTile: TileDefinition = { metric: 'gmv', course: { of: 'gmv' } }

/** The tiles beside GMV, in reading order. */
export const tiles: readonly TileDefinition[] = [
  {
    metric: 'main_orders',
    note: { metric: 'items_sold', one: 'item', many: 'items' },
    course: { of: 'main_orders' },
  },
  {
    metric: 'aov',
    note: { metric: 'average_price', one: 'an item', many: 'an item' },
    course: { of: 'gmv', to: 'main_orders' },
  },
  {
    metric: 'viewers_now',
    note: { metric: 'peak_viewers', one: 'peak', many: 'peak' },
    course: { of: 'viewer_sample_sum', to: 'viewer_samples' },
  },
  {
    metric: 'ctr',
    note: { metric: 'views', one: 'view', many: 'views' },
    course: { of: 'product_clicks', to: 'views' },
  },
  {
    metric: 'c_o_rate',
    note: { metric: 'sku_orders', one: 'SKU order', many: 'SKU orders' },
    course: { of: 'sku_orders', to: 'product_clicks' },
  },
  { metric: 'watch_gpm', course: { of: 'gmv', to: 'views' } },
  {
    metric: 'diamonds',
    note: { metric: 'gifts', one: 'gift', many: 'gifts' },
    course: { of: 'diamonds' },
  },
]

/** What the room does, in one narrow row. */
export const roomTiles: readonly TileDefinition[] = [
  { metric: 'product_clicks', course: { of: 'product_clicks' } },
  { metric: 'likes', course: { of: 'likes' } },
  { metric: 'comments', course: { of: 'comments' } },
  { metric: 'shares', course: { of: 'shares' } },
  { metric: 'follows', course: { of: 'follows' } },
  // Of a minute: people who were there for each one who came.
  { metric: 'average_viewing_duration', course: { of: 'viewer_sample_sum', to: 'views' } },
]

export function courseOfTile(
  live: Minutes,
  { course: { of, to } }: TileDefinition,
  range: MinuteRange,
): Series {
  return to === undefined ? countsOf(live, of, range) : ratiosOf(live, of, to, range)
}

/** The creator's day, in reading order. */
export const dayMetrics = [
  'daily_revenue',
  'main_orders',
  'aov',
  'shipping_cost_percentage',
  'profit_margin',
  'customer_acquisition_cost',
] as const satisfies readonly MetricId[]
