import { expect, test } from 'vitest'
import { createDatabaseClock } from './clock.ts'

test('[ALERT-5] time is the database’s at the last beat, and goes on by a clock that nobody sets', () => {
  let monotonic = 5_000
  const clock = createDatabaseClock(() => monotonic)
  expect(clock.now()).toBeUndefined()
  const asked = monotonic
  monotonic += 40
  clock.beat(1_000_000, asked)
  expect(clock.now()).toBe(1_000_020)
  // The database is away, and this node's wall clock jumps: neither is asked.
  monotonic += 90_000
  expect(clock.now()).toBe(1_090_020)
  clock.beat(1_090_500, monotonic)
  expect(clock.now()).toBe(1_090_500)
})
