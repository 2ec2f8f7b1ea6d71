import { setTimeout as delay } from 'node:timers/promises'
import type { Config } from '../../core/config/config.ts'
import { AppError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import { serverTenant } from '../../core/rights/authorize.ts'
import type { Watch } from '../../core/watch.ts'
import type { Followers } from '../../live/followers.ts'
import type { Updates } from '../../live/pulse.ts'
import { type Entry, newEntry, nextDueAt, note } from './entry.ts'
import type { WatchNumbers } from './numbers.ts'
import { createShow } from './show.ts'
import { createStarts } from './starts.ts'

export interface WatchedDeps {
  readonly followers: Followers
  readonly config: Pick<Config, 'watchIntervalMs' | 'maxWatchedCreators'>
  readonly log: Log
  readonly numbers: WatchNumbers
}

/** The creators that one watch follows on this node, while it holds the lease. */
export interface Watched {
  /** Followed creators, and those that still wait. */
  readonly counts: { readonly watched: number; readonly waiting: number }
  /** The greatest delay of due looks. */
  readonly lagMs: number
  needs(creatorId: string): boolean
  /** Runs due looks, until that moment. */
  tick(updates: Updates, until: number): void
  /** Starts and ends creators, so that exactly these are watched. */
  want(creatorIds: readonly string[]): void
  /** Ends all; waits a moment for running looks. */
  end(): Promise<void>
}

/** Time that running looks have to end. */
const GRACE_MS = 3_000

/** `isHeld` says whether a look may still start; `signal` aborts running ones. */
export function createWatched(
  { name, watch }: { readonly name: string; readonly watch: Watch },
  of: { readonly isHeld: () => boolean; readonly signal: AbortSignal },
  { followers, config, log, numbers }: WatchedDeps,
): Watched {
  // In due order.
  const entries = new Map<string, Entry>()
  const unbegun = new Set<string>()
  let wanted: ReadonlySet<string> = new Set()
  const isFollowed = ({ creatorId }: Entry) => followers.all.has(creatorId)
  const show = createShow({ name, signal: of.signal, log, numbers })
  const starts = createStarts({
    followers,
    most: config.maxWatchedCreators,
    mayStart: of.isHeld,
    wanted: () => [...wanted].flatMap((id) => entries.get(id) ?? []),
    failed(entry, error) {
      const { creatorId } = entry
      const code = error instanceof AppError ? error.code : undefined
      // Deleted since it was named.
      if (code === 'not_found') entries.delete(creatorId)
      // The next check tries again.
      else if (code !== 'unavailable' && !entry.isFailing) {
        entry.isFailing = true
        const told = { err: error, watch: name, creator_id: creatorId }
        log.warn(told, 'a watch is waiting for a creator')
      }
    },
  })

  function begin(creatorId: string): void {
    try {
      const look = watch.begin(serverTenant(creatorId))
      entries.set(creatorId, newEntry(creatorId, look, performance.now()))
      unbegun.delete(creatorId)
    } catch (error) {
      numbers.count('watch_looks_total', { watch: name, outcome: 'failed' })
      const told = { err: error, watch: name, creator_id: creatorId }
      if (!unbegun.has(creatorId)) log.error(told, 'a watch failed to start; retrying')
      unbegun.add(creatorId)
    }
  }

  return {
    get counts() {
      const watched = [...entries.values()].filter(isFollowed).length
      return { watched, waiting: entries.size - watched }
    },
    get lagMs() {
      const due = [...entries.values()].filter(isFollowed).map(({ dueAt }) => dueAt)
      return Math.max(0, performance.now() - Math.min(...due))
    },
    needs: (creatorId) => entries.has(creatorId),
    want(creatorIds) {
      wanted = new Set(creatorIds)
      for (const [id, { running }] of entries) {
        // One look at a time: a creator that is named again must not overlap its previous look.
        if (!wanted.has(id) && !running) entries.delete(id)
      }
      for (const id of unbegun) if (!wanted.has(id)) unbegun.delete(id)
      for (const id of wanted) if (!entries.has(id)) begin(id)
      starts.fill()
    },
    tick(updates, until) {
      for (const [creatorId, { newestEventAt }] of updates) {
        const entry = entries.get(creatorId)
        if (entry) note(entry, newestEventAt)
      }
      const now = performance.now()
      for (const entry of [...entries.values()]) {
        const follower = followers.all.get(entry.creatorId)
        if (entry.dueAt > now || entry.running || !follower?.ready) continue
        if (!of.isHeld() || performance.now() >= until) return
        entry.dueAt = nextDueAt(entry.dueAt, now, config.watchIntervalMs)
        entries.delete(entry.creatorId)
        entries.set(entry.creatorId, entry)
        show(entry, follower)
      }
    },
    async end() {
      const running = [...entries.values()].map((entry) => entry.running)
      entries.clear()
      wanted = new Set()
      await Promise.race([Promise.all(running), delay(GRACE_MS, undefined, { ref: false })])
    },
  }
}
