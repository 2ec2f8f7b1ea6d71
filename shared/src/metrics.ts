import type { EventType } from './event-types.ts'

/** Columns of a written event that are plain sums: what `settle` decided that the event adds. */
export type IncrementColumn =
  | 'rows'
  /** Rows not left out of the sums. */
  | 'counted_rows'
  | 'units'
  | 'opening'
  | 'money'
  | 'diamonds'
  | 'main_order'
  | 'sku_order'
  | 'live_first'
  | 'day_first'
  | 'ever_first'

/** Columns that hold a level: the greatest or the latest counts. */
export type LevelColumn = 'level' | 'high'

export type Unit = 'money' | 'count' | 'ratio' | 'seconds' | 'diamonds'
export type MetricScope = 'live' | 'day'

/** Which column of which event types a base metric reads; by scope for first sights. */
export type MetricSource = {
  readonly [T in EventType]?:
    | readonly (IncrementColumn | LevelColumn)[]
    | Readonly<Record<MetricScope, IncrementColumn>>
}

interface Described {
  readonly name: string
  /** The official definition, quoted in tooltips. */
  readonly definition: string
  readonly unit: Unit
  readonly good: 'up' | 'down' | 'neither'
  readonly scopes: readonly MetricScope[]
}

/** Counted from events. `merge` says how two parts of a scope are combined. */
export interface BaseMetric extends Described {
  readonly merge: 'sum' | 'max' | 'last'
  readonly from: MetricSource
  /** Kept by minute; `tens` also by 10 seconds, for the last hour. */
  readonly series?: 'minutes' | 'tens'
  /** Kept by product and by pin. */
  readonly product?: true
  /** A `last` older than this is no longer "now". */
  readonly staleAfterMs?: number
}

/** Derived from other metrics, always Σ over Σ. */
export interface DerivedMetric extends Described {
  readonly merge: 'derived'
  readonly derive: Derivation
}

/**
 * `scale × Σ(of) ÷ Σ(to)`, times each metric of `times`, divided by each of `per`; without `to` the plain
 * sum. Null, with the reason, while a denominator or one of `needs` is zero.
 */
export interface Derivation {
  readonly of: Terms
  readonly to?: Terms
  readonly times?: readonly string[]
  readonly per?: readonly string[]
  readonly scale?: number
  readonly needs?: Readonly<Record<string, string>>
  readonly missing?: string
}
export type Terms = Readonly<Record<string, number>>

const both: readonly MetricScope[] = ['live', 'day']
const day: readonly MetricScope[] = ['day']
const live: readonly MetricScope[] = ['live']

function counted(
  name: string,
  definition: string,
  from: MetricSource,
  more: Partial<Omit<BaseMetric, 'from'>> = {},
): BaseMetric {
  return { name, definition, unit: 'count', good: 'up', scopes: both, merge: 'sum', from, ...more }
}

function derived(
  name: string,
  definition: string,
  unit: Unit,
  derive: Derivation,
  more: Partial<Omit<DerivedMetric, 'derive'>> = {},
): DerivedMetric {
  return { name, definition, unit, good: 'up', scopes: both, merge: 'derived', derive, ...more }
}

const VIEWERS_STALE_MS = 60_000

/** Thousandths of viewers over minutes: both come from the minutes of a LIVE (`viewer-minutes.ts`). */
const viewersOnAir = {
  of: { viewer_minute_sum: 1 },
  to: { viewer_minutes: 1 },
  scale: 1 / 1_000,
  missing: 'no viewer counts reported yet',
} as const

