import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { barsOf } from './bars.ts'

describe('bars', () => {
  const frame = { left: 50, step: 10, bottom: 200 }

  test('[PAGE-9] a bar stands within its own minute, as high as its value, and zero has none', () => {
    const [first, none, unknown, last] = barsOf([100, 0, null, 50], frame, (value) => 200 - value)
    expect(first).toMatchObject({ y: 100, height: 100 })
    expect([none, unknown]).toEqual([null, null])
    expect(last).toMatchObject({ y: 150, height: 50 })
    expect((last?.x ?? 0) + (last?.width ?? 0) / 2).toBeCloseTo(85)
  })

  test('[PAGE-9] bars do not touch while there is room, and the smallest sale of a day is visible', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 1e9 }), { minLength: 2, maxLength: 1_440 }),
        fc.double({ min: 2, max: 60, noNaN: true }),
        (values, step) => {
          const top = Math.max(...values)
          const bars = barsOf(values, { ...frame, step }, (value) => 200 - (value / top) * 200)
          bars.forEach((bar, index) => {
            const next = bars[index + 1]
            expect(bar?.height).toBeGreaterThanOrEqual(1)
            if (bar && next) expect(bar.x + bar.width).toBeLessThan(next.x)
          })
        },
      ),
    )
  })
})
