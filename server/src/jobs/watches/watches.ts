import { once } from 'node:events'
import type { Database } from '@creatorflow/db/database'
import type { Config } from '../../core/config/config.ts'
import { every } from '../../core/every.ts'
import { withLease } from '../../core/lease.ts'
import type { Log } from '../../core/log.ts'
import type { Telemetry } from '../../core/telemetry.ts'
import type { Watch } from '../../core/watch.ts'
import type { Followers } from '../../live/followers.ts'
import type { Pulse, Updates } from '../../live/pulse.ts'
import { countWatches } from './numbers.ts'
import { createWatched, type Watched } from './watched.ts'

/** The watch of a feature, by the feature's name. */
export interface NamedWatch {
  readonly name: string
  readonly watch: Watch
}

export interface WatchesDeps {
  readonly database: Database
  readonly followers: Followers
  readonly pulse: Pulse
  readonly config: Pick<Config, 'watchIntervalMs' | 'maxWatchedCreators'>
  readonly log: Log
  readonly telemetry: Telemetry
  readonly watches: readonly NamedWatch[]
  /** How long a dead owner delays others. */
  readonly leaseMs?: number
  /** How often the owner asks whom to watch, and others whether there is an owner. */
  readonly askIntervalMs?: number
}

const ASK_INTERVAL_MS = 2_000
const LEASE_MS = 10_000
/** Time per tick for all looks: their event loop serves screens too. */
const BUDGET_MS = 20

/**
 * Lets features watch creators. Each watch has one owner among all processes with the role `jobs`: the holder
 * of its lease. No look starts after the lease ended, by this process's own clock; a running one is aborted,
 * and may overlap the next owner's first looks.
 */
export function createWatches(deps: WatchesDeps): AsyncDisposable {
  const { database, pulse, log, watches } = deps
  const { leaseMs = LEASE_MS, askIntervalMs: intervalMs = ASK_INTERVAL_MS } = deps
  const numbers = countWatches(
    deps.telemetry,
    watches.map(({ name }) => name),
  )
  const held = new Map<string, Watched>()
  let turn = 0

  function tick(updates: Updates): void {
    const until = performance.now() + BUDGET_MS
    const all = [...held.values()]
    // Each has the first turn once, so an expensive one never takes the time of another for good.
    const first = turn++ % Math.max(1, all.length)
    const inTurn = [...all.slice(first), ...all.slice(0, first)]
    for (const watched of inTurn) watched.tick(updates, until)
  }

  const leave = pulse.join({
    tick,
    needs: (creatorId) => [...held.values()].some((watched) => watched.needs(creatorId)),
  })
  const told = (read: (watched: Watched) => number) => () =>
    [...held].map(([watch, watched]) => ({ labels: { watch }, value: read(watched) }))
  numbers.sampleAll(
    'watched_creators',
    told(({ counts }) => counts.watched),
  )
  numbers.sampleAll(
    'watches_waiting',
    told(({ counts }) => counts.waiting),
  )
  numbers.sampleAll(
    'watch_lag_seconds',
    told(({ lagMs }) => lagMs / 1_000),
  )

  async function own(one: NamedWatch, signal: AbortSignal, isHeld: () => boolean): Promise<void> {
    const { name, watch } = one
    const isOn = () => isHeld() && !signal.aborted
    const watched = createWatched(one, { isHeld: isOn, signal }, { ...deps, numbers })
    held.set(name, watched)
    log.info({ watch: name }, 'this process runs the watch')
    const failed = (error: unknown) =>
      log.warn(
        { err: error, watch: name },
        'failed to read which creators to watch; keeping the current list',
      )
    await using _asking = every({ intervalMs, atOnce: true, failed }, async () => {
      const creators = await watch.creators()
      if (isOn()) watched.want(creators)
    })
    if (!signal.aborted) await once(signal, 'abort')
    held.delete(name)
    await watched.end()
    log.info({ watch: name }, 'this process no longer runs the watch')
  }

  const owners = watches.map((one) =>
    every(
      {
        intervalMs,
        atOnce: true,
        failed: (error) => log.warn({ err: error, watch: one.name }, 'the watch has no owner here'),
      },
      (closing) =>
        withLease(
          database,
          `watch ${one.name}`,
          (lost, isHeld) => own(one, AbortSignal.any([lost, closing]), isHeld),
          { ttlMs: leaseMs },
        ),
    ),
  )
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all(owners.map((owner) => owner[Symbol.asyncDispose]()))
      leave()
    },
  }
}
