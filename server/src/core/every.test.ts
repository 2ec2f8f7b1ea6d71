import { expect, test } from 'vitest'
import { every } from './every.ts'

test('[NODE-6] runs do not overlap, a failed run is reported and followed by the next, and a stop waits', async () => {
  const failures: unknown[] = []
  let rounds = 0
  let underWay = 0
  let ended = 0
  const job = every(
    { intervalMs: 1, atOnce: true, failed: (e) => failures.push(e) },
    async (closing) => {
      expect(++underWay).toBe(1)
      rounds++
      // The third runs until its signal aborts.
      if (rounds === 3) {
        await new Promise<void>((resolve) => closing.addEventListener('abort', () => resolve()))
      }
      underWay--
      ended++
      if (rounds === 1) throw new Error('the first')
    },
  )
  expect(rounds).toBe(1)
  await expect.poll(() => rounds).toBe(3)
  expect(failures).toEqual([new Error('the first')])
  await job[Symbol.asyncDispose]()
  expect({ rounds, ended, underWay }).toEqual({ rounds: 3, ended: 3, underWay: 0 })
})

test('[NODE-6] a requested run starts at once, after the current one', async () => {
  const first = Promise.withResolvers<void>()
  let rounds = 0
  const job = every({ intervalMs: 3_600_000, failed: () => {} }, async () => {
    if (++rounds === 1) await first.promise
  })
  job.soon()
  expect(rounds).toBe(1)
  job.soon()
  job.soon()
  expect(rounds).toBe(1)
  first.resolve()
  await expect.poll(() => rounds).toBe(2)
  job.soon()
  expect(rounds).toBe(3)
  await job[Symbol.asyncDispose]()
  job.soon()
  expect(rounds).toBe(3)
})