/** The one table of metrics: validation, SQL, REST, sockets and every tile read it. */
export const metrics = {
  gmv: counted(
    'GMV',
    'Total paid for order lines after discounts, without shipping and tax, including what is returned or refunded later',
    { payment_completed: ['money'] },
    { unit: 'money', series: 'tens', product: true },
  ),
  main_orders: counted(
    'Orders',
    'Main orders: one paid checkout counts once',
    { payment_completed: ['main_order'] },
    { series: 'tens' },
  ),
  sku_orders: counted(
    'SKU orders',
    'Paid orders counted once for each SKU: 3 × A and 2 × B are 2',
    { payment_completed: ['sku_order'] },
    { series: 'minutes', product: true },
  ),
  items_sold: counted(
    'Items sold',
    'Units paid: 3 × A and 2 × B are 5',
    { payment_completed: ['units'] },
    { product: true },
  ),
  product_clicks: counted(
    'Product clicks',
    'Clicks on products, in the product list and on the card',
    { product_click: ['units', 'opening'] },
    { series: 'tens', product: true },
  ),
  product_impressions: counted(
    'Product impressions',
    'Times a product was shown, in the product list and on the card',
    { product_impression: ['units', 'opening'] },
    { product: true },
  ),
  add_to_carts: counted(
    'Add to cart',
    'Times a product was added to a cart',
    { add_to_cart: ['units'] },
    { series: 'minutes', product: true },
  ),
  checkouts: counted(
    'Checkouts',
    'Checkouts started',
    { checkout_initiated: ['units'] },
    { product: true },
  ),
  views: counted(
    'Views',
    'Times the LIVE was entered',
    { viewer_joined: ['units', 'opening'] },
    { series: 'minutes' },
  ),
  live_impressions: counted('LIVE impressions', 'Times the LIVE was shown to viewers', {
    live_impression: ['units', 'opening'],
  }),
  comments: counted(
    'Comments',
    'Comments written',
    { comment: ['units', 'opening'] },
    { series: 'minutes' },
  ),
  likes: counted(
    'Likes',
    'Like taps: the highest running total of a LIVE, plus taps reported without one',
    { like: ['units', 'opening'] },
    { series: 'minutes' },
  ),
  shares: counted(
    'Shares',
    'Times the LIVE was shared',
    { share: ['units', 'opening'] },
    { series: 'minutes' },
  ),
  follows: counted('Follows', 'New followers', { follow: ['units'] }, { series: 'minutes' }),
  diamonds: counted(
    'Diamonds',
    'Diamonds of all gifts to the host; a streak counts its highest repeat once',
    { gift: ['diamonds'] },
    { unit: 'diamonds', series: 'minutes' },
  ),
  gifts: counted('Gifts', 'Gifts sent to the host; a streak counts its highest repeat once', {
    gift: ['units'],
  }),
  guest_diamonds: counted(
    'Guest diamonds',
    'Diamonds of gifts to guests of the LIVE, not to the host',
    { guest_gift: ['diamonds'] },
    { unit: 'diamonds', good: 'neither' },
  ),
  guest_gifts: counted(
    'Guest gifts',
    'Gifts sent to guests of the LIVE',
    { guest_gift: ['units'] },
    { good: 'neither' },
  ),
  viewer_samples: counted(
    'Viewer samples',
    'Times the number of viewers was reported while the LIVE was on air',
    { viewer_count: ['counted_rows'] },
    { good: 'neither', series: 'tens' },
  ),
  viewer_sample_sum: counted(
    'Sum of viewer samples',
    'Sum of all viewer counts reported while the LIVE was on air',
    { viewer_count: ['units'] },
    { good: 'neither', series: 'tens' },
  ),
  refunds: counted(
    'Refunds',
    'Money paid back',
    { order_refunded: ['money'] },
    { unit: 'money', good: 'down', product: true },
  ),
  viewers_now: counted(
    'Viewers',
    'People watching now, as last reported',
    { viewer_count: ['level'] },
    { merge: 'last', scopes: live, staleAfterMs: VIEWERS_STALE_MS },
  ),
  peak_viewers: counted(
    'Peak viewers',
    'Peak concurrent users (PCU): the highest reported number of viewers',
    { viewer_count: ['level'] },
    { merge: 'max' },
  ),
  total_users: counted(
    'Total users',
    'The platform’s own running total of visitors',
    { viewer_count: ['high'] },
    { merge: 'max', scopes: live },
  ),
  viewers: counted('Unique viewers', 'Distinct people who entered', {
    viewer_joined: { live: 'live_first', day: 'day_first' },
  }),
  customers: counted('Customers', 'Distinct buyers, including those who refund later', {
    payment_completed: { live: 'live_first', day: 'day_first' },
  }),
  new_customers: counted('New customers', 'Customers seen for the first time', {
    payment_completed: ['ever_first'],
    customer_acquired: ['ever_first'],
  }),
  retained_customers: counted('Retained customers', 'Customers reported as returning', {
    customer_retained: ['units'],
  }),
  created_orders: counted('Created orders', 'Main orders placed, paid or not', {
    order_created: ['main_order'],
  }),
  created_value: counted(
    'Created order value',
    'Value of orders placed, paid or not, where the shop reports it: cash on delivery counts here until it is paid',
    { order_created: ['money'] },
    { unit: 'money' },
  ),
  on_hold_orders: counted(
    'Orders at risk',
    'Paid orders on hold: the buyer can still cancel without giving a reason',
    { order_on_hold: ['main_order'] },
    { good: 'down' },
  ),
  cancelled_orders: counted(
    'Canceled orders',
    'Main orders canceled',
    { order_cancelled: ['main_order'] },
    { good: 'down' },
  ),
  fulfilled_orders: counted('Fulfilled orders', 'Main orders packed', {
    order_fulfilled: ['main_order'],
  }),
  shipped_orders: counted('Shipped orders', 'Main orders handed to the carrier', {
    order_shipped: ['main_order'],
  }),
  delivered_orders: counted('Delivered orders', 'Main orders that were delivered', {
    order_delivered: ['main_order'],
  }),
  returned_items: counted(
    'Returned items',
    'Units returned',
    { order_returned: ['units'] },
    { good: 'down', product: true },
  ),
  other_revenue: counted(
    'Other revenue',
    'Revenue outside orders',
    { revenue_generated: ['money'] },
    { unit: 'money' },
  ),
  shipping_costs: counted(
    'Shipping costs',
    'Paid for shipping',
    { shipping_cost_incurred: ['money'] },
    { unit: 'money', good: 'down' },
  ),
  ad_spend: counted(
    'Ad spend',
    'Paid for advertising',
    { ad_spend_incurred: ['money'] },
    { unit: 'money', good: 'down' },
  ),
  product_costs: counted(
    'Product costs',
    'Paid for goods',
    { product_cost_incurred: ['money'] },
    { unit: 'money', good: 'down' },
  ),
  stock_outs: counted(
    'Stock-outs',
    'Times a product sold out across all its SKUs',
    { stock_level: ['units'] },
    { good: 'down' },
  ),
  product_page_visits: counted(
    'Product page visits',
    'Product pages opened',
    { product_page_visit: ['units'] },
    { product: true },
  ),
  pins: counted('Pins', 'Products pinned', { product_pinned: ['rows'] }, { good: 'neither' }),
  subscriptions: counted('Subscriptions', 'New subscribers', { subscribe: ['units'] }),
  video_views: counted(
    'Video views',
    'Times a video was watched: the highest running total of each video, plus views reported without one',
    { video_view: ['units', 'opening'] },
  ),
  viral_videos: counted('Viral videos', 'Videos that went viral', { tiktok_video_viral: ['rows'] }),
  trending_products: counted('Trending products', 'Reports of a trending product', {
    product_trending: ['rows'],
  }),
  page_views: counted('Page views', 'Pages of the shop opened', { page_view: ['units'] }),
  emails_sent: counted('E-mails sent', 'E-mails sent', { email_sent: ['units'] }),
  emails_opened: counted('E-mails opened', 'E-mails opened', { email_opened: ['units'] }),
  emails_clicked: counted('E-mails clicked', 'Clicks in e-mails', { email_clicked: ['units'] }),
  system_errors: counted(
    'System errors',
    'Errors that connected systems reported',
    { system_error: ['rows'] },
    { good: 'down' },
  ),

  aov: derived('AOV', 'Average order value: GMV ÷ main orders', 'money', {
    of: { gmv: 1 },
    to: { main_orders: 1 },
    missing: 'no orders yet',
  }),
  average_price: derived('Average price', 'GMV ÷ items sold', 'money', {
    of: { gmv: 1 },
    to: { items_sold: 1 },
    missing: 'no items sold yet',
  }),
  gmv_after_refunds: derived('GMV after refunds', 'GMV − refunds', 'money', {
    of: { gmv: 1, refunds: -1 },
  }),
  net_revenue: derived('Net revenue', 'GMV + other revenue − refunds', 'money', {
    of: { gmv: 1, other_revenue: 1, refunds: -1 },
  }),
  ctr: derived('CTR', 'Click-through rate of the room: product clicks ÷ views', 'ratio', {
    of: { product_clicks: 1 },
    to: { views: 1 },
    missing: 'no views reported yet',
  }),
  product_ctr: derived('Product CTR', 'Product clicks ÷ product impressions', 'ratio', {
    of: { product_clicks: 1 },
    to: { product_impressions: 1 },
    missing: 'no product impressions reported yet',
  }),
  c_o_rate: derived('C_O rate', 'Click-to-order rate: paid SKU orders ÷ product clicks', 'ratio', {
    of: { sku_orders: 1 },
    to: { product_clicks: 1 },
    missing: 'no product clicks reported yet',
  }),
  main_order_c_o_rate: derived('C_O rate (main orders)', 'Main orders ÷ product clicks', 'ratio', {
    of: { main_orders: 1 },
    to: { product_clicks: 1 },
    missing: 'no product clicks reported yet',
  }),
  watch_gpm: derived('Watch GPM', 'GMV per 1,000 views', 'money', {
    of: { gmv: 1 },
    to: { views: 1 },
    scale: 1000,
    missing: 'no views reported yet',
  }),
  show_gpm: derived('Show GPM', 'GMV per 1,000 LIVE impressions', 'money', {
    of: { gmv: 1 },
    to: { live_impressions: 1 },
    scale: 1000,
    missing: 'no LIVE impressions reported yet',
  }),
  product_gpm: derived('Product GPM', 'GMV per 1,000 product impressions', 'money', {
    of: { gmv: 1 },
    to: { product_impressions: 1 },
    scale: 1000,
    missing: 'no product impressions reported yet',
  }),
  enter_room_rate: derived('Enter-room rate', 'Views ÷ LIVE impressions', 'ratio', {
    of: { views: 1 },
    to: { live_impressions: 1 },
    missing: 'no LIVE impressions reported yet',
  }),
  sku_order_rate: derived('SKU order rate', 'SKU orders ÷ LIVE impressions', 'ratio', {
    of: { sku_orders: 1 },
    to: { live_impressions: 1 },
    missing: 'no LIVE impressions reported yet',
  }),
  payment_rate: derived('Payment rate', 'Main orders paid ÷ main orders created', 'ratio', {
    of: { main_orders: 1 },
    to: { created_orders: 1 },
    missing: 'no created orders reported yet',
  }),
  comment_rate: rateOfViews('Comment rate', 'comments'),
  like_rate: rateOfViews('Like rate', 'likes'),
  share_rate: rateOfViews('Share rate', 'shares'),
  follow_rate: rateOfViews('Follow rate', 'follows'),
  average_viewers: derived(
    'Average viewers',
    'Average concurrent users (ACU): the mean over the minutes on air of the viewers in each, without pauses. A minute without a report repeats the last one, for up to 5 minutes.',
    'count',
    viewersOnAir,
  ),
  average_viewing_duration: derived(
    'Average viewing duration',
    'Average viewers × seconds of the LIVE without pauses ÷ views',
    'seconds',
    {
      ...viewersOnAir,
      times: ['live_seconds'],
      per: ['views'],
      needs: {
        views: 'no views reported yet',
        live_seconds: 'the length of the LIVE is not known',
      },
    },
    { scopes: live },
  ),
  daily_revenue: derived(
    'Daily revenue',
    'GMV + other revenue of a local day',
    'money',
    { of: { gmv: 1, other_revenue: 1 } },
    { scopes: day },
  ),
  shipping_cost_percentage: derived(
    'Shipping cost percentage',
    'Shipping costs ÷ daily revenue',
    'ratio',
    {
      of: { shipping_costs: 1 },
      to: { gmv: 1, other_revenue: 1 },
      needs: { shipping_costs: 'no shipping costs reported' },
      missing: 'no revenue yet',
    },
    { scopes: day, good: 'down' },
  ),
  profit_margin: derived(
    'Profit margin',
    '(Net revenue − product costs − shipping − ads) ÷ net revenue',
    'ratio',
    {
      of: {
        gmv: 1,
        other_revenue: 1,
        refunds: -1,
        product_costs: -1,
        shipping_costs: -1,
        ad_spend: -1,
      },
      to: { gmv: 1, other_revenue: 1, refunds: -1 },
      needs: { product_costs: 'no product costs reported' },
      missing: 'no net revenue yet',
    },
    { scopes: day },
  ),
  customer_acquisition_cost: derived(
    'Customer acquisition cost',
    'Ad spend ÷ new customers',
    'money',
    {
      of: { ad_spend: 1 },
      to: { new_customers: 1 },
      needs: { ad_spend: 'no ad spend reported' },
      missing: 'no new customers yet',
    },
    { scopes: day, good: 'down' },
  ),
} as const satisfies Record<string, BaseMetric | DerivedMetric>

