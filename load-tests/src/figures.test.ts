import { describe, expect, test } from 'vitest'
import { createHistogram, latencies, median, percentile, ratioOfMedians } from './figures.ts'

describe('figures', () => {
  test('[REPO-4] a percentile is a value that was measured, by nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, n) => 100 - n)
    expect(percentile(values, 0.5)).toBe(50)
    expect(percentile(values, 0.99)).toBe(99)
    expect(percentile(values, 1)).toBe(100)
    expect(percentile(values, 0)).toBe(1)
    expect(percentile([7], 0.95)).toBe(7)
    expect(percentile([], 0.5)).toBeNull()
  })

  test('[REPO-4] a histogram reports the upper edge of a step and counts values past its end', () => {
    const histogram = createHistogram(0.5, 4)
    expect(histogram.percentile(0.5)).toBeNull()
    for (const value of [0.1, 0.6, 1.2]) histogram.add(value)
    histogram.add(500)
    expect(histogram.count).toBe(4)
    expect(histogram.percentile(0.5)).toBe(1)
    expect(histogram.percentile(0.75)).toBe(1.5)
    expect(histogram.percentile(1)).toBe(2)
  })

  test('[REPO-4] a ratio is median over median, so one disturbed round changes nothing', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 2, 3])).toBe(2.5)
    expect(ratioOfMedians([10, 10, 1_000], [50, 50, 0.1])).toBe(0.2)
    expect(ratioOfMedians([], [1])).toBeNull()
    expect(ratioOfMedians([1], [0])).toBeNull()
  })

  test('[REPO-4] an event arrives with the first update whose range holds it, on each screen', () => {
    const due = [0, 10, 20, 30]
    const early = [
      { to: 4, at: 5 },
      { to: 6, at: 25 },
      { to: 8, at: 50 },
    ]
    const late = [{ to: 8, at: 130 }]
    // Seq 5 to 8 were due at 0, 10, 20 and 30.
    const both = latencies(due, 5, [early, late])
    expect(both.count).toBe(8)
    expect(latencies(due, 5, [early]).percentile(0.5)).toBe(20.5)
    expect(latencies(due, 5, [late]).percentile(0.01)).toBe(100.5)
    expect(both.percentile(1)).toBe(130.5)
  })

  test('[REPO-4] an event that did not arrive is not counted', () => {
    expect(latencies([0, 10, 20], 1, [[{ to: 2, at: 15 }]]).count).toBe(2)
    expect(latencies([0, 10, 20], 1, [[]]).count).toBe(0)
  })
})
