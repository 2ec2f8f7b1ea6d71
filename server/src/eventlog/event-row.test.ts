import { expect, test } from 'vitest'
import { copyValues, type EventRow, eventColumns } from './event-row.ts'

test('[INGEST-9] each value of a row is copied into its own column', () => {
  const time = (n: number) => Date.UTC(2026, 0, 1, n)
  const times = { ts: time(1), received_at: time(2), live_started_at: time(3) }
  const names = Object.fromEntries(eventColumns.map((column) => [column, column]))
  const row = { ...names, ...times } as unknown as EventRow
  const expected = eventColumns.map((column) =>
    column in times ? new Date(times[column as keyof typeof times]).toISOString() : column,
  )
  expect(copyValues(row)).toEqual(expected)
  expect(copyValues({ ...row, live_started_at: null })).toContain(null)
})
