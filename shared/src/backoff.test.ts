import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoffMs } from './backoff.ts'

test('[SOURCE-1] waits double, are randomized by up to half, and never exceed the maximum', () => {
  const waits = { firstMs: 500, longestMs: 60_000 }
  expect([1, 2, 3, 7, 8, 9].map((n) => backoffMs(n, waits, 1))).toEqual([
    500, 1_000, 2_000, 32_000, 60_000, 60_000,
  ])
  expect(backoffMs(1, waits, 0)).toBe(250)
  fc.assert(
    fc.property(
      fc.integer({ min: -5, max: 10_000 }),
      fc.integer({ min: 1, max: 60_000 }),
      fc.integer({ min: 1, max: 10_000_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (failures, firstMs, longestMs, random) => {
        const wait = backoffMs(failures, { firstMs, longestMs }, random)
        expect(wait).toBeGreaterThanOrEqual(Math.floor(Math.min(firstMs, longestMs) / 2))
        expect(wait).toBeLessThanOrEqual(longestMs)
        const next = backoffMs(failures + 1, { firstMs, longestMs }, random)
        expect(next).toBeGreaterThanOrEqual(wait)
      },
    ),
  )
})
