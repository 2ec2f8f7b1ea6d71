import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type DateFormat, readTime } from './time.ts'

test.each([
  ['2026-03-01T18:30:00Z', 'Asia/Tokyo', '2026-03-01T18:30:00.000Z'],
  ['2026-03-01 18:30+0530', 'UTC', '2026-03-01T13:00:00.000Z'],
  ['2026-07-01 18:30', 'Europe/Berlin', '2026-07-01T16:30:00.000Z'],
  ['2026-01-01', 'America/New_York', '2026-01-01T05:00:00.000Z'],
  ['2026-01-01T10:00:00.1239', 'UTC', '2026-01-01T10:00:00.123Z'],
  ['1772389800', 'UTC', '2026-03-01T18:30:00.000Z'],
  ['1772389800123', 'UTC', '2026-03-01T18:30:00.123Z'],
  ['2026-11-13 19:12:33 -0500', 'UTC', '2026-11-14T00:12:33.000Z'],
  ['2026-11-13 19:12:33 UTC', 'Asia/Tokyo', '2026-11-13T19:12:33.000Z'],
  ['2026-11-13 19:12 GMT+8', 'UTC', '2026-11-13T11:12:00.000Z'],
  ['2026-11-13T19:12:33-05', 'UTC', '2026-11-14T00:12:33.000Z'],
  ['2026/11/13 21:30:33', 'UTC', '2026-11-13T21:30:33.000Z'],
  ['2026.11.3', 'UTC', '2026-11-03T00:00:00.000Z'],
  ['20261113', 'UTC', '2026-11-13T00:00:00.000Z'],
  ['20261113213033', 'UTC', '2026-11-13T21:30:33.000Z'],
  ['Nov 13, 2026 9:30 PM', 'America/New_York', '2026-11-14T02:30:00.000Z'],
  ['13-Nov-2026 21:30', 'UTC', '2026-11-13T21:30:00.000Z'],
  ['November 13, 2026 at 12:05 a.m.', 'UTC', '2026-11-13T00:05:00.000Z'],
  ['Fri, 13 Nov 2026 21:30:33 +0100', 'UTC', '2026-11-13T20:30:33.000Z'],
  ['46339.5', 'UTC', '2026-11-13T12:00:00.000Z'],
  ['46339,89621527778', 'UTC', '2026-11-13T21:30:33.000Z'],
  // The hour that comes twice is its first.
  ['2026-10-25 02:30', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
])('[FILE-5] %s in %s is %s', (text, zone, expected) => {
  expect(new Date(readTime(text, { timeZone: zone, dateFormat: undefined })).toISOString()).toBe(
    expected,
  )
})

test.each([
  ['2026-03-29 02:30', 'clocks went forward'],
  ['2026-02-30', 'not a valid time'],
  ['2026-02-30T10:00:00Z', 'not a valid time'],
  ['2026-01-01 25:00', 'not a valid time'],
  ['03/04/2026', 'the day or the month may come first'],
  ['13.11.2026 21:30:33', 'the day or the month may come first'],
  ['2026-11-13 13:00 PM', 'write it like'],
  ['2026-11-13 21:30 EST', 'write it like'],
  ['13 Brumaire 2026', 'write it like'],
  ['12:30', 'write it like'],
  ['1234', 'write it like'],
  ['99999', 'write it like'],
  ['-', 'write it like'],
  ['now', 'write it like'],
])('[FILE-5] %s is not a time', (text, words) => {
  expect(readTime(text, { timeZone: 'Europe/Berlin', dateFormat: undefined })).toContain(words)
})

test('[FILE-5] any local time round-trips in any zone', () => {
  const zone = fc.constantFrom(
    'Europe/Berlin',
    'America/St_Johns',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
  )
  const second = fc.integer({ min: Date.UTC(2016, 0) / 1_000, max: Date.UTC(2030, 0) / 1_000 })
  fc.assert(
    fc.property(second, zone, (seconds, timeZone) => {
      const ts = seconds * 1_000
      const clock = new Intl.DateTimeFormat('sv-SE', {
        timeZone,
        dateStyle: 'short',
        timeStyle: 'medium',
      })
      const shown = clock.format(ts)
      const read = readTime(shown, { timeZone, dateFormat: undefined })
      expect(typeof read).toBe('number')
      expect(Number(read)).toBeLessThanOrEqual(ts)
      expect(clock.format(Number(read))).toBe(shown)
    }),
  )
})

test.each([
  ['dmy', '05/11/2026 21:30:33', '2026-11-05T21:30:33.000Z'],
  ['mdy', '05/11/2026 9:30:33 PM', '2026-05-11T21:30:33.000Z'],
  ['dmy', '5.11.26', '2026-11-05T00:00:00.000Z'],
  ['mdy', '11-5-2026 08:00 +0100', '2026-11-05T07:00:00.000Z'],
  ['dmy', '2026-11-05', '2026-11-05T00:00:00.000Z'],
  ['dmy', '11/13/2026', 'not a valid time: 11/13/2026 (--date-format dmy)'],
  ['mdy', '13/11/2026', 'not a valid time: 13/11/2026 (--date-format mdy)'],
] as [DateFormat, string, string][])('[FILE-5] with %s, %s is %s', (dateFormat, text, expected) => {
  const read = readTime(text, { timeZone: 'UTC', dateFormat })
  expect(typeof read === 'number' ? new Date(read).toISOString() : read).toBe(expected)
})
