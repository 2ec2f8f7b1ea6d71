import type { Config } from '../core/config/config.ts'
import { AppError } from '../core/errors.ts'
import { serverTenant } from '../core/rights/authorize.ts'
import { readHeads } from '../eventlog/log-reader.ts'
import { type FollowDeps, type Follower, follow } from './follow.ts'

/** This node's followers: one for each watched creator. */
export interface Followers extends AsyncDisposable {
  /**
   * The follower of a creator, started if there is none; simultaneous callers cost one read. Throws
   * `unavailable` while its state is being rebuilt, and past the limit of followed creators.
   */
  get(creatorId: string): Promise<Follower>
  readonly all: ReadonlyMap<string, Follower>
  /** Ends those unused for a while; `isUsed` says whether someone still needs them. */
  releaseUnused(isUsed: (creatorId: string) => boolean): void
  /** Called for a creator that was deleted while it was followed. */
  onGone(listener: (creatorId: string) => void): void
  /** Compares every follower with the head in the database, in one statement. */
  poll(): Promise<void>
}

export interface FollowersDeps extends FollowDeps {
  readonly config: Pick<Config, 'maxFollowedCreators'>
}

/** REST does not return numbers older than this: a single request would not see them go stale. */
export const CONFIRMED_WITHIN_MS = 2_000

/** A screen that returns within this time gets the difference instead of everything. */
const LINGER_MS = 60_000

export function createFollowers(deps: FollowersDeps, lingerMs = LINGER_MS): Followers {
  const goneListeners: ((creatorId: string) => void)[] = []
  const following = new Map<string, Promise<Follower>>()
  const ready = new Map<string, Follower>()
  const usedAt = new Map<string, number>()
  deps.telemetry.sample('followed_creators', () => ready.size)
  let polling: Promise<void> | undefined

  function begin(creatorId: string): Promise<Follower> {
    if (following.size >= deps.config.maxFollowedCreators) {
      throw new AppError(
        'unavailable',
        'This server is at its limit of creators (MAX_FOLLOWED_CREATORS).',
        {
          retryAfterMs: 5_000,
        },
      )
    }
    const begun = follow(deps, serverTenant(creatorId), () => {
      void release(creatorId)
      for (const listener of goneListeners) listener(creatorId)
    })
    following.set(creatorId, begun)
    begun.then(
      (follower) => {
        if (following.get(creatorId) === begun) ready.set(creatorId, follower)
      },
      () => {
        if (following.get(creatorId) === begun) forget(creatorId)
      },
    )
    return begun
  }

  function forget(creatorId: string): void {
    following.delete(creatorId)
    ready.delete(creatorId)
    usedAt.delete(creatorId)
  }

  async function release(creatorId: string): Promise<void> {
    const follower = following.get(creatorId)
    forget(creatorId)
    await (await follower?.catch(() => undefined))?.[Symbol.asyncDispose]()
  }

  async function askDatabase(): Promise<void> {
    if (ready.size === 0) return
    const at = performance.now()
    const asked = new Map([...ready].map(([id, follower]) => [id, { at, ...follower.position }]))
    for (const head of await readHeads(deps.database, asked)) {
      const where = asked.get(head.creator_id)
      // Not awaited: one creator being read again must not keep the others unconfirmed.
      if (where) ready.get(head.creator_id)?.confirm(head, where)
    }
  }

  return {
    all: ready,
    async get(creatorId) {
      const follower = await (following.get(creatorId) ?? begin(creatorId))
      usedAt.set(creatorId, performance.now())
      if (!follower.ready && follower.problem) throw follower.problem
      if (!follower.ready) {
        throw new AppError('unavailable', 'The numbers are being reloaded.', { retryAfterMs: 300 })
      }
      return follower
    },
    releaseUnused(isUsed) {
      const now = performance.now()
      for (const creatorId of ready.keys()) {
        if (isUsed(creatorId)) usedAt.set(creatorId, now)
        else if (now - (usedAt.get(creatorId) ?? 0) >= lingerMs) void release(creatorId)
      }
    },
    onGone: (listener) => void goneListeners.push(listener),
    poll() {
      polling ??= askDatabase()
        .catch((error: unknown) => deps.log.warn({ err: error }, 'failed to read heads'))
        .finally(() => {
          polling = undefined
        })
      return polling
    },
    async [Symbol.asyncDispose]() {
      await polling
      await Promise.all([...following.keys()].map(release))
    },
  }
}
