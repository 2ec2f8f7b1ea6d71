import { funnelOf } from '@creatorflow/shared/present'
import { describe, expect, it } from 'vitest'
import { calculateFunnelBars } from './calculate.ts'

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
})
