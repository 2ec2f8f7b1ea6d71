import { LRUCache } from 'lru-cache'
import { AppError } from './errors.ts'

export interface LookupCacheOptions<T> {
  find(id: string): Promise<T>
  /** Maximum age of an answer; also how long a change on another node may go unseen. */
  readonly maxAgeMs: number
  readonly maxEntries: number
  /** Simultaneous database lookups; past it callers are told to retry. */
  readonly maxUnderWay: number
  readonly now?: () => number
}

export interface LookupCache<T> {
  get(id: string): Promise<T>
  forget(id: string): void
  clear(): void
}

/** Caches answers for a few seconds, and asks once for simultaneous callers. */
export function createLookupCache<T>(options: LookupCacheOptions<T>): LookupCache<T> {
  const { find, maxAgeMs, maxEntries, maxUnderWay, now = () => performance.now() } = options
  const answers = new LRUCache<string, Promise<T>>({
    max: maxEntries,
    ttl: maxAgeMs,
    ttlResolution: 0,
    perf: { now },
  })
  let underWay = 0

  async function ask(id: string): Promise<T> {
    underWay += 1
    try {
      return await find(id)
    } finally {
      underWay -= 1
    }
  }

  return {
    async get(id) {
      const known = answers.get(id)
      if (known) return known
      if (underWay >= maxUnderWay) {
        throw new AppError('too_many', 'The database is busy. Try again in a moment.', {
          retryAfterMs: 1_000,
        })
      }
      const answer = ask(id)
      // Failures are not cached: the next caller asks again.
      answer.catch(() => answers.peek(id) === answer && answers.delete(id))
      answers.set(id, answer)
      return answer
    },
    forget: (id) => void answers.delete(id),
    clear: () => answers.clear(),
  }
}
