import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MINUTE_MS } from './live-state.ts'
import { type OnAir, viewerInputs, viewersByMinute } from './viewer-minutes.ts'

const live = (minutes: number, pauses: [number, number][] = []): OnAir => ({
  started_at: 0,
  ended_at: minutes * MINUTE_MS,
  last_at: minutes * MINUTE_MS,
  pauses: pauses.flatMap(([from, to], n) => [
    { ts: from * MINUTE_MS, id: `p${n}`, paused: true },
    { ts: to * MINUTE_MS, id: `r${n}`, paused: false },
  ]),
})
const average = (of: OnAir, reported: Record<number, [reports: number, sum: number]>) => {
  const minutes = Object.entries(reported).map(
    ([minute, [reports, sum]]) => [Number(minute), { reports, sum }] as const,
  )
  const { viewer_minutes, viewer_minute_sum } = viewerInputs(
    viewersByMinute(of, new Map(minutes)).values(),
  )
  return viewer_minutes > 0 ? viewer_minute_sum / viewer_minutes / 1_000 : null
}

describe('viewers by minute', () => {
  test('[METRIC-3] a minute counts once however often viewers were reported in it', () => {
    expect(average(live(2), { 0: [1, 50], 1: [40, 40 * 250] })).toBe(150)
  })

  test('[METRIC-3] a minute without a report repeats the last one, for five minutes', () => {
    expect(average(live(4), { 0: [1, 10], 2: [1, 40] })).toBe(25)
    expect(average(live(60), { 0: [1, 10] })).toBe(10)
    expect(viewersByMinute(live(60), new Map([[0, { reports: 1, sum: 10 }]])).size).toBe(6)
  })

  test('[METRIC-3] paused minutes and minutes outside the LIVE do not count', () => {
    expect(
      average(live(2), { [-1]: [1, 900], 0: [1, 100], 1: [1, 200], 2: [5, 0], 3: [1, 0] }),
    ).toBe(150)
    const paused = live(8, [[2, 6]])
    expect(average(paused, { 0: [1, 100], 1: [1, 100], 3: [1, 0], 6: [1, 40], 7: [1, 40] })).toBe(
      70,
    )
    // A minute partly on air counts.
    expect(average(live(3, [[1.5, 3]]), { 0: [1, 10], 1: [1, 30], 2: [1, 0] })).toBe(20)
  })

  test('[METRIC-3] an open LIVE is on air up to its last sign of life', () => {
    const open = { ...live(0), ended_at: null, last_at: 2 * MINUTE_MS }
    expect(average(open, { 0: [1, 10], 2: [1, 40] })).toBe(20)
    expect(average(live(5), {})).toBeNull()
  })

  test('[METRIC-3] no minute depends on the order of reports', () => {
    const reports = fc.uniqueArray(
      fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 9 }), fc.nat(900)),
      {
        selector: ([minute]) => minute,
      },
    )
    fc.assert(
      fc.property(reports, (list) => {
        const of = (entries: typeof list) =>
          viewersByMinute(
            live(30, [[7, 12]]),
            new Map(entries.map(([minute, count, sum]) => [minute, { reports: count, sum }])),
          )
        expect(of(list.toReversed())).toEqual(of(list))
      }),
    )
  })
})
