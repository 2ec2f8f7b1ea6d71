import type { Config } from '../core/config/config.ts'
import type { Followers } from './followers.ts'
import type { Flush } from './unsent.ts'

/** Changes since the previous tick, by creator. */
export type Updates = ReadonlyMap<string, Flush>

/** Users of this node's followers: its screens, and each watch it holds. */
export interface PulseUser {
  /** Whether it still needs a creator's follower. */
  needs(creatorId: string): boolean
  /** Called at each tick, right after the changes were taken: states are exactly at them. */
  tick(updates: Updates): void
}

export interface Pulse extends Disposable {
  /** Joins from the next tick on; the result leaves. */
  join(user: PulseUser): () => void
}

/** The pace of a node's followers: their changes are taken once, for everyone who uses them. */
export function createPulse(
  followers: Followers,
  config: Pick<Config, 'coalesceIntervalMs' | 'pollIntervalMs'>,
): Pulse {
  const users = new Set<PulseUser>()
  const isNeeded = (creatorId: string) => [...users].some((user) => user.needs(creatorId))

  function tick(): void {
    const updates = new Map<string, Flush>()
    for (const [creatorId, follower] of followers.all) {
      const update = follower.flush()
      if (update) updates.set(creatorId, update)
    }
    for (const user of users) user.tick(updates)
  }

  const timers = [
    setInterval(tick, config.coalesceIntervalMs),
    setInterval(() => {
      followers.releaseUnused(isNeeded)
      void followers.poll()
    }, config.pollIntervalMs),
  ]
  return {
    join(user) {
      users.add(user)
      return () => void users.delete(user)
    },
    [Symbol.dispose]: () => timers.forEach(clearInterval),
  }
}
