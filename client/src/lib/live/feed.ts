import { applyChanges } from '@creatorflow/shared/changes'
import type { Creator } from '@creatorflow/shared/creator'
import { type LiveSnapshot, latestLive } from '@creatorflow/shared/live-state'
import type { Head, Position, Update, WatchReply } from '@creatorflow/shared/socket'

/** What a message meant for the screen, in the connection's event names. */
export type Verdict = 'applied' | 'current' | 'waiting' | 'gap' | 'epoch_changed' | 'live_changed'

/** What the screen holds of one creator; immutable, replaced as a whole. */
export interface Held extends Position {
  readonly creator: Creator
  readonly snapshot: LiveSnapshot
}

/** Takes the messages of one creator and keeps the state they describe; no socket, no clock. */
export interface Feed {
  readonly held: Held | null
  /** Where to resume; undefined if another LIVE than the wanted one is held in full. */
  since(wanted: string | null): Position | undefined
  /** A watch was sent: updates are kept back until its answer. */
  ask(): void
  /** The watch failed: the kept updates cannot be applied. */
  forget(): void
  answer(reply: WatchReply, followsLatest: boolean): Verdict
  update(update: Update, followsLatest: boolean): Verdict
  head(head: Head): Verdict
}

/** Ten seconds of updates at full rate; beyond that the screen asks again. */
const MAX_KEPT = 100

/** Starts with nothing held. */
export function createFeed(): Feed {
  let held: Held | null = null
  let kept: Update[] | null = null
  let keptAll = true
  let announced: string | null = null

  function apply(update: Update): Verdict {
    if (!held) return 'gap'
    if (update.epoch !== held.epoch) return 'epoch_changed'
    if (update.to <= held.seq) return 'current'
    if (update.from > held.seq + 1) return 'gap'
    held = { ...held, seq: update.to, snapshot: applyChanges(held.snapshot, update.changes) }
    return 'applied'
  }

  function isNewer(followsLatest: boolean): boolean {
    if (!followsLatest || !held) return false
    const latest = latestLive(held.snapshot.lives)
    // Announced once per LIVE: a server that chooses another one must not be asked forever.
    if (latest === held.snapshot.whole || latest === announced) return false
    announced = latest
    return true
  }

  return {
    get held() {
      return held
    },

    since(wanted) {
      if (!held) return undefined
      const { epoch, seq, snapshot } = held
      const whole = wanted ?? latestLive(snapshot.lives)
      return snapshot.whole === whole ? { epoch, seq } : undefined
    },

    ask() {
      kept = []
      keptAll = true
    },

    forget() {
      kept = null
    },

    answer(reply, followsLatest) {
      const { creator, epoch, seq } = reply
      if (!reply.recovered) held = { creator, epoch, seq, snapshot: reply.snapshot }
      else if (held) {
        held = { creator, epoch, seq, snapshot: applyChanges(held.snapshot, reply.changes) }
      } else return 'epoch_changed'
      const updates = kept ?? []
      kept = null
      for (const update of updates) {
        const verdict = apply(update)
        if (verdict === 'gap' || verdict === 'epoch_changed') return verdict
      }
      if (!keptAll) return 'gap'
      return isNewer(followsLatest) ? 'live_changed' : 'applied'
    },

    update(update, followsLatest) {
      if (kept) {
        if (kept.length < MAX_KEPT) kept.push(update)
        else keptAll = false
        return 'waiting'
      }
      const verdict = apply(update)
      return verdict === 'applied' && isNewer(followsLatest) ? 'live_changed' : verdict
    },

    head(head) {
      if (kept) return 'waiting'
      if (!held) return 'gap'
      if (head.epoch !== held.epoch) return 'epoch_changed'
      // The server knows less than the screen: what is shown may no longer exist anywhere.
      if (head.seq < held.seq) return 'epoch_changed'
      return head.seq > held.seq ? 'gap' : 'current'
    },
  }
}
