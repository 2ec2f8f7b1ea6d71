import { isDeepStrictEqual } from 'node:util'
import { applyChanges } from '@creatorflow/shared/changes'
import { type LiveSnapshot, type LiveState, snapshotOf } from '@creatorflow/shared/live-state'
import type { Position, Update, WatchReply } from '@creatorflow/shared/socket'

/** What a screen does with what it receives, at wire level. */
export interface Screen {
  readonly position: Position
  readonly snapshot: LiveSnapshot
  /** Takes an answer to `watch`. */
  answer(reply: Pick<WatchReply, 'epoch' | 'seq'> & WatchContent): void
  /** False if something before the update was missed: the screen must ask again. */
  update(update: Pick<Update, 'epoch' | 'from' | 'to' | 'changes'>): boolean
}

export type WatchContent =
  | { readonly recovered: true; readonly changes: Update['changes'] }
  | { readonly recovered: false; readonly snapshot: LiveSnapshot }

export function createScreen(): Screen {
  let position: Position = { epoch: '', seq: -1 }
  let snapshot: LiveSnapshot | undefined
  const held = () => {
    if (!snapshot) throw new Error('the screen holds nothing yet')
    return snapshot
  }
  return {
    get position() {
      return position
    },
    get snapshot() {
      return held()
    },
    answer(given) {
      const reply = overTheWire(given)
      snapshot = reply.recovered ? applyChanges(held(), reply.changes) : reply.snapshot
      // A client keeps the position apart from the state; the state's own is the snapshot's.
      position = { epoch: reply.epoch, seq: reply.seq }
    },
    update(given) {
      const update = overTheWire(given)
      if (!snapshot || update.epoch !== position.epoch) return false
      if (update.to <= position.seq) return true
      if (update.from > position.seq + 1) return false
      snapshot = applyChanges(snapshot, update.changes)
      position = { epoch: update.epoch, seq: update.to }
      return true
    },
  }
}

/** Whether the screen shows exactly the state. */
export function isExact(screen: Screen, state: LiveState): boolean {
  const { snapshot, position } = screen
  const truth = overTheWire(snapshotOf(state, snapshot.whole))
  return (
    position.seq === state.seq && isDeepStrictEqual({ ...snapshot, seq: 0 }, { ...truth, seq: 0 })
  )
}

function overTheWire<T>(message: T): T {
  return JSON.parse(JSON.stringify(message)) as T
}
