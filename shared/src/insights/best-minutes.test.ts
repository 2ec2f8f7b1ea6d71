import { describe, expect, it } from 'vitest'
import { emptyLive } from '../fold-live.ts'
import { type LiveEntry, type Mark, MINUTE_MS } from '../live-state.ts'
import { columnsOf } from '../test/cells.ts'
import { bestMinutes, gapsOf, unseenOf, worstMinutes } from './best-minutes.ts'

const start = Date.UTC(2026, 9, 20, 12)
const first = start / MINUTE_MS

/** A LIVE of ten minutes in which minute `n` sold `gmv[n]` to `viewers[n]` viewers. */
function liveOf(gmv: readonly number[], viewers: readonly number[] = []): LiveEntry {
  const live = emptyLive('a', start)
  live.ended_at = start + gmv.length * MINUTE_MS
  live.last_at = live.ended_at
  live.minutes = columnsOf(
    gmv.map((value, n) => {
      const sample = viewers[n]
      return {
        gmv: value,
        ...(sample !== undefined && { viewer_sample_sum: sample * 2, viewer_samples: 2 }),
      }
    }),
  )
  return live
}
const now = start + 86_400_000
const minutes = (list: readonly { minute: number }[]) => list.map(({ minute }) => minute - first)

describe('minutes of a LIVE', () => {
  it('[PAST-9] the best minutes sold most, and sold something', () => {
    expect(minutes(bestMinutes(liveOf([0, 500, 0, 900, 500, 1]), now))).toEqual([3, 1, 4])
    expect(bestMinutes(liveOf([0, 0]), now)).toEqual([])
  })

  it('[PAST-9] the slowest minutes are whole minutes on air; of equal ones, those with most viewers', () => {
    const live = liveOf([0, 300, 0, 0, 0, 200, 0, 0], [9, 90, 40, 80, 60, 50, 70, 9])
    expect(minutes(worstMinutes(live, now))).toEqual([3, 6, 4])
    live.pauses = [
      { ts: start + 3.5 * MINUTE_MS, id: 'p', paused: true },
      { ts: start + 3.6 * MINUTE_MS, id: 'q', paused: false },
    ]
    live.marks = [gap(6.2, 6.4)]
    expect(minutes(worstMinutes(live, now))).toEqual([4, 2, 7])
  })

  it('[PAST-9] connection gaps are added up once, within the LIVE', () => {
    const live = liveOf([0, 0, 0, 0, 0])
    live.marks = [gap(-3, -2), gap(-1, 0.5), gap(2, 3), gap(2.5, 3.5), gap(4.5, 9)]
    expect(unseenOf(live, now)).toEqual({ seconds: 30 + 90 + 30, atLeast: false })
    expect(gapsOf(live, now)).toHaveLength(3)
    live.marks = Array.from({ length: 50 }, (_, n) => gap(n / 100, n / 100))
    expect(unseenOf(live, now)).toEqual({ seconds: 0, atLeast: true })
  })
})

function gap(from: number, to: number): Mark {
  return {
    ts: start + from * MINUTE_MS,
    until: start + to * MINUTE_MS,
    id: `gap ${from}`,
    kind: 'gap',
  }
}
