import { MINUTE_MS } from '@creatorflow/shared/live-state'
import type { MetricId } from '@creatorflow/shared/metrics'
import {
  type GroundTruth,
  type SimulatedEvent,
  type SimulationOptions,
  simulateLive,
  streamLive,
} from '@creatorflow/shared/simulator/simulate-live'
import { expect } from 'vitest'
import { rounded, type Shown, writtenMetrics } from './cockpit-page.ts'

const VIEWERS_STALE_MS = 60_000
const LOW_STOCK = 10

const heatRows = {
  Orders: 'main_orders',
  Clicks: 'product_clicks',
  Comments: 'comments',
  Likes: 'likes',
  Gifts: 'diamonds',
  Joins: 'views',
  Shares: 'shares',
} as const satisfies Record<string, MetricId>

const count = new Intl.NumberFormat('en')
export const dollars = (minor: number): string =>
  new Intl.NumberFormat('en', { style: 'currency', currency: 'USD' }).format(minor / 100)

/** A simulated LIVE whose truth is known after any number of its events. */
export interface KnownLive {
  readonly events: readonly SimulatedEvent[]
  /** How many events there are up to `ts`. */
  countUntil(ts: number): number
  /** What the panels have to say once exactly the first `seen` events are counted, at `now`. */
  shownAfter(seen: number, now: number): Shown
}

/** Counted from the simulator's own decisions alone; what the product sums is not asked. */
export function knownLive(options: SimulationOptions): KnownLive {
  const { events } = simulateLive(options)
  const { timeZone } = options
  const clock = new Intl.DateTimeFormat('en', { timeZone, timeStyle: 'short' })

  const countUntil = (ts: number) => {
    const next = events.findIndex((event) => event.ts > ts)
    return next < 0 ? events.length : next
  }
  function truthAfter(seen: number): GroundTruth {
    const stream = streamLive(options)
    for (let taken = 0; taken < seen; taken++) stream.events.next()
    return stream.truth()
  }

  function heatAfter(seen: number): Shown['heat'] {
    const heat: Record<string, Record<string, string>> = {}
    // The map ends with its LIVE; what is paid after it is in the totals alone.
    const { ended_at } = truthAfter(seen)
    const last = Math.min(events[seen - 1]?.ts ?? 0, ended_at ?? Number.POSITIVE_INFINITY)
    // The first total of likes tells what was before we watched: it is of no minute.
    const opening = events
      .slice(0, seen)
      .find(({ type, properties }) => type === 'like' && properties?.total !== undefined)
    let before: GroundTruth | undefined
    for (let at = Math.floor(options.startAt / MINUTE_MS); at * MINUTE_MS <= last; at++) {
      const until = truthAfter(Math.min(seen, countUntil((at + 1) * MINUTE_MS - 1)))
      for (const [label, metric] of Object.entries(heatRows)) {
        let value = (until.totals[metric] ?? 0) - (before?.totals[metric] ?? 0)
        if (metric === 'likes' && opening && Math.floor(opening.ts / MINUTE_MS) === at) {
          value -= Number(opening.properties?.total)
        }
        if (value === 0) continue
        heat[label] ??= {}
        heat[label][clock.format(at * MINUTE_MS).replace(/\s+/g, ' ')] = count.format(value)
      }
      before = until
    }
    return heat
  }

  function shownAfter(seen: number, now: number): Shown {
    const truth = truthAfter(seen)
    const of = (id: MetricId) => truth.totals[id] ?? 0
    return {
      seq: seen,
      tiles: tilesOf(truth, now, averageViewers(events.slice(0, seen), truth)),
      written: Object.fromEntries(
        writtenMetrics.map((id) => [id, id === 'gmv' ? dollars(of(id)) : count.format(of(id))]),
      ),
      funnel: Object.fromEntries(
        (
          [
            'live_impressions',
            'views',
            'product_clicks',
            'add_to_carts',
            'checkouts',
            'main_orders',
          ] as const
        ).map((step) => [step, of(step)]),
      ),
      products: productsOf(truth, events.slice(0, seen)),
      heat: heatAfter(seen),
      day: dayOf(truth, now, options.timeZone),
    }
  }

  return { events, countUntil, shownAfter }
}

