import { describe, expect, it } from 'vitest'
import { lineAt, onScaleOf, pathOf, scaleOf, stepOf } from './curve.ts'

const usd = { currency: 'USD' }
const box = { width: 100, height: 100 }

describe('the curve of a back-test', () => {
  it('[PAGE-18] has room for every value and the threshold, and never a height of zero', () => {
    expect(scaleOf([], [])).toEqual({ low: 0, high: 1 })
    expect(scaleOf([2, 8], [10])).toEqual({ low: 0, high: 11.5 })
    expect(scaleOf([-4, 6], [Number.NaN])).toEqual({ low: -5.5, high: 7.5 })
    const flat = scaleOf([0, 0], [])
    expect(flat.high).toBeGreaterThan(flat.low)
  })

  it('[PAGE-18] a dragged threshold stays on the scale, in steps that are easy to say', () => {
    const scale = { low: 0, high: 11.5 }
    expect(stepOf(scale)).toBe(0.1)
    expect(stepOf({ low: 0, high: 260 })).toBe(2)
    expect(lineAt(scale, 0.5)).toBe(5.8)
    expect(lineAt(scale, -3)).toBe(0)
    expect(lineAt(scale, 3)).toBe(11.5)
  })

  it('[PAGE-18] is drawn in the unit of the threshold, with holes where nothing is known', () => {
    expect(onScaleOf({ what: 'ctr', comparison: 'below' }, 0.041, usd)).toBe(4.1)
    expect(onScaleOf({ what: 'gmv', comparison: 'falls' }, -40, usd)).toBe(40)
    expect(onScaleOf({ what: 'runs_out', comparison: 'below' }, 7, usd)).toBe(7)
    const points = [0, 5, null, 10, 0].map((value, minute) => ({ minute, value }))
    expect(pathOf(points, 4, { low: 0, high: 10 }, box)).toBe(
      'M0.0 100.0L25.0 50.0M75.0 0.0L100.0 100.0',
    )
    expect(pathOf([{ minute: 0, value: 5 }], 0, { low: 0, high: 10 }, box)).toBe('M0.0 50.0')
  })
})
