import {
  countsOf,
  type MinuteRange,
  ratiosOf,
  type Series,
} from '@creatorflow/shared/insights/by-minute'
import type { Minutes } from '@creatorflow/shared/live-state'
import type { MetricId } from '@creatorflow/shared/metrics'
import { m } from '#messages'

/** What a number is about: its colour. */
export type Hue = 'money' | 'people' | 'love'

/** One tile of a LIVE: a metric, the metric that puts it in proportion, and what its course is made of. */
export interface TileDefinition {
  readonly metric: MetricId
  /** Where its name is too long for a tile. */
  readonly short?: string
  readonly hue: Hue
  /** What it cannot be counted without. */
  readonly from: readonly Area[]
  /** A metric beside it, with what a count of it is called. */
  readonly note?: { readonly metric: MetricId; readonly words: (n: number) => string }
  /** By minute: a sum, or Σ over Σ with `to`. */
  readonly course?: { readonly of: MetricId; readonly to?: MetricId }
  /** What stands in its place once the LIVE is over. */
  readonly afterEnd?: MetricId
}

/** Where numbers come from: the shop that sells, and the room of the LIVE. */
export type Area = 'shop' | 'room'

const shop: readonly Area[] = ['shop']
const room: readonly Area[] = ['room']

export const gmvTile: TileDefinition = {
  metric: 'gmv',
  hue: 'money',
  from: shop,
  course: { of: 'gmv' },
}

/** Every tile that can be shown beside GMV. */
export const tiles: readonly TileDefinition[] = [
  {
    metric: 'main_orders',
    hue: 'money',
    from: shop,
    note: { metric: 'items_sold', words: (n) => m.tiles_items({ n }) },
    course: { of: 'main_orders' },
  },
  {
    metric: 'viewers_now',
    hue: 'people',
    from: room,
    note: { metric: 'peak_viewers', words: () => m.tiles_peak() },
    course: { of: 'viewer_sample_sum', to: 'viewer_samples' },
    afterEnd: 'peak_viewers',
  },
  {
    metric: 'ctr',
    hue: 'people',
    from: ['shop', 'room'],
    note: { metric: 'views', words: (n) => m.tiles_views({ n }) },
    course: { of: 'product_clicks', to: 'views' },
  },
  {
    metric: 'c_o_rate',
    hue: 'money',
    from: shop,
    note: { metric: 'sku_orders', words: (n) => m.tiles_sku_orders({ n }) },
    course: { of: 'sku_orders', to: 'product_clicks' },
  },
  {
    metric: 'aov',
    hue: 'money',
    from: shop,
    note: { metric: 'average_price', words: () => m.tiles_per_item() },
    course: { of: 'gmv', to: 'main_orders' },
  },
  { metric: 'watch_gpm', hue: 'money', from: ['shop', 'room'], course: { of: 'gmv', to: 'views' } },
  {
    // Of a minute: people who were there for each one who came.
    metric: 'average_viewing_duration',
    short: m.tiles_avg_viewing_time(),
    hue: 'people',
    from: room,
    course: { of: 'viewer_sample_sum', to: 'views' },
  },
  { metric: 'product_clicks', hue: 'people', from: shop, course: { of: 'product_clicks' } },
  { metric: 'likes', hue: 'love', from: room, course: { of: 'likes' } },
  { metric: 'comments', hue: 'people', from: room, course: { of: 'comments' } },
  { metric: 'shares', hue: 'people', from: room, course: { of: 'shares' } },
  { metric: 'follows', hue: 'people', from: room, course: { of: 'follows' } },
  {
    metric: 'diamonds',
    hue: 'love',
    from: room,
    note: { metric: 'gifts', words: (n) => m.tiles_gifts({ n }) },
    course: { of: 'diamonds' },
  },
  { metric: 'refunds', hue: 'money', from: shop },
  { metric: 'net_revenue', hue: 'money', from: shop },
  { metric: 'items_sold', hue: 'money', from: shop },
  { metric: 'customers', hue: 'money', from: shop },
  { metric: 'views', hue: 'people', from: room, course: { of: 'views' } },
  { metric: 'peak_viewers', hue: 'people', from: room },
  { metric: 'average_viewers', hue: 'people', from: room },
  { metric: 'enter_room_rate', hue: 'people', from: room },
  { metric: 'add_to_carts', hue: 'people', from: shop, course: { of: 'add_to_carts' } },
]

/** The metric that a tile shows at this moment of its LIVE. */
export function shownMetric({ metric, afterEnd }: TileDefinition, isOver: boolean): MetricId {
  return isOver && afterEnd ? afterEnd : metric
}

export function courseOfTile(
  live: Minutes,
  { course }: TileDefinition,
  range: MinuteRange,
): Series {
  if (!course) return []
  const { of, to } = course
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

/** Those of a day that need costs, which few creators send. */
export const costMetrics: readonly (typeof dayMetrics)[number][] = [
  'shipping_cost_percentage',
  'profit_margin',
  'customer_acquisition_cost',
]
