import { describe, expect, test } from 'vitest'
import { eventTypeNames } from './event-types.ts'
import {
  type BaseMetric,
  baseMetricIds,
  type DerivedMetric,
  derive,
  metricIds,
  metricOf,
  metrics,
  metricsFedBy,
  productMetricIds,
  seriesMetricIds,
} from './metrics.ts'

const derivedIds = metricIds.filter((id) => metrics[id].merge === 'derived')
const derivationOf = (id: (typeof metricIds)[number]) => (metrics[id] as DerivedMetric).derive
/** Inputs of ratios that are not metrics: the length of a LIVE and its viewers by minute. */
const otherInputs = ['live_seconds', 'viewer_minutes', 'viewer_minute_sum']

describe('the catalogue', () => {
  test('[METRIC-1] every metric has a unique name, a definition and a scope', () => {
    expect(new Set(metricIds.map((id) => metrics[id].name)).size).toBe(metricIds.length)
    for (const id of metricIds) {
      expect(id).toMatch(/^[a-z][a-z_]*$/)
      expect(metrics[id].definition).not.toBe('')
      expect(metrics[id].scopes.length).toBeGreaterThan(0)
    }
  })

  test('[METRIC-1] every base metric reads event types that exist, in columns that merge as it does', () => {
    for (const id of baseMetricIds) {
      const metric = metrics[id] as BaseMetric
      const sources = Object.entries(metric.from)
      expect(sources.length).toBeGreaterThan(0)
      for (const [type, columns] of sources) {
        expect(eventTypeNames).toContain(type)
        const read = Object.values(columns)
        const levels = read.filter((column) => column === 'level' || column === 'high')
        expect(levels.length).toBe(metric.merge === 'sum' ? 0 : read.length)
      }
    }
  })

  test('[METRIC-1] every derived metric is made of base metrics that its scopes have', () => {
    for (const id of derivedIds) {
      const { of, to = {}, times = [], per = [], needs = {} } = derivationOf(id)
      const inputs = [of, to, needs].flatMap(Object.keys).concat(times, per)
      for (const input of inputs.filter((name) => !otherInputs.includes(name))) {
        expect(baseMetricIds).toContain(input)
        const { scopes } = metricOf(input as (typeof metricIds)[number])
        expect(scopes).toEqual(expect.arrayContaining([...metrics[id].scopes]))
      }
    }
  })

  test('[METRIC-1] every event type feeds a metric, except those that bound or describe a LIVE', () => {
    const feedNothing = eventTypeNames.filter((type) => metricsFedBy(type).length === 0)
    expect(feedNothing).toEqual([
      'live_started',
      'live_ended',
      'live_paused',
      'live_resumed',
      'product_unpinned',
      'price_changed',
      'note',
      'source_gap',
    ])
  })

  test('[METRIC-1] series and products keep sums only', () => {
    for (const id of [...seriesMetricIds, ...productMetricIds])
      expect(metrics[id].merge).toBe('sum')
  })
})

describe('derived metrics', () => {
  test('[METRIC-1] each number has one metric, and every metric can have a value', () => {
    const formulas = derivedIds.map((id) => {
      const { missing: _, needs: __, ...formula } = derivationOf(id)
      return JSON.stringify(formula)
    })
    expect(new Set(formulas).size).toBe(derivedIds.length)
    for (const id of derivedIds) {
      const { of, to } = derivationOf(id)
      const isSecondName = !to && Object.values(of).join() === '1'
      expect([id, isSecondName]).toEqual([id, false])
      const known: readonly string[] = [...baseMetricIds, ...otherInputs]
      const { value } = derive(derivationOf(id), (name) => (known.includes(name) ? 1 : 0))
      expect([id, value]).not.toEqual([id, null])
    }
  })

  const values: Record<string, number> = {
    gmv: 100_00,
    other_revenue: 20_00,
    refunds: 10_00,
    product_costs: 30_00,
    shipping_costs: 6_00,
    ad_spend: 8_00,
    main_orders: 4,
    sku_orders: 5,
    items_sold: 8,
    views: 200,
    live_impressions: 1_000,
    product_impressions: 500,
    product_clicks: 50,
    created_orders: 5,
    comments: 30,
    likes: 400,
    shares: 2,
    follows: 10,
    new_customers: 2,
    viewer_minutes: 3,
    viewer_minute_sum: 120_000,
    live_seconds: 600,
  }
  test.each([
    ['aov', 2_500],
    ['average_price', 1_250],
    ['gmv_after_refunds', 9_000],
    ['net_revenue', 11_000],
    ['ctr', 0.25],
    ['product_ctr', 0.1],
    ['c_o_rate', 0.1],
    ['main_order_c_o_rate', 0.08],
    ['watch_gpm', 50_000],
    ['show_gpm', 10_000],
    ['enter_room_rate', 0.2],
    ['sku_order_rate', 0.005],
    ['payment_rate', 0.8],
    ['comment_rate', 0.15],
    ['like_rate', 2],
    ['share_rate', 0.01],
    ['follow_rate', 0.05],
    ['average_viewers', 40],
    ['average_viewing_duration', 120],
    ['daily_revenue', 12_000],
    ['shipping_cost_percentage', 0.05],
    ['profit_margin', 0.6],
    ['customer_acquisition_cost', 400],
  ] as const)('[METRIC-2] %s by its official definition is %d', (id, expected) => {
    const { value } = derive(derivationOf(id), (name) => values[name] ?? 0)
    expect(value).toBeCloseTo(expected, 9)
  })

  test('[METRIC-2] without its inputs a ratio is null with a reason, never 0 or NaN', () => {
    for (const id of derivedIds) {
      const { value, reason } = derive(derivationOf(id), () => 0)
      if ('to' in derivationOf(id) || derivationOf(id).needs) {
        expect([id, value]).toEqual([id, null])
        expect(reason).toMatch(/\w/)
      } else {
        expect(value).toBe(0)
      }
    }
  })

  test('[PAGE-3] GMV after refunds is never more than GMV, whatever else came in', () => {
    const amounts = { gmv: 10_000, refunds: 400, other_revenue: 2_500 }
    const read = (name: string) => amounts[name as keyof typeof amounts] ?? 0
    expect(derive(derivationOf('gmv_after_refunds'), read).value).toBe(9_600)
    expect(derive(derivationOf('net_revenue'), read).value).toBe(12_100)
  })

  test('[METRIC-2] more refunds than sales make net revenue negative and the margin unknown', () => {
    const lost = (name: string) => ({ gmv: 100, refunds: 300, product_costs: 10 })[name] ?? 0
    expect(derive(derivationOf('net_revenue'), lost).value).toBe(-200)
    expect(derive(derivationOf('profit_margin'), lost).value).toBeNull()
  })
})
