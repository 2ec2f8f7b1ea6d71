import { type Columns, setCell } from '@creatorflow/shared/columns'
import {
  type LiveEntry,
  MINUTE_MS,
  stateLimits,
  TEN_SECONDS_MS,
  type Totals,
} from '@creatorflow/shared/live-state'
import type { MetricId } from '@creatorflow/shared/metrics'

// How folds 1 to 3 stored a LIVE: values by position in the catalogue's lists of that time.

const seriesOfFold3 = [
  'gmv',
  'main_orders',
  'sku_orders',
  'product_clicks',
  'add_to_carts',
  'views',
  'comments',
  'likes',
  'shares',
  'follows',
  'diamonds',
  'viewer_samples',
  'viewer_sample_sum',
] as const satisfies readonly MetricId[]

const productOfFold3 = [
  'gmv',
  'sku_orders',
  'items_sold',
  'product_clicks',
  'product_impressions',
  'add_to_carts',
  'checkouts',
  'refunds',
  'returned_items',
  'product_page_visits',
] as const satisfies readonly MetricId[]

/** Totals of these folds. */
export const countedByFold3 = [
  ...seriesOfFold3,
  ...productOfFold3,
  'live_impressions',
  'gifts',
  'guest_diamonds',
  'guest_gifts',
  'viewers_now',
  'peak_viewers',
  'total_users',
  'viewers',
  'customers',
  'new_customers',
  'retained_customers',
  'created_orders',
  'created_value',
  'on_hold_orders',
  'cancelled_orders',
  'fulfilled_orders',
  'shipped_orders',
  'delivered_orders',
  'other_revenue',
  'shipping_costs',
  'ad_spend',
  'product_costs',
  'stock_outs',
  'pins',
  'subscriptions',
  'video_views',
  'viral_videos',
  'trending_products',
  'page_views',
  'emails_sent',
  'emails_opened',
  'emails_clicked',
  'system_errors',
] as const satisfies readonly string[]

type Cells = readonly number[]
type Buckets = Readonly<Record<string, Cells>>

/** The parts that are now stored differently. */
interface Parts {
  readonly minutes: Buckets
  readonly tens: Buckets
  readonly products: Readonly<Record<string, { readonly name?: string; readonly values: Cells }>>
  readonly products_other: Cells
  readonly pins: Buckets
  readonly pins_other: Cells
  /** Fold 1 had none. */
  readonly marks?: LiveEntry['marks']
  readonly outside?: Readonly<Record<'minutes' | 'tens', Buckets>>
}
type NewParts = 'minutes_from' | 'tens_from' | 'product_rows' | 'product_names' | 'pin_rows'

/** A LIVE as stored by folds 1 to 3. */
export type LiveOfFold3 = Parts & Omit<LiveEntry, keyof Parts | NewParts | 'uncounted'>

/** The same LIVE as stored now. */
export function liveOfFold3(live: LiveOfFold3): LiveEntry {
  const { products, pins, products_other, pins_other, marks = [], outside, ...same } = live
  const minutes = seriesOf(live.minutes, live.started_at, MINUTE_MS, stateLimits.minutes)
  const tens = seriesOf(live.tens, live.started_at, TEN_SECONDS_MS, stateLimits.tenSeconds)
  const byProduct = Object.entries(products).map(([id, { values }]) => [id, values] as const)
  const names = Object.values(products).map(({ name = '' }) => name)
  while (names.at(-1) === '') names.pop()
  return {
    ...same,
    marks,
    minutes: minutes.columns,
    minutes_from: minutes.from,
    tens: tens.columns,
    tens_from: tens.from,
    products: rowsOf(byProduct),
    product_rows: positions(Object.keys(products)),
    product_names: names,
    products_other: named(productOfFold3, products_other),
    pins: rowsOf(Object.entries(pins)),
    pin_rows: positions(Object.keys(pins)),
    pins_other: named(productOfFold3, pins_other),
    ...(outside && {
      outside: { minutes: bucketsOf(outside.minutes), tens: bucketsOf(outside.tens) },
    }),
  }
}

/** A series of the newest buckets: they could be any distance apart. */
function seriesOf(buckets: Buckets, startedAt: number, lengthMs: number, limit: number) {
  const keys = Object.keys(buckets).map(Number)
  const from = Math.max(Math.floor(startedAt / lengthMs), Math.max(...keys) - limit + 1)
  const columns: Columns = {}
  for (const [bucket, cells] of Object.entries(buckets)) {
    const position = Number(bucket) - from
    if (position >= 0) put(columns, seriesOfFold3, position, cells)
  }
  return { columns, from }
}

function rowsOf(rows: readonly (readonly [string, Cells])[]): Columns {
  const columns: Columns = {}
  for (const [position, [, cells]] of rows.entries()) put(columns, productOfFold3, position, cells)
  return columns
}

function put(columns: Columns, ids: readonly MetricId[], position: number, cells: Cells): void {
  for (const [id, value] of Object.entries(named(ids, cells)) as [MetricId, number][]) {
    setCell(columns, id, position, value)
  }
}

const positions = (ids: readonly string[]): Record<string, number> =>
  Object.fromEntries(ids.map((id, position) => [id, position]))

function bucketsOf(buckets: Buckets): Record<string, Totals> {
  return Object.fromEntries(
    Object.entries(buckets).map(([key, cells]) => [key, named(seriesOfFold3, cells)]),
  )
}

function named(ids: readonly MetricId[], cells: Cells): Totals {
  return Object.fromEntries(ids.flatMap((id, index) => (cells[index] ? [[id, cells[index]]] : [])))
}
