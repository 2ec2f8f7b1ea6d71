import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { COUNT_UP_MS, countedTo } from './count-up.ts'

describe('counting up', () => {
  test('[PAGE-5] it ends exactly at its value, within 300 ms, and never leaves the range', () => {
    expect(COUNT_UP_MS).toBeLessThanOrEqual(300)
    fc.assert(
      fc.property(fc.nat(1e9), fc.nat(1e7), fc.nat(400), (from, more, ms) => {
        const at = countedTo(from, from + more, ms)
        expect(at).toBeGreaterThanOrEqual(from)
        expect(at).toBeLessThanOrEqual(from + more)
        expect(Number.isInteger(at)).toBe(true)
        expect(countedTo(from, from + more, ms + 10)).toBeGreaterThanOrEqual(at)
        if (ms >= COUNT_UP_MS) expect(at).toBe(from + more)
      }),
    )
  })
})
