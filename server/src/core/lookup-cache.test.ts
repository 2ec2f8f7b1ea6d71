import { expect, test } from 'vitest'
import { createLookupCache } from './lookup-cache.ts'

function cacheOf(find: (id: string) => Promise<string>, maxUnderWay = 10) {
  const clock = { ms: 1_000 }
  const options = { find, maxAgeMs: 5_000, maxEntries: 2, maxUnderWay, now: () => clock.ms }
  return { cache: createLookupCache(options), clock }
}

test('[ACCESS-5] a cached answer is at most 5 s old, and simultaneous callers share one lookup', async () => {
  let asked = 0
  const { cache, clock } = cacheOf(async (id) => `${id} ${++asked}`)
  expect(await Promise.all([cache.get('a'), cache.get('a')])).toEqual(['a 1', 'a 1'])
  clock.ms = 6_000
  expect(await cache.get('a')).toBe('a 1')
  clock.ms = 6_001
  expect(await cache.get('a')).toBe('a 2')
  cache.forget('a')
  expect(await cache.get('a')).toBe('a 3')
})

test('[ACCESS-5] failures are not cached, and the cache is bounded', async () => {
  let asked = 0
  const { cache } = cacheOf(async (id) => {
    asked += 1
    if (asked === 1) throw new Error('away')
    return id
  })
  await expect(cache.get('a')).rejects.toThrow('away')
  for (const id of ['a', 'b', 'c', 'a']) expect(await cache.get(id)).toBe(id)
  expect(asked).toBe(5)
})

test('[ACCESS-5] past the limit of running lookups, callers are told to retry', async () => {
  const waiting = Promise.withResolvers<string>()
  const { cache } = cacheOf(() => waiting.promise, 1)
  const first = cache.get('a')
  await expect(cache.get('b')).rejects.toMatchObject({ code: 'too_many' })
  waiting.resolve('done')
  expect(await first).toBe('done')
  expect(await cache.get('b')).toBe('done')
})
