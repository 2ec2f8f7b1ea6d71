import type { Log } from '../../core/log.ts'
import { serverTenant } from '../../core/rights/authorize.ts'
import type { Sight } from '../../core/watch.ts'
import type { Follower } from '../../live/follow.ts'
import { type Entry, note } from './entry.ts'
import type { WatchNumbers } from './numbers.ts'

export interface ShowDeps {
  /** Name of the watch. */
  readonly name: string
  readonly signal: AbortSignal
  readonly log: Log
  readonly numbers: WatchNumbers
}

/** Lets a watch look at a creator once. A failed look is recorded, and the next one covers the same and more. */
export function createShow({ name, signal, log, numbers }: ShowDeps) {
  return (entry: Entry, follower: Follower): void => {
    const { epoch, state } = follower
    const { seq } = state
    const { newestEventAt } = entry
    const sight = sightOf(entry, follower, signal)
    entry.newestEventAt = null
    const succeeded = () => {
      entry.epoch = epoch
      entry.seq = seq
      entry.isFailing = false
      numbers.count('watch_looks_total', { watch: name, outcome: 'done' })
    }
    const failed = (error: unknown) => {
      // What this look covered is part of the next one.
      if (newestEventAt !== null) note(entry, newestEventAt)
      numbers.count('watch_looks_total', { watch: name, outcome: 'failed' })
      const told = { err: error, watch: name, creator_id: entry.creatorId }
      if (entry.isFailing) log.debug(told, 'a watch failed again')
      else log.error(told, 'a watch failed; retrying')
      entry.isFailing = true
    }
    try {
      const running = entry.look(sight)
      if (running) {
        entry.running = running.then(succeeded, failed).finally(() => {
          entry.running = undefined
        })
      } else succeeded()
    } catch (error) {
      failed(error)
    }
  }
}

function sightOf(entry: Entry, follower: Follower, signal: AbortSignal): Sight {
  const { epoch, state, creator, confirmedAt, recounting } = follower
  const isSame = entry.epoch === epoch
  const hasMoved = state.seq !== entry.seq
  const now = Date.now()
  return {
    tenant: serverTenant(entry.creatorId),
    creator,
    state,
    epoch,
    changes: !isSame ? null : hasMoved ? (follower.since(entry.seq) ?? null) : {},
    newestEventAt: isSame ? entry.newestEventAt : null,
    asOf: Math.round(now - (performance.now() - confirmedAt)),
    now,
    recounting,
    signal,
  }
}
