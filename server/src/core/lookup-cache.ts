import { AppError } from './errors.ts'

export interface LookupCacheOptions<T> {
  find(id: string): Promise<T>
  /** How old an answer may be; also how long a change on another node may go unseen. */
  readonly maxAgeMs: number
  readonly maxEntries: number
  /** Questions to the database at once; past it callers are told to come back. */
  readonly maxUnderWay: number
  readonly now?: () => number
}

export interface LookupCache<T> {
  get(id: string): Promise<T>
  forget(id: string): void
  clear(): void
}

/** Remembers answers for a few seconds, and asks once for callers that ask together. */
export function createLookupCache<T>(options: LookupCacheOptions<T>): LookupCache<T> {
  const { find, maxAgeMs, maxEntries, maxUnderWay, now = () => performance.now() } = options
  const entries = new Map<string, { at: number; answer: Promise<T> }>()
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
      const known = entries.get(id)
      if (known && now() - known.at < maxAgeMs) return known.answer
      if (underWay >= maxUnderWay) {
        throw new AppError('too_many', 'Too many questions wait for the database.', {
          retryAfterMs: 1_000,
        })
      }
      const entry = { at: now(), answer: ask(id) }
      // A failure is no answer: the next caller asks again.
      entry.answer.catch(() => {
        if (entries.get(id) === entry) entries.delete(id)
      })
      entries.delete(id)
      entries.set(id, entry)
      if (entries.size > maxEntries) {
        const [oldest] = entries.keys()
        if (oldest !== undefined) entries.delete(oldest)
      }
      return entry.answer
    },
    forget: (id) => void entries.delete(id),
    clear: () => entries.clear(),
  }
}
