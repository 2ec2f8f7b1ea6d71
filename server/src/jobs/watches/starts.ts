import type { Followers } from '../../live/followers.ts'
import type { Entry } from './entry.ts'

export interface StartsDeps {
  readonly followers: Pick<Followers, 'all' | 'get'>
  /** Creators that may be followed for watches. */
  readonly most: number
  /** Whether another one may begin. */
  readonly mayStart: () => boolean
  /** Those that are to be followed, the most important first. */
  readonly wanted: () => readonly Entry[]
  readonly failed: (entry: Entry, error: unknown) => void
}

/** Begins followers, as long as there is room for them. */
export interface Starts {
  /** Begins what is missing; those that must wait follow as others have begun. */
  fill(): void
}

/** Followers that are begun at once: each reads a log. */
const STARTS_AT_ONCE = 4

export function createStarts({ followers, most, mayStart, wanted, failed }: StartsDeps): Starts {
  const starting = new Set<string>()

  function fill(): void {
    for (const entry of wanted()) {
      const isFull = followers.all.size + starting.size >= most
      if (starting.size >= STARTS_AT_ONCE || isFull || !mayStart()) return
      const { creatorId } = entry
      if (!followers.all.has(creatorId) && !starting.has(creatorId)) void start(entry)
    }
  }

  async function start(entry: Entry): Promise<void> {
    const { creatorId } = entry
    starting.add(creatorId)
    try {
      await followers.get(creatorId)
      starting.delete(creatorId)
      fill()
    } catch (error) {
      starting.delete(creatorId)
      failed(entry, error)
    }
  }

  return { fill }
}
