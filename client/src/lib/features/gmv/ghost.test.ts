import type { Baseline } from '@creatorflow/shared/insights/compare'
import { MINUTE_MS } from '@creatorflow/shared/live-state'
import { describe, expect, test } from 'vitest'
import { ghostOf, sumsOf } from './ghost.ts'

const past = { session_id: 'before', started_at: '2026-11-19T20:00:00Z', ended_at: null }
function baselineOf(length: number, livesAt: readonly number[]): Baseline {
  const course = Array.from({ length }, (_, minute) => minute * 10)
  const spread = { q1: course, median: course.map((y) => y + 1), q3: course.map((y) => y + 2) }
  const none = { q1: [], median: [], q3: [] }
  return {
    session_id: 'now',
    recounting: null,
    at: '2026-11-20T20:00:00Z',
    previous: { ...past, length, minutes: { gmv: course }, totals: {} },
    usual: {
      days: 14,
      lives: [],
      left_out: 0,
      lives_at: [...livesAt],
      minutes: { gmv: spread, average_viewers: none },
      totals: {},
      rates: {},
    },
  }
}
const live = { started_at: 100.5 * MINUTE_MS, ended_at: null }
const range = { first: 100, last: 102 }

describe('ghost of the LIVEs before', () => {
  test('[PAGE-9] overlays this LIVE by elapsed minute, with the usual only where enough LIVEs were on air', () => {
    const ghost = ghostOf(baselineOf(3, [3, 2, 4]), live, range)
    expect(ghost.previous).toEqual([0, 10, 20])
    expect(ghost.low).toEqual([0, null, 20])
    expect(ghost.median).toEqual([1, null, 21])
    expect(ghost.high).toEqual([2, null, 22])
    expect(ghost.last).toBe(102)
  })

  test('[PAGE-9] extends past now, within a limit, while this LIVE is on', () => {
    expect(ghostOf(baselineOf(5, []), live, range).last).toBe(104)
    expect(ghostOf(baselineOf(600, []), live, range).last).toBe(112)
    expect(ghostOf(baselineOf(600, []), live, { first: 100, last: 190 }).last).toBe(220)
    const ended = { ...live, ended_at: 102.2 * MINUTE_MS }
    expect(ghostOf(baselineOf(600, []), ended, range).last).toBe(102)
  })

  test('[PAGE-9] a long LIVE shows its newest minutes, with the ghost over the same ones', () => {
    expect(ghostOf(baselineOf(4, []), live, { first: 102, last: 104 }).previous).toEqual([
      20,
      30,
      null,
    ])
  })

  test('[PAGE-9] needs an earlier LIVE; one that sold nothing is all zeros', () => {
    const none = ghostOf(null, live, range)
    expect(none.previous).toEqual([null, null, null])
    expect(none.high).toEqual([null, null, null])
    const baseline = baselineOf(2, [])
    const poor = { ...baseline, previous: { ...past, length: 2, minutes: {}, totals: {} } }
    expect(ghostOf(poor, live, range).previous).toEqual([0, 0, null])
  })

  test('[PAGE-9] sums up to each minute of earlier LIVEs overlay those of this one', () => {
    const baseline = baselineOf(3, [3, 2, 4])
    const { previous, usual } = baseline
    if (!previous) throw new Error('there is a LIVE before')
    const spread = { q1: [1, 2, 3], median: [4, 5, 6], q3: [7, 8, 9] }
    const sums = {
      ...baseline,
      previous: { ...previous, totals: { gmv: [5, 15, 35] } },
      usual: { ...usual, totals: { gmv: spread } },
    }
    const ghost = ghostOf(sums, live, range, 'sum')
    expect(ghost.previous).toEqual([5, 15, 35])
    expect(ghost.median).toEqual([4, null, 6])
    expect(ghostOf(baseline, live, range, 'sum').previous).toEqual([0, 0, 0])
  })

  test('[PAGE-9] sums start at zero if a LIVE is shown from its start, else at what came before', () => {
    expect(sumsOf([1, 0, 4], 9, true)).toEqual([1, 1, 5])
    expect(sumsOf([1, 0, 4], 9, false)).toEqual([5, 5, 9])
    expect(sumsOf([], 9, false)).toEqual([])
  })
})
