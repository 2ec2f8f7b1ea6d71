import type { Followers } from '../../live/followers.ts'
import type { Entry } from './entry.ts'

export interface StartsDeps {
  readonly followers: Pick<Followers, 'all' | 'get'>
  /** Creators that may be followed for watches. */
  readonly most: number
  /** Whether another one may start. */
  readonly mayStart: () => boolean
  /** Those to be followed, most important first. */
  readonly wanted: () => readonly Entry[]
  readonly failed: (entry: Entry, error: unknown) => void
}

/** Starts followers, as long as there is room for them. */
export interface Starts {
  /** Starts missing ones; the rest follow when others have started. */
  fill(): void
}

/** Followers started at once: each reads a log. */
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
