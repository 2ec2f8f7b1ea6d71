import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MINUTE_MS } from '../live-state.ts'
import { type Baseline, compare, previousAt, previousWasOver, usualAt } from './compare.ts'
import { elapsedOf, totalAt } from './elapsed.ts'

function baseline(lives_at: number[] = [4, 4, 2]): Baseline {
  const spread = { q1: [10, 20, 30], median: [20, 40, 60], q3: [30, 60, 90] }
  return {
    session_id: 'now',
    recounting: null,
    at: '2026-01-01T00:00:00.000Z',
    previous: {
      session_id: 'last',
      started_at: '2025-12-31T00:00:00.000Z',
      ended_at: '2025-12-31T00:03:00.000Z',
      length: 3,
      minutes: { average_viewers: [5, null, 7] },
      totals: { gmv: [100, 300, 600], ctr: [null, 0.2, 0.4] },
    },
    usual: {
      days: 14,
      lives: [],
      left_out: 0,
      lives_at,
      minutes: { gmv: spread, average_viewers: spread },
      totals: { gmv: spread, ctr: spread },
      rates: {},
    },
  }
}

describe('the same moment of another LIVE', () => {
  it('[COMPARE-2] elapsed minutes follow the clock, and a finished LIVE stands still', () => {
    const started_at = 10 * MINUTE_MS + 50_000
    const at = (now: number, ended_at: number | null = null) =>
      elapsedOf({ started_at, ended_at }, now)
    expect(at(started_at)).toEqual({ minute: 0, fraction: 50 / 60 })
    expect(at(11 * MINUTE_MS)).toEqual({ minute: 1, fraction: 0 })
    expect(at(99 * MINUTE_MS, 12 * MINUTE_MS + 15_000)).toEqual({ minute: 2, fraction: 0.25 })
    expect(at(started_at - 5_000)).toEqual({ minute: 0, fraction: 50 / 60 })
  })

  it('[COMPARE-2] within a minute a total lies between its ends and never jumps', () => {
    const totals = fc.array(fc.nat(1_000), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(totals, fc.double({ min: 0, max: 1, noNaN: true }), (added, share) => {
        let sum = 0
        const course = added.map((value) => (sum += value))
        course.forEach((total, minute) => {
          const before = course[minute - 1] ?? 0
          const value = totalAt(course, { minute, fraction: share }, 0) ?? Number.NaN
          expect(value).toBeGreaterThanOrEqual(before - 1e-9)
          expect(value).toBeLessThanOrEqual(total + 1e-9)
          expect(totalAt(course, { minute, fraction: 1 }, 0)).toBeCloseTo(total)
        })
      }),
    )
    expect(totalAt([1], { minute: 1, fraction: 0 }, 0)).toBeNull()
    // A ratio has no value before its first one.
    expect(totalAt([null, 0.2, 0.4], { minute: 1, fraction: 0.5 }, null)).toBe(0.2)
    expect(totalAt([null, 0.2, 0.4], { minute: 2, fraction: 0.5 }, null)).toBeCloseTo(0.3)
  })

  it('[COMPARE-2] the previous LIVE counts up to the same moment; once it was over, as a whole', () => {
    const of = baseline()
    expect(previousAt(of, 'gmv', { minute: 1, fraction: 0.5 })).toBe(200)
    expect(previousAt(of, 'gmv', { minute: 7, fraction: 0.5 })).toBe(600)
    expect(previousWasOver(of, { minute: 2, fraction: 0 })).toBe(false)
    expect(previousWasOver(of, { minute: 3, fraction: 0 })).toBe(true)
    // Not sold is 0, not counted is unknown, and a finished LIVE has no viewers.
    expect(previousAt(of, 'shares', { minute: 1, fraction: 0 })).toBe(0)
    expect(previousAt(of, 'c_o_rate', { minute: 1, fraction: 0 })).toBeNull()
    expect(previousAt(of, 'viewers_now', { minute: 2, fraction: 0.3 })).toBe(7)
    expect(previousAt(of, 'viewers_now', { minute: 1, fraction: 0.3 })).toBeNull()
    expect(previousAt(of, 'viewers_now', { minute: 3, fraction: 0.3 })).toBeNull()
    expect(previousAt({ ...of, previous: null }, 'gmv', { minute: 1, fraction: 0 })).toBeNull()
  })

  it('[COMPARE-2] the usual needs three LIVEs that were on air at that minute', () => {
    const at = (minute: number) => usualAt(baseline(), 'gmv', { minute, fraction: 0.5 })
    expect(at(1)).toEqual({ q1: 15, median: 30, q3: 45 })
    expect(at(2)).toBeNull()
    expect(at(3)).toBeNull()
    expect(usualAt(baseline(), 'viewers_now', { minute: 1, fraction: 0.5 })?.median).toBe(40)
  })
})

describe('a comparison', () => {
  it('[COMPARE-2] is a percentage for sums, and percentage points for ratios', () => {
    expect(compare('gmv', 120, 100)).toEqual({
      reference: 100,
      change: 0.2,
      direction: 'up',
      good: true,
    })
    expect(compare('gmv', 0, 0)).toMatchObject({ change: 0, direction: 'same', good: null })
    expect(compare('ctr', 0.3, 0.314)).toMatchObject({ direction: 'down', good: false })
  })
})
