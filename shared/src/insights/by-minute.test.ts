import { describe, expect, it } from 'vitest'
import { MINUTE_MS } from '../live-state.ts'
import { columnsOf } from '../test/cells.ts'
import { countsOf, minutesOf, ratiosOf, viewersOf } from './by-minute.ts'

const live = {
  minutes: columnsOf([
    { gmv: 500, views: 10, viewer_sample_sum: 300, viewer_samples: 2 },
    {},
    { gmv: 700 },
  ]),
  minutes_from: 101,
}
const range = { first: 100, last: 103 }

describe('a metric by minute', () => {
  it('[PAGE-9] a minute without events is 0 for a count and a gap for a ratio', () => {
    expect(countsOf(live, 'gmv', range)).toEqual([0, 500, 0, 700])
    expect(ratiosOf(live, 'gmv', 'views', range)).toEqual([null, 50, null, null])
    expect(viewersOf(live, range)).toEqual([null, 150, null, null])
  })

  it('[PAGE-9] covers a LIVE from its start to its end or now, at most the newest minutes', () => {
    const started_at = 100.5 * MINUTE_MS
    expect(minutesOf({ started_at, ended_at: null }, 103.2 * MINUTE_MS)).toEqual(range)
    expect(minutesOf({ started_at, ended_at: 102 * MINUTE_MS }, 900 * MINUTE_MS).last).toBe(102)
    expect(minutesOf({ started_at, ended_at: null }, 900 * MINUTE_MS, 30)).toEqual({
      first: 871,
      last: 900,
    })
    // A clock behind the server's must not invert the range.
    expect(minutesOf({ started_at, ended_at: null }, 0)).toEqual({ first: 100, last: 100 })
  })
})
