import { describe, expect, it } from 'vitest'
import { columnsOf } from '../test/cells.ts'
import { trendOf } from './trend.ts'

const minutes = (clicks: readonly number[], views: readonly number[] = []) => ({
  minutes: columnsOf(clicks.map((value, at) => ({ product_clicks: value, views: views[at] ?? 0 }))),
  minutes_from: 100,
})

describe('trend', () => {
  const clicks = { of: 'product_clicks' } as const

  it('[COMPARE-3] compares the last five whole minutes with the five before', () => {
    const of = (...values: number[]) => trendOf(minutes([0, ...values]), clicks, 100, 111)
    expect(of(1, 1, 1, 1, 1, 2, 2, 2, 2, 2)).toBe('rising')
    expect(of(2, 2, 2, 2, 2, 1, 1, 1, 1, 1)).toBe('falling')
    expect(of(9, 10, 11, 10, 10, 10, 10, 11, 10, 10)).toBe('steady')
    expect(of()).toBe('steady')
    // The current minute is not among them.
    expect(of(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 999)).toBe('steady')
  })

  it('[COMPARE-3] is unknown in the first minutes, which start with a partial one', () => {
    const many = minutes(new Array(12).fill(5))
    expect(trendOf(many, clicks, 100, 110)).toBeNull()
    expect(trendOf(many, clicks, 100, 111)).toBe('steady')
  })

  it('[COMPARE-3] of a ratio is Σ over Σ, and unknown without a denominator', () => {
    const rate = { of: 'product_clicks', to: 'views' } as const
    const of = (tops: number[], views: number[]) =>
      trendOf(minutes([0, ...tops], [0, ...views]), rate, 100, 111)
    // One busy minute weighs more than four idle ones.
    expect(of([1, 0, 0, 0, 0, 9, 0, 0, 0, 0], [2, 0, 0, 0, 0, 90, 0, 0, 0, 0])).toBe('falling')
    expect(of([1, 0, 0, 0, 0, 9, 0, 0, 0, 0], [2])).toBeNull()
  })
})
