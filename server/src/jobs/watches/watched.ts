import { setTimeout as delay } from 'node:timers/promises'
import type { Config } from '../../core/config/config.ts'
import { AppError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import { serverTenant } from '../../core/rights/authorize.ts'
import type { Look, Watch } from '../../core/watch.ts'
import type { Follower } from '../../live/follow.ts'
import type { Followers } from '../../live/followers.ts'
import type { Updates } from '../../live/pulse.ts'
import type { WatchNumbers } from './numbers.ts'

export interface WatchedDeps {
  readonly followers: Followers
  readonly config: Pick<Config, 'watchIntervalMs' | 'maxWatchedCreators'>
  readonly log: Log
  readonly numbers: WatchNumbers
}

/** The creators that one watch follows on this node, while it holds the lease. */
export interface Watched {
  /** Creators that are followed, and those that still wait to be. */
  readonly counts: { readonly watched: number; readonly waiting: number }
  /** How late the latest of the looks is that are due. */
  readonly lagMs: number
  needs(creatorId: string): boolean
  /** Looks at those that are due, until that moment. */
  tick(updates: Updates, until: number): void
  /** Begins and ends creators, so that exactly these are watched. */
  want(creatorIds: readonly string[]): void
  /** Ends all; waits a moment for looks under way. */
  end(): Promise<void>
}

interface Entry {
  readonly creatorId: string
  readonly look: Look
  /** Where the last look that succeeded stood. */
  epoch: string | undefined
  seq: number
  newestEventAt: number | null
  dueAt: number
  running: Promise<void> | undefined
  isFailing: boolean
}

/** Followers that are begun at once: each reads a log. */
const STARTS_AT_ONCE = 4
/** Time that looks under way have to end. */
const GRACE_MS = 3_000

/** `isHeld` says whether a look may still begin; `signal` tells those that have. */
export function createWatched(
  { name, watch }: { readonly name: string; readonly watch: Watch },
  of: { readonly isHeld: () => boolean; readonly signal: AbortSignal },
  { followers, config, log, numbers }: WatchedDeps,
): Watched {
  // In the order in which they are due.
  const entries = new Map<string, Entry>()
  const starting = new Set<string>()
  const unbegun = new Set<string>()
  let wanted: ReadonlySet<string> = new Set()
  const isFollowed = ({ creatorId }: Entry) => followers.all.has(creatorId)

  function begin(creatorId: string): void {
    try {
      entries.set(creatorId, {
        creatorId,
        look: watch.begin(serverTenant(creatorId)),
        epoch: undefined,
        seq: 0,
        newestEventAt: null,
        dueAt: performance.now(),
        running: undefined,
        isFailing: false,
      })
      unbegun.delete(creatorId)
    } catch (error) {
      numbers.count('watch_looks_total', { watch: name, outcome: 'failed' })
      const told = { err: error, watch: name, creator_id: creatorId }
      if (!unbegun.has(creatorId)) log.error(told, 'a watch failed to start; retrying')
      unbegun.add(creatorId)
    }
  }

  function startMissing(): void {
    for (const creatorId of wanted) {
      const entry = entries.get(creatorId)
      const isFull = followers.all.size + starting.size >= config.maxWatchedCreators
      if (starting.size >= STARTS_AT_ONCE || isFull || !of.isHeld()) return
      if (entry && !isFollowed(entry) && !starting.has(creatorId)) void start(entry)
    }
  }

  async function start(entry: Entry): Promise<void> {
    const { creatorId } = entry
    starting.add(creatorId)
    try {
      await followers.get(creatorId)
      starting.delete(creatorId)
      startMissing()
    } catch (error) {
      starting.delete(creatorId)
      const code = error instanceof AppError ? error.code : undefined
      // Deleted since it was named.
      if (code === 'not_found') entries.delete(creatorId)
      // The next question tries again.
      else if (code !== 'unavailable' && !entry.isFailing) {
        entry.isFailing = true
        log.warn(
          { err: error, watch: name, creator_id: creatorId },
          'a watch is waiting for a creator',
        )
      }
    }
  }

  function show(entry: Entry, follower: Follower): void {
    const { epoch, state, creator, confirmedAt, recounting } = follower
    const { seq } = state
    const { newestEventAt } = entry
    const isSame = entry.epoch === epoch
    const changes = !isSame ? null : seq === entry.seq ? {} : (follower.since(entry.seq) ?? null)
    const now = Date.now()
    const asOf = Math.round(now - (performance.now() - confirmedAt))
    entry.newestEventAt = null
    const succeeded = () => {
      entry.epoch = epoch
      entry.seq = seq
      entry.isFailing = false
      numbers.count('watch_looks_total', { watch: name, outcome: 'done' })
    }
    const failed = (error: unknown) => {
      // What this look was about is part of the next one.
      if (newestEventAt !== null) note(entry, newestEventAt)
      numbers.count('watch_looks_total', { watch: name, outcome: 'failed' })
      const told = { err: error, watch: name, creator_id: entry.creatorId }
      if (entry.isFailing) log.debug(told, 'a watch failed again')
      else log.error(told, 'a watch failed; retrying')
      entry.isFailing = true
    }
    try {
      const running = entry.look({
        tenant: serverTenant(entry.creatorId),
        creator,
        state,
        epoch,
        changes,
        newestEventAt: isSame ? newestEventAt : null,
        asOf,
        now,
        recounting,
        signal: of.signal,
      })
      if (running) {
        entry.running = running.then(succeeded, failed).finally(() => {
          entry.running = undefined
        })
      } else succeeded()
    } catch (error) {
      failed(error)
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
        // One look at a time: a creator that is wanted again must not meet the look before.
        if (!wanted.has(id) && !running) entries.delete(id)
      }
      for (const id of unbegun) if (!wanted.has(id)) unbegun.delete(id)
      for (const id of wanted) if (!entries.has(id)) begin(id)
      startMissing()
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
        entry.dueAt +=
          config.watchIntervalMs * Math.ceil((now - entry.dueAt + 1) / config.watchIntervalMs)
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

function note(entry: Entry, newestEventAt: number): void {
  // Past numbers whose events were dropped there is no time.
  if (newestEventAt === Number.NEGATIVE_INFINITY) return
  entry.newestEventAt = Math.max(entry.newestEventAt ?? Number.NEGATIVE_INFINITY, newestEventAt)
}
