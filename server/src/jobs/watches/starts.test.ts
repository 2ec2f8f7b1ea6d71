import { expect, test } from 'vitest'
import type { Follower } from '../../live/follow.ts'
import { type Entry, newEntry } from './entry.ts'
import { createStarts } from './starts.ts'

/** Followers whose start a test controls. */
function standIn() {
  const all = new Map<string, Follower>()
  const asked = new Map<string, PromiseWithResolvers<Follower>>()
  return {
    all,
    asked,
    get(id: string) {
      const begun = Promise.withResolvers<Follower>()
      asked.set(id, begun)
      return begun.promise
    },
    begun(id: string) {
      const follower = {} as Follower
      all.set(id, follower)
      asked.get(id)?.resolve(follower)
    },
  }
}

const entriesOf = (ids: string): Entry[] => [...ids].map((id) => newEntry(id, () => {}, 0))

test('[NODE-8] four followers start at once, others as those have started, up to the limit', async () => {
  const followers = standIn()
  const wanted = entriesOf('abcdefg')
  const failed = () => expect.unreachable()
  const starts = createStarts({
    followers,
    most: 6,
    mayStart: () => true,
    wanted: () => wanted,
    failed,
  })
  starts.fill()
  starts.fill()
  expect([...followers.asked.keys()].join('')).toBe('abcd')
  for (const id of 'abcd') followers.begun(id)
  await expect.poll(() => [...followers.asked.keys()].join('')).toBe('abcdef')
})

test('[NODE-8] a failed start is reported and makes room; nothing starts once the watch is lost', async () => {
  const followers = standIn()
  const told: string[] = []
  let isHeld = true
  const starts = createStarts({
    followers,
    most: 9,
    mayStart: () => isHeld,
    wanted: () => entriesOf('abcde'),
    failed: ({ creatorId }, error) => told.push(`${creatorId}: ${(error as Error).message}`),
  })
  starts.fill()
  followers.asked.get('a')?.reject(new Error('gone'))
  await expect.poll(() => told).toEqual(['a: gone'])
  for (const id of 'bcd') followers.begun(id)
  await expect.poll(() => [...followers.asked.keys()].join('')).toBe('abcde')
  isHeld = false
  followers.asked.clear()
  starts.fill()
  expect(followers.asked.size).toBe(0)
})
