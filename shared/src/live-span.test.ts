import { expect, test } from 'vitest'
import { endOf, liveAt } from './live-span.ts'
import { extendsLive } from './presence.ts'

const MINUTE_MS = 60_000
const span = (
  session_id: string,
  started_at: number,
  ended_at: number | null,
  last_at: number,
) => ({
  session_id,
  started_at,
  ended_at,
  last_at,
})

test('[COUNT-2] a LIVE ends with its end event, else at its last sign of life once that is over 30 min old', () => {
  const open = { started_at: 0, ended_at: null, last_at: 1_000 }
  expect(endOf(open, 1_000 + 30 * MINUTE_MS)).toBeNull()
  expect(endOf(open, 1_001 + 30 * MINUTE_MS)).toBe(1_000)
  expect(endOf({ ...open, ended_at: 5_000 }, 5_001)).toBe(5_000)
  // A later sign of life reopens it.
  expect(endOf({ ...open, last_at: 40 * MINUTE_MS }, 41 * MINUTE_MS)).toBeNull()
})

test('[COUNT-2] events in the room keep a LIVE open, a sale only if it names it, a parcel never', () => {
  expect(extendsLive('comment', 'time')).toBe(true)
  expect(extendsLive('payment_completed', 'session')).toBe(true)
  expect(extendsLive('payment_completed', 'order')).toBe(false)
  expect(extendsLive('product_click', 'time')).toBe(false)
  for (const type of ['order_refunded', 'order_delivered', 'live_ended', 'email_sent'] as const) {
    expect(extendsLive(type, 'session')).toBe(false)
  }
})

test('[COUNT-1] a time belongs to the latest-started LIVE that covers it', () => {
  const ended = span('a', 1_000, 9_000, 9_000)
  const short = span('b', 2_000, 3_000, 3_000)
  expect(liveAt([ended, short], 999)).toBeUndefined()
  expect(liveAt([ended, short], 1_000)?.session_id).toBe('a')
  expect(liveAt([ended, short], 2_500)?.session_id).toBe('b')
  expect(liveAt([short, ended], 3_000)?.session_id).toBe('a')
  expect(liveAt([ended, short], 9_000)).toBeUndefined()
})

test('[COUNT-2] an open LIVE covers until the next start, at most 30 min past its last sign of life', () => {
  const open = span('a', 0, null, 5_000)
  expect(liveAt([open], 5_000 + 30 * MINUTE_MS)?.session_id).toBe('a')
  expect(liveAt([open], 5_001 + 30 * MINUTE_MS)).toBeUndefined()
  const next = span('b', 60_000, 70_000, 70_000)
  expect(liveAt([open, next], 59_999)?.session_id).toBe('a')
  expect(liveAt([open, next], 75_000)).toBeUndefined()
})
