import { describe, expect, it } from 'vitest'
import { emptyLive } from '../fold-live.ts'
import type { Totals } from '../live-state.ts'
import { funnelOf, productFunnelSteps } from '../present.ts'
import { columnsOf } from '../test/cells.ts'
import { type Baseline, COMPARE_FROM_MINUTE, usualAt } from './compare.ts'
import {
  calculateFunnelBars,
  fromEnough,
  rateMetric,
  ratesIn,
  totalsOfProduct,
  totalsOfProducts,
  usualRatesAt,
} from './funnel.ts'

describe('funnel', () => {
  it('[METRIC-4] a rate names the nearest earlier step that is reported', () => {
    const bars = calculateFunnelBars(
      funnelOf({ views: 1_000, product_clicks: 100, main_orders: 10 }),
    )
    expect(bars.map(({ id, from, rate }) => [id, from, rate])).toEqual([
      ['live_impressions', null, null],
      ['views', null, null],
      ['product_clicks', 'views', 0.1],
      ['add_to_carts', null, null],
      ['checkouts', null, null],
      ['main_orders', 'product_clicks', 0.1],
    ])
  })

  it('[METRIC-4] a bar is as long as the share of the step before, on a linear scale', () => {
    const totals = {
      live_impressions: 7_124,
      views: 1_377,
      product_clicks: 344,
      add_to_carts: 172,
      checkouts: 43,
      main_orders: 0,
    }
    const bars = calculateFunnelBars(funnelOf(totals), () => 0.5)
    const [seen, entered, clicked, inCart, checkout, paid] = bars
    expect(seen).toMatchObject({ length: 1, tick: null })
    // 1,377 of 7,124 are 19 %, and look like it.
    expect(entered?.length).toBeCloseTo(1_377 / 7_124, 2)
    expect(clicked?.length).toBeCloseTo(344 / 1_377, 2)
    expect(inCart).toMatchObject({ length: 0.5, tick: 0.5 })
    expect(checkout).toMatchObject({ length: 0.25, tick: 0.5 })
    expect(paid).toMatchObject({ length: 0, tick: 0.5 })
    expect(calculateFunnelBars(funnelOf({})).every(({ length }) => length === 0)).toBe(true)
  })

  it('[METRIC-4] a share above the whole is a full bar', () => {
    const bars = calculateFunnelBars(funnelOf({ views: 100, product_clicks: 152 }), () => 1.2)
    expect(bars[2]).toMatchObject({ rate: 1.52, length: 1, tick: 1 })
  })

  it('[COMPARE-1] a rate is compared with the same minute, CTR with the same value as its tile', () => {
    const course = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]
    const baseline = {
      usual: {
        lives_at: course.map(() => 3),
        totals: { ctr: { q1: course, median: course, q3: course } },
        rates: { 'add_to_carts/product_clicks': course, 'product_clicks/live_impressions': [] },
      },
    } as unknown as Baseline
    const at = { minute: 5, fraction: 0.5 }
    const usual = usualRatesAt(baseline, at)
    expect(usual('product_clicks', 'views')).toBeCloseTo(0.55)
    expect(usual('product_clicks', 'views')).toBe(usualAt(baseline, 'ctr', at)?.median)
    expect(usual('add_to_carts', 'product_clicks')).toBeCloseTo(0.55)
    expect(usual('checkouts', 'add_to_carts')).toBeNull()
    const totals = { views: 1_000, product_clicks: 300, add_to_carts: 160 }
    const bars = calculateFunnelBars(funnelOf(totals), fromEnough(usual, totals, at))
    expect(bars[2]?.reference).toBeCloseTo(0.55)
    expect(bars[2]).toMatchObject({ behind: true, base: 1_000 })
    expect(bars[1]).toMatchObject({ reference: null, tick: null })
  })

  it('[COMPARE-1] nothing is compared or stands out before minute 5 or on too small a sample', () => {
    const reference = () => 0.9
    const barsOf = (totals: Totals, minute: number) =>
      calculateFunnelBars(
        funnelOf(totals),
        fromEnough(reference, totals, { minute, fraction: 0 }),
      ).map((bar) => [bar.reference, bar.behind])
    const nothing = [null, false]
    expect(barsOf({ views: 1_000, product_clicks: 1 }, COMPARE_FROM_MINUTE - 1)[2]).toEqual(nothing)
    expect(barsOf({ views: 99, product_clicks: 1 }, 60)[2]).toEqual(nothing)
    expect(barsOf({ views: 100, product_clicks: 1 }, COMPARE_FROM_MINUTE)[2]).toEqual([0.9, true])
  })

  it('[COMPARE-3] a product is compared with all products of the LIVE', () => {
    const live = {
      ...emptyLive('a', 0),
      products: columnsOf([
        { product_clicks: 100, sku_orders: 10 },
        { product_clicks: 50, sku_orders: 20 },
      ]),
      product_rows: { tea: 0, cup: 1 },
      products_other: { product_clicks: 50, sku_orders: 10 },
    }
    const all = ratesIn(totalsOfProducts(live), productFunnelSteps)
    expect(all('sku_orders', 'product_clicks')).toBe(0.2)
    const bars = calculateFunnelBars(
      funnelOf(totalsOfProduct(live, 'tea'), productFunnelSteps),
      all,
    )
    expect(bars.at(-1)).toMatchObject({ value: 10, rate: 0.1, reference: 0.2, base: 100 })
    expect(totalsOfProduct(live, '__proto__').sku_orders).toBe(0)
  })

  it('[COMPARE-3] marks the one step that is clearly and furthest behind', () => {
    const totals = {
      views: 1_000,
      product_clicks: 100,
      add_to_carts: 20,
      checkouts: 10,
      main_orders: 9,
    }
    const behind = (reference: Record<string, number>) =>
      calculateFunnelBars(funnelOf(totals), (id) => reference[id] ?? null)
        .filter((bar) => bar.behind)
        .map(({ id }) => id)
    expect(
      behind({ product_clicks: 0.15, add_to_carts: 0.5, checkouts: 0.5, main_orders: 0.95 }),
    ).toEqual(['add_to_carts'])
    expect(behind({ product_clicks: 0.11, main_orders: 0.95 })).toEqual([])
    expect(behind({})).toEqual([])
  })

  it('[METRIC-4] rates carry the platform’s name if it has one', () => {
    expect(rateMetric('views', 'live_impressions')).toBe('enter_room_rate')
    expect(rateMetric('product_clicks', 'views')).toBe('ctr')
    expect(rateMetric('product_clicks', 'product_impressions')).toBe('product_ctr')
    expect(rateMetric('sku_orders', 'product_clicks')).toBe('c_o_rate')
    expect(rateMetric('checkouts', 'add_to_carts')).toBeUndefined()
    const [, , clicks] = calculateFunnelBars(
      funnelOf({ live_impressions: 500, views: 100, product_clicks: 30 }),
    )
    expect(clicks).toMatchObject({ from: 'views', rate: 0.3, base: 100 })
  })
})
