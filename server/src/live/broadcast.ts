import { roomOf } from '@creatorflow/shared/socket'
import type { Config } from '../core/config/config.ts'
import type { Telemetry } from '../core/telemetry.ts'
import type { Followers } from './followers.ts'
import type { LiveServer } from './live-socket.ts'
import type { Updates } from './pulse.ts'
import type { SlowReaders } from './slow-readers.ts'

export interface BroadcastDeps {
  readonly live: ReturnType<LiveServer['of']>
  readonly followers: Pick<Followers, 'all'>
  readonly slow: SlowReaders
  readonly telemetry: Telemetry
  readonly config: Pick<Config, 'headIntervalMs'>
}

/** Only a head confirmed this recently is sent: silence makes a screen say that it is stale. */
const CONFIRMED_WITHIN_MS = 1_000

/**
 * Sends each room its updates at every tick, and its head at the configured pace. Both in one tick: a head
 * must not overtake its update, nor deliver one early.
 */
export function createBroadcast(deps: BroadcastDeps): (updates: Updates) => void {
  const { live, followers, slow, telemetry, config } = deps
  const screensOf = (creatorId: string) => live.to(roomOf(creatorId)).except(slow.room)
  let beatAt = 0

  function send(updates: Updates): void {
    slow.check(live.sockets.values())
    for (const [creator_id, { epoch, from, to, changes }] of updates) {
      telemetry.count('updates_sent_total', {})
      screensOf(creator_id).emit('update', { creator_id, epoch, at: Date.now(), from, to, changes })
    }
  }

  function beat(now: number): void {
    for (const [creator_id, follower] of followers.all) {
      const { epoch, state, confirmedAt, recounting, recountedPercent } = follower
      if (!follower.ready || now - confirmedAt > CONFIRMED_WITHIN_MS) continue
      screensOf(creator_id).emit('head', {
        creator_id,
        epoch,
        seq: state.seq,
        at: Date.now(),
        age_ms: Math.round(now - confirmedAt),
        ...(recounting && { recounting }),
        ...(recountedPercent !== null && { recounted_percent: recountedPercent }),
      })
    }
  }

  return (updates) => {
    send(updates)
    const now = performance.now()
    if (now < beatAt) return
    beatAt = Math.max(beatAt + config.headIntervalMs, now)
    beat(now)
  }
}
