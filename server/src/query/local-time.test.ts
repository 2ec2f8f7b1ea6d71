import { describe, expect, test } from 'vitest'
import { zonedAt } from '../core/zone.ts'
import { bucketBounds, calendarAt } from './local-time.ts'

const HOUR_MS = 3_600_000
const at = (text: string) => Date.parse(text)

/** The length of each bucket, in hours. */
function hoursOf(bucket: 'hour' | 'day', from: string, to: string, zone: string): number[] {
  const bounds = bucketBounds(bucket, at(from), at(to), zone, 2_000)
  return bounds.slice(1).map((end, index) => (end - (bounds[index] ?? 0)) / HOUR_MS)
}

describe('hours and days of a zone', () => {
  test.each([
    ['Europe/Berlin', '2026-03-28T12:00Z', '2026-03-30T12:00Z', [24, 23, 24]],
    ['Europe/Berlin', '2026-10-24T12:00Z', '2026-10-26T12:00Z', [24, 25, 24]],
    ['Asia/Kolkata', '2026-03-28T12:00Z', '2026-03-30T12:00Z', [24, 24, 24]],
    ['Asia/Kathmandu', '2026-03-28T12:00Z', '2026-03-30T12:00Z', [24, 24, 24]],
    ['Australia/Lord_Howe', '2026-04-04T01:00Z', '2026-04-06T01:00Z', [24, 24.5, 24]],
    ['Australia/Lord_Howe', '2026-10-03T01:00Z', '2026-10-05T01:00Z', [24, 23.5, 24]],
    ['America/Sao_Paulo', '2018-11-03T12:00Z', '2018-11-05T12:00Z', [24, 23, 24]],
    // Clocks went back three hours at four in the morning, over midnight.
    ['Antarctica/Casey', '2018-03-10T01:00Z', '2018-03-12T01:00Z', [24, 27, 24]],
  ])('[PAST-3] %s: days from %s to %s', (zone, from, to, hours) => {
    expect(hoursOf('day', from, to, zone)).toEqual(hours)
  })

  test.each([
    ['Europe/Berlin', '2026-03-29T00:00Z', '2026-03-29T03:00Z', [1, 1, 1]],
    // 02:00 to 03:00 comes twice, and is two hours.
    ['Europe/Berlin', '2026-10-25T00:00Z', '2026-10-25T03:00Z', [1, 1, 1]],
    ['Australia/Lord_Howe', '2026-04-04T14:00Z', '2026-04-04T16:30Z', [1, 0.5, 1]],
    ['Australia/Lord_Howe', '2026-10-03T14:30Z', '2026-10-03T17:00Z', [1, 0.5, 1]],
    ['Asia/Kolkata', '2026-03-28T12:10Z', '2026-03-28T13:00Z', [1, 1]],
    ['Asia/Kathmandu', '2026-03-28T12:20Z', '2026-03-28T13:20Z', [1, 1]],
  ])('[PAST-3] %s: hours from %s to %s', (zone, from, to, hours) => {
    expect(hoursOf('hour', from, to, zone)).toEqual(hours)
  })

  test('[PAST-3] a range is widened to whole buckets', () => {
    const bounds = (bucket: 'minute' | '15m' | 'hour' | 'day' | 'total') =>
      bucketBounds(
        bucket,
        at('2026-03-01T10:07:30Z'),
        at('2026-03-01T10:08:30Z'),
        'Asia/Kathmandu',
        9,
      )
    const times = (list: number[]) => list.map((ms) => new Date(ms).toISOString().slice(8, 16))
    expect(times(bounds('minute'))).toEqual(['01T10:07', '01T10:08', '01T10:09'])
    expect(times(bounds('total'))).toEqual(['01T10:07', '01T10:09'])
    expect(times(bounds('15m'))).toEqual(['01T10:00', '01T10:15'])
    expect(times(bounds('hour'))).toEqual(['01T09:15', '01T10:15'])
    expect(times(bounds('day'))).toEqual(['28T18:15', '01T18:15'])
  })

  test.each([
    'UTC',
    'Europe/Berlin',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
    'America/Sao_Paulo',
    'Antarctica/Casey',
  ])(
    '[PAST-3] %s: date, weekday and hour of every quarter of years with changed clocks',
    (zone) => {
      const differing: string[] = []
      for (const year of [1969, 2018, 2026]) {
        for (let ts = Date.UTC(year); ts < Date.UTC(year + 1); ts += 45 * 60_000) {
          const here = zonedAt(ts, zone)
          const { day, weekday, hour } = calendarAt(ts, zone)
          const isSame = weekday === here.dayOfWeek && hour === here.hour
          if (!isSame || day !== here.toPlainDate().toString()) differing.push(here.toString())
        }
      }
      expect(differing).toEqual([])
    },
  )

  test('[PAST-3] stops at its limit', () => {
    expect(bucketBounds('minute', 0, 86_400_000, 'UTC', 10)).toHaveLength(12)
  })
})
