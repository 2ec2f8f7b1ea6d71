import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MINUTE_MS, TEN_SECONDS_MS } from '../live-state.ts'
import { columnsOf } from '../test/cells.ts'
import { effectOf } from './effect.ts'

const at = 1_000 * MINUTE_MS
const live = { started_at: at, ended_at: null, pauses: [] }
const nothing = {
  minutes: {},
  minutes_from: at / MINUTE_MS,
  tens: {},
  tens_from: at / TEN_SECONDS_MS,
  marks: [],
}
const ten = (ms: number) => Math.floor(ms / TEN_SECONDS_MS)
const minutes = (count: number) => count * MINUTE_MS

describe('effect of a moment', () => {
  const tens = columnsOf({
    [ten(minutes(5))]: {
      gmv: 300,
      main_orders: 1,
      viewer_sample_sum: 80,
      viewer_samples: 2,
    },
    [ten(minutes(9.9))]: { gmv: 200, product_clicks: 5 },
    [ten(minutes(10))]: { gmv: 900, product_clicks: 10 },
    [ten(minutes(14.9))]: { gmv: 100, viewer_sample_sum: 60, viewer_samples: 1 },
    [ten(minutes(15))]: { gmv: 9_999 },
  })

  test('[COMPARE-7] sums five minutes before and after, and compares per minute', () => {
    const effect = effectOf(at + minutes(10), { ...nothing, tens }, live, at + minutes(30))
    expect(effect.before.sums).toEqual({ gmv: 500, main_orders: 1, product_clicks: 5 })
    expect(effect.after.sums).toEqual({ gmv: 1_000, main_orders: 0, product_clicks: 10 })
    expect([effect.before.viewers, effect.after.viewers]).toEqual([40, 60])
    expect(effect.change).toEqual({ gmv: 1, main_orders: -1, product_clicks: 1, viewers: 0.5 })
    expect(effect.isOver).toBe(true)
    expect(effect.byMinute).toBe(false)
  })

  test('[COMPARE-7] unfinished minutes count in part, and too few compare nothing', () => {
    const young = effectOf(at + minutes(10), { ...nothing, tens }, live, at + minutes(10.5))
    expect(young.isOver).toBe(false)
    expect(young.after.seenMs).toBe(minutes(0.5))
    expect(young.change.gmv).toBeNull()
    const half = effectOf(at + minutes(10), { ...nothing, tens }, live, at + minutes(12.5))
    expect(half.after.seenMs).toBe(minutes(2.5))
    // 500 in 5 min before, 900 in 2.5 min after.
    expect(half.change.gmv).toBeCloseTo(2.6)
    const first = effectOf(at + minutes(2), { ...nothing, tens }, live, at + minutes(30))
    expect(first.before.seenMs).toBe(minutes(2))
  })

  test('[COMPARE-7] pauses and gaps are not time seen; where they overlap they count once', () => {
    const paused = [
      { ts: at + minutes(11), id: '1', paused: true },
      { ts: at + minutes(13), id: '2', paused: false },
    ]
    const marks = [{ ts: at + minutes(12), id: 'g', kind: 'gap', until: at + minutes(14) } as const]
    const { after } = effectOf(
      at + minutes(10),
      { ...nothing, tens, marks },
      { ...live, pauses: paused },
      at + minutes(30),
    )
    expect([after.pausedMs, after.gapMs, after.seenMs]).toEqual([2, 1, 2].map(minutes))
  })

  test('[COMPARE-7] older moments use whole minutes, their own minute on neither side', () => {
    const byMinute = columnsOf({
      4: { gmv: 1_000 },
      5: { gmv: 7 },
      9: { gmv: 8 },
      10: { gmv: 5_000 },
      11: { gmv: 20 },
      15: { gmv: 10 },
      16: { gmv: 1_000 },
    })
    const tens_from = (at + minutes(60)) / TEN_SECONDS_MS
    const old = { ...nothing, tens_from, minutes: byMinute }
    const effect = effectOf(at + minutes(10.4), old, live, at + minutes(120))
    expect(effect.byMinute).toBe(true)
    expect([effect.before.sums.gmv, effect.after.sums.gmv]).toEqual([15, 30])
  })

  test('[COMPARE-7] the parts of a side are never more than its length', () => {
    const instant = fc.integer({ min: 0, max: 40 }).map((minute) => at + minutes(minute))
    const gap = fc.tuple(instant, instant).map(([a, b]) => ({
      kind: 'gap' as const,
      id: 'g',
      ts: Math.min(a, b),
      until: Math.max(a, b),
    }))
    fc.assert(
      fc.property(fc.array(gap, { maxLength: 6 }), instant, instant, (marks, ts, now) => {
        const { before, after } = effectOf(ts, { ...nothing, marks }, live, now)
        for (const side of [before, after]) {
          expect(side.seenMs).toBeGreaterThanOrEqual(0)
          expect(side.seenMs + side.gapMs + side.pausedMs).toBe(side.to - side.from)
        }
      }),
    )
  })
})
