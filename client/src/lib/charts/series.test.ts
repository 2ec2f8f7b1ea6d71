import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { minuteTicks, sparklinePoints } from './series.ts'

describe('series', () => {
  it('[PAGE-9] ticks are round, few, and inside the axis', () => {
    expect(minuteTicks({ first: 101, last: 143 }, 6)).toEqual([110, 120, 130, 140])
    fc.assert(
      fc.property(fc.nat(1e8), fc.integer({ min: 0, max: 1_440 }), (first, length) => {
        const ticks = minuteTicks({ first, last: first + length }, 8)
        expect(ticks.length).toBeLessThanOrEqual(9)
        for (const tick of ticks) expect(tick >= first && tick <= first + length).toBe(true)
      }),
    )
  })

  it('[PAGE-9] a sparkline fills its box and leaves out unknown values', () => {
    expect(sparklinePoints([0, null, 10])).toBe('0.0,100.0 100.0,0.0')
    expect(sparklinePoints([4, 4])).toBe('0.0,0.0 100.0,0.0')
    expect(sparklinePoints([0, 0])).toBe('0.0,100.0 100.0,100.0')
    expect(sparklinePoints([null, 3])).toBe('')
  })
})