function rateOfViews(name: string, metric: string): DerivedMetric {
  return derived(name, `${name.replace(' rate', 's')} ÷ views`, 'ratio', {
    of: { [metric]: 1 },
    to: { views: 1 },
    missing: 'no views reported yet',
  })
}

export type MetricId = keyof typeof metrics
export type Metric = BaseMetric | DerivedMetric
type DerivedMetricId = {
  [Id in MetricId]: (typeof metrics)[Id] extends DerivedMetric ? Id : never
}[MetricId]

export const metricIds = Object.keys(metrics) as readonly MetricId[]
export const metricOf = (id: MetricId): Metric => metrics[id]

export const baseMetricIds = metricIds.filter((id) => metrics[id].merge !== 'derived')
/** Kept by minute. */
export const seriesMetricIds = metricIds.filter((id) => 'series' in metrics[id])
/** Kept by 10 seconds too. */
export const tensMetricIds = baseMetricIds.filter(
  (id) => (metrics[id] as BaseMetric).series === 'tens',
)
/** Kept by product and by pin. */
export const productMetricIds = metricIds.filter((id) => 'product' in metrics[id])

/** The metrics that an event of this type feeds. */
export function metricsFedBy(type: EventType): readonly MetricId[] {
  return baseMetricIds.filter((id) => type in (metrics[id] as BaseMetric).from)
}

