import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { courseOf, type MinuteRow } from './course.ts'
import { livesAt, medianRates, quantile, spreadOfTotals } from './usual.ts'

const none = {
  counted_rows: 0,
  rows: 0,
  units: 0,
  opening: 0,
  money: 0,
  diamonds: 0,
  main_order: 0,
  sku_order: 0,
}
const row = (minute: number, type: MinuteRow['type'], sums: Partial<MinuteRow>): MinuteRow => ({
  ...none,
  live_first: 0,
  day_first: 0,
  ever_first: 0,
  level: null,
  high: null,
  minute: minute * 60_000,
  type,
  ...sums,
})
const liveOf = (minutes: number, rows: readonly MinuteRow[]) =>
  courseOf(
    {
      session_id: 'a',
      started_at: 0,
      ended_at: minutes * 60_000 - 1,
      pauses: [],
      pauses_complete: true,
    },
    rows,
    1e9,
  )

describe('what is usual', () => {
  test('[COMPARE-1] one huge LIVE does not set the usual rates', () => {
    const clicks = (views: number, product_clicks: number) =>
      liveOf(1, [
        row(0, 'viewer_joined', { units: views }),
        row(0, 'product_click', { units: product_clicks }),
      ])
    const spread = spreadOfTotals([clicks(100, 30), clicks(200, 62), clicks(1_000_000, 1_000)])
    expect(spread.ctr?.median).toEqual([0.3])
  })

  test('[COMPARE-1] unknown values stay empty; no sales are 0', () => {
    const sold = liveOf(2, [
      row(0, 'payment_completed', { money: 500, main_order: 1, sku_order: 1 }),
    ])
    const idle = liveOf(1, [])
    const spread = spreadOfTotals([sold, idle])
    expect(livesAt([sold, idle])).toEqual([2, 1])
    expect(spread.gmv?.median).toEqual([250, 500])
    expect(spread.aov?.median).toEqual([500, 500])
    expect(spread.ctr).toBeUndefined()
  })

  test('[COMPARE-1] a funnel rate is the median over LIVEs that report both steps, at least three', () => {
    const funnel = (views: number, clicks: number, orders = 0) =>
      liveOf(2, [
        row(0, 'viewer_joined', { units: views }),
        row(0, 'product_click', { units: clicks }),
        row(1, 'viewer_joined', { units: views }),
        row(1, 'checkout_initiated', { units: orders }),
      ])
    const rates = medianRates([funnel(100, 10, 1), funnel(100, 20, 4), funnel(10, 4, 2)])
    expect(rates['product_clicks/views']).toEqual([0.2, 0.1])
    // Nobody reports the step between them.
    expect(rates['checkouts/product_clicks']?.[1]).toBe(0.2)
    expect(rates['checkouts/add_to_carts']).toBeUndefined()
    expect(medianRates([funnel(100, 10), funnel(100, 20)])).toEqual({})
  })

  test('[COMPARE-1] a quantile lies among the values and does not go down as the share goes up', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 30 }),
        fc.tuple(
          fc.double({ min: 0, max: 1, noNaN: true }),
          fc.double({ min: 0, max: 1, noNaN: true }),
        ),
        (values, shares) => {
          const sorted = values.sort((a, b) => a - b)
          const [low = 0, high = 0] = shares
            .sort((a, b) => a - b)
            .map((share) => quantile(sorted, share) ?? Number.NaN)
          expect(low).toBeGreaterThanOrEqual((sorted[0] ?? 0) - 1e-6)
          expect(high).toBeLessThanOrEqual((sorted.at(-1) ?? 0) + 1e-6)
          expect(low).toBeLessThanOrEqual(high)
        },
      ),
    )
    expect(quantile([], 0.5)).toBeNull()
  })
})
