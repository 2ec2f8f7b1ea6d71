import { emptyLive } from '@creatorflow/shared/fold-live'
import { productMetricIds } from '@creatorflow/shared/metrics'
import { funnelOf, funnelSteps, productFunnelSteps } from '@creatorflow/shared/present'
import { describe, expect, it } from 'vitest'
import {
  calculateFunnelBars,
  rateMetric,
  ratesIn,
  totalsOfProduct,
  totalsOfProducts,
  usualRates,
} from './calculate.ts'

describe('funnel', () => {
  it('[CLI-16] a rate names the nearest earlier step that is reported', () => {
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

  it('[CLI-16] bars shrink with their value and are empty without one', () => {
    const bars = calculateFunnelBars(funnelOf({ views: 10_000, main_orders: 1 }))
    expect(bars[1]?.length).toBe(1)
    expect(bars[5]?.length).toBeGreaterThan(0)
    expect(bars[5]?.length).toBeLessThan(0.1)
    expect(calculateFunnelBars(funnelOf({})).every(({ length }) => length === 0)).toBe(true)
  })

  it('[FUN-1] the usual rate is the median of LIVEs that report both steps, at least three', () => {
    const live = (views: number, product_clicks: number) => ({ views, product_clicks })
    const usual = usualRates(
      [live(100, 10), live(100, 30), live(1e6, 2e5), { views: 5 }],
      funnelSteps,
    )
    // The one without clicks has a rate of 0.
    expect(usual('product_clicks', 'views')).toBeCloseTo(0.15)
    expect(usual('product_clicks', 'live_impressions')).toBeNull()
    expect(usualRates([live(1, 1), live(1, 1)], funnelSteps)('product_clicks', 'views')).toBeNull()
    const bars = calculateFunnelBars(funnelOf({ views: 1_000, product_clicks: 300 }), usual)
    expect(bars[2]?.reference).toBeCloseTo(0.15)
    expect(bars[2]?.tick).toBeLessThan(bars[2]?.length ?? 0)
    expect(bars[1]).toMatchObject({ reference: null, tick: null })
  })

  it('[FUN-1] a product is compared with all products of the LIVE', () => {
    const cells = (clicks: number, orders: number) =>
      productMetricIds.map((id) =>
        id === 'product_clicks' ? clicks : id === 'sku_orders' ? orders : 0,
      )
    const live = {
      ...emptyLive('a', 0),
      products: { tea: { values: cells(100, 10) }, cup: { values: cells(50, 20) } },
      products_other: cells(50, 10),
    }
    const all = ratesIn(totalsOfProducts(live), productFunnelSteps)
    expect(all('sku_orders', 'product_clicks')).toBe(0.2)
    const bars = calculateFunnelBars(
      funnelOf(totalsOfProduct(live, 'tea'), productFunnelSteps),
      all,
    )
    expect(bars.at(-1)).toMatchObject({ value: 10, rate: 0.1, reference: 0.2, lost: 90 })
    expect(totalsOfProduct(live, '__proto__').sku_orders).toBe(0)
  })

  it('[FUN-2] marks the one step that is clearly and furthest behind', () => {
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

  it('[FUN-3] rates have the platform’s names where it has one', () => {
    expect(rateMetric('views', 'live_impressions')).toBe('enter_room_rate')
    expect(rateMetric('product_clicks', 'views')).toBe('ctr')
    expect(rateMetric('product_clicks', 'product_impressions')).toBe('product_ctr')
    expect(rateMetric('sku_orders', 'product_clicks')).toBe('c_o_rate')
    expect(rateMetric('checkouts', 'add_to_carts')).toBeUndefined()
    const [, , clicks] = calculateFunnelBars(
      funnelOf({ live_impressions: 500, views: 100, product_clicks: 30 }),
    )
    expect(clicks).toMatchObject({ from: 'views', rate: 0.3, lost: 70 })
  })
})
