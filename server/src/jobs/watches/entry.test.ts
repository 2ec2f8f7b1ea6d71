import { expect, test } from 'vitest'
import { newEntry, nextDueAt, note } from './entry.ts'

test('[NODE-8] looks keep their rhythm, and missed turns are not made up for', () => {
  expect(nextDueAt(1_000, 1_000, 500)).toBe(1_500)
  expect(nextDueAt(1_000, 1_499, 500)).toBe(1_500)
  expect(nextDueAt(1_000, 1_500, 500)).toBe(2_000)
  expect(nextDueAt(1_000, 9_999, 500)).toBe(10_000)
})

test('[NODE-8] the newest event is remembered in any order, and dropped events have no time', () => {
  const entry = newEntry('mira', () => {}, 7)
  expect([entry.dueAt, entry.epoch, entry.newestEventAt]).toEqual([7, undefined, null])
  note(entry, Number.NEGATIVE_INFINITY)
  expect(entry.newestEventAt).toBeNull()
  for (const at of [5, 9, 8]) note(entry, at)
  expect(entry.newestEventAt).toBe(9)
})