/** The counted metrics behind a metric: itself, or those it is derived from. */
export function basesOf(id: MetricId): readonly MetricId[] {
  const metric = metricOf(id)
  if (metric.merge !== 'derived') return [id]
  const { of, to = {}, times = [], per = [], needs = {} } = metric.derive
  const named = [of, to, needs].flatMap((terms) => Object.keys(terms)).concat(times, per)
  // Viewers by minute come from reports; other names, such as a length, are not metrics.
  const bases = named.map((name) => (name in viewersOnAir.to ? 'viewer_samples' : name))
  return [...new Set(bases)].filter((name): name is MetricId => Object.hasOwn(metrics, name))
}

/** Whether a metric is a mean over the minutes on air. */
export function isOfViewerMinutes(id: MetricId): boolean {
  const metric = metricOf(id)
  return metric.merge === 'derived' && 'viewer_minutes' in (metric.derive.to ?? {})
}

export type DerivedValue =
  | { readonly value: number; readonly reason?: undefined }
  | { readonly value: null; readonly reason: string }

/** A derived metric from the base values of one scope, such as one product; null without a denominator. */
export function derivedValue(
  id: DerivedMetricId,
  valueIn: (id: MetricId) => number,
): number | null {
  return derive(metrics[id].derive, (term) => valueIn(term as MetricId)).value
}

/** Computes a derived metric from base values of one scope; a missing base value is 0. */
export function derive(derivation: Derivation, valueIn: (id: string) => number): DerivedValue {
  for (const [id, reason] of Object.entries(derivation.needs ?? {})) {
    if (!(valueIn(id) > 0)) return { value: null, reason }
  }
  const total = (terms: Terms) =>
    Object.entries(terms).reduce((sum, [id, factor]) => sum + factor * valueIn(id), 0)
  let value = total(derivation.of) * (derivation.scale ?? 1)
  for (const id of derivation.times ?? []) value *= valueIn(id)
  if (derivation.to) {
    const divisor = total(derivation.to)
    if (!(divisor > 0)) {
      return { value: null, reason: derivation.missing ?? 'nothing to divide by yet' }
    }
    value /= divisor
  }
  for (const id of derivation.per ?? []) value /= valueIn(id)
  return { value }
}