const ratio = (of: number, to: number): number | null => (to > 0 ? rounded(of / to) : null)

/** The mean of each minute on air; the simulator reports far more often than once a minute. */
function averageViewers(events: readonly SimulatedEvent[], truth: GroundTruth): number {
  const until = truth.ended_at ?? Number.POSITIVE_INFINITY
  const reports = events.filter(({ type, ts }) => type === 'viewer_count' && ts <= until)
  const minutes = Map.groupBy(reports, ({ ts }) => Math.floor(ts / MINUTE_MS))
  // Kept in thousandths of a viewer, so that sums of minutes are exact.
  const means = [...minutes.values()].map((of) =>
    Math.round((1_000 * of.reduce((sum, { quantity = 0 }) => sum + quantity, 0)) / of.length),
  )
  return means.reduce((sum, mean) => sum + mean, 0) / means.length / 1_000
}

function tilesOf(truth: GroundTruth, now: number, average: number): Shown['tiles'] {
  const of = (id: MetricId) => truth.totals[id] ?? 0
  const { viewers_now: viewers, ended_at } = truth
  const watched = viewers && ended_at === null && now - viewers.ts <= VIEWERS_STALE_MS
  return {
    gmv: of('gmv'),
    main_orders: of('main_orders'),
    aov: ratio(of('gmv'), of('main_orders')),
    // Nobody watches a LIVE that is over: then its peak stands there.
    ...(ended_at === null
      ? { viewers_now: watched ? viewers.value : null }
      : { peak_viewers: of('peak_viewers') }),
    ctr: ratio(of('product_clicks'), of('views')),
    c_o_rate: ratio(of('sku_orders'), of('product_clicks')),
    watch_gpm: ratio(1_000 * of('gmv'), of('views')),
    diamonds: of('diamonds'),
    product_clicks: of('product_clicks'),
    likes: of('likes'),
    comments: of('comments'),
    shares: of('shares'),
    follows: of('follows'),
    // While the LIVE is on it goes on with each second.
    average_viewing_duration:
      ended_at === null
        ? expect.any(Number)
        : ratio(average * (truth.on_air_ms / 1_000), of('views')),
  }
}

/** What was counted of, and what was pinned before anything was. */
function productsOf(
  { products, stock }: GroundTruth,
  events: readonly SimulatedEvent[],
): Shown['products'] {
  const left = (id: string) => {
    const value = stock[id]
    if (value === undefined) return '–'
    if (value <= 0) return 'sold out'
    return value <= LOW_STOCK ? `${value} left` : count.format(value)
  }
  const pinned = events.flatMap(({ type, product_id }) =>
    type === 'product_pinned' && product_id !== undefined ? [product_id] : [],
  )
  return Object.fromEntries(
    [...new Set([...Object.keys(products), ...pinned])].map((id) => {
      const { product_clicks = 0, gmv = 0 } = products[id] ?? {}
      return [id, [count.format(product_clicks), dollars(gmv), left(id)]]
    }),
  )
}

function dayOf({ days }: GroundTruth, now: number, timeZone: string): Shown['day'] {
  const today = new Intl.DateTimeFormat('sv', { timeZone }).format(now)
  const of = (id: MetricId) => days[today]?.totals[id] ?? 0
  const revenue = of('gmv') + of('other_revenue')
  const net = revenue - of('refunds')
  const profit = net - of('product_costs') - of('shipping_costs') - of('ad_spend')
  return {
    daily_revenue: revenue,
    main_orders: of('main_orders'),
    aov: ratio(of('gmv'), of('main_orders')),
    // What no costs were sent for is not shown.
    ...known({
      shipping_cost_percentage:
        of('shipping_costs') > 0 ? ratio(of('shipping_costs'), revenue) : null,
      profit_margin: of('product_costs') > 0 ? ratio(profit, net) : null,
      customer_acquisition_cost:
        of('ad_spend') > 0 ? ratio(of('ad_spend'), of('new_customers')) : null,
    }),
  }
}

const known = (values: Readonly<Record<string, number | null>>) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null))
