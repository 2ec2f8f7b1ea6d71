import { levels } from '@creatorflow/db/aggregates'
import { createRandom } from '@creatorflow/shared/simulator/random'
import { expect, test } from 'vitest'
import { type HistoryMarks, type Piece, placesOf } from './history.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const WEEK_MS = 7 * DAY_MS
const start = 2_900 * WEEK_MS
const nothing: HistoryMarks = { keptSince: 0, until: {}, dirty: [] }
const day = (n: number): Piece => ({
  level: '1d',
  since: start + n * DAY_MS,
  before: start + (n + 1) * DAY_MS,
})

/** Places as `table from–before`, in hours after the start. */
const told = (pieces: readonly Piece[], marks: HistoryMarks) =>
  placesOf(pieces, marks).map(({ table, since, before }) => {
    const [from, to] = [since, before].map((at) => (at - start) / HOUR_MS)
    return `${table} ${from}–${to}`
  })

test('[PAST-1] reads the log where nothing is materialized, and levels as far as they reach', () => {
  expect(told([day(0)], nothing)).toEqual(['events 0–24'])
  const until = { '1m': start + 40 * HOUR_MS, '15m': start + 30 * HOUR_MS, '1d': start + DAY_MS }
  expect(told([day(0), day(1)], { ...nothing, until })).toEqual([
    'events_1d 0–24',
    'events_15m 24–30',
    'events_1m 30–40',
    'events 40–48',
  ])
})

test('[PAST-1] reads a dirty minute from the log, and only its buckets from finer levels', () => {
  const until = { '1m': start + WEEK_MS, '15m': start + WEEK_MS, '1d': start + WEEK_MS }
  const dirty = [{ since: start + 6 * HOUR_MS, before: start + 6 * HOUR_MS + 3 * MINUTE_MS }]
  expect(told([day(0)], { ...nothing, until, dirty })).toEqual([
    'events_15m 0–6',
    'events 6–6.05',
    'events_1m 6.05–6.25',
    'events_15m 6.25–24',
  ])
  expect(told([day(1)], { ...nothing, until, dirty })).toEqual(['events_1d 24–48'])
})

test('[PAST-1] reads dropped events from the archive', () => {
  const marks = { ...nothing, keptSince: start + DAY_MS, until: { '1m': start + WEEK_MS } }
  expect(told([day(0), day(1)], marks)).toEqual(['archive_1d 0–24', 'events_1m 24–48'])
})

test.each([1, 2, 3, 4, 5])(
  '[PAST-1] seed %i: whatever is dirty, each moment is read once, and never from dirty sums',
  (seed) => {
    const random = createRandom(`places/${seed}`)
    for (let round = 0; round < 200; round++) {
      const at = (most: number, step: number) =>
        start + Math.floor(random.between(0, most) / step) * step
      const [fine, middle, coarse] = [1, 2, 3]
        .map(() => at(3 * DAY_MS, MINUTE_MS))
        .sort((a, b) => b - a) as [number, number, number]
      const floor = (ms: number, width: number) => ms - (ms % width)
      const until = {
        '1m': fine,
        '15m': floor(middle, 15 * MINUTE_MS),
        '1d': floor(coarse, DAY_MS),
      }
      const minutes = new Set(
        Array.from({ length: random.between(0, 12) }, () => at(3 * DAY_MS, MINUTE_MS)),
      )
      const dirty = [...minutes]
        .sort((a, b) => a - b)
        .map((since) => ({ since, before: since + MINUTE_MS }))
      const pieces = levels.map(({ name }, n): Piece => ({ ...day(n), level: name }))
      const marks = { keptSince: random.pick([0, start + DAY_MS]), until, dirty }
      let expected = start
      for (const { table, since, before } of placesOf(pieces, marks)) {
        expect(since).toBe(expected)
        expected = before
        const level = levels.find(({ view }) => view === table)
        if (!level) continue
        expect([since % level.widthMs, before % level.widthMs]).toEqual([0, 0])
        expect(before).toBeLessThanOrEqual(until[level.name])
        expect(dirty.filter((one) => one.since < before && one.before > since)).toEqual([])
      }
      expect(expected).toBe(start + 3 * DAY_MS)
    }
  },
)
