import { fold } from '@creatorflow/shared/fold'
import { emptyLive, foldLive } from '@creatorflow/shared/fold-live'
import type { LiveState } from '@creatorflow/shared/live-state'
import type { NumberedEvent } from '@creatorflow/shared/numbered-event'
import { own } from '@creatorflow/shared/own'
import type { FrozenLive } from '../eventlog/frozen-lives.ts'
import { afterDropped } from '../eventlog/log-base.ts'

/** What stays of a creator's dropped events; it is changed in place. */
export interface Dropped {
  readonly state: LiveState
  /** By product: the number of the event that last reported its stock. */
  readonly stockSeqs: Record<string, number>
  holesUntil: number
  /** Every LIVE named by an event, as far as it was dropped before. */
  readonly lives: Map<string, FrozenLive>
}

/** Adds more dropped events, in order of their numbers; earlier ones may have greater ones. */
export function foldDropped(dropped: Dropped, events: readonly NumberedEvent[]): void {
  const { state, stockSeqs, lives } = dropped
  for (const event of events) {
    const { seq, session_id } = event
    const frozen = session_id === undefined ? undefined : lives.get(session_id)
    const newest = {
      lives: frozen ? { [frozen.entry.session_id]: frozen.seq } : {},
      stock: stockSeqs,
    }
    const counted = afterDropped(event, newest)
    // Here a LIVE starts with its first dropped event, though a kept one may have come before.
    const opens_live = session_id !== undefined && !frozen ? 1 : 0
    fold(state, [{ ...counted, opens_live, seq: state.seq + 1 }])
    if (counted.type === 'stock_level' && counted.product_id !== undefined && !counted.superseded) {
      if (own(state.stock, counted.product_id) !== undefined) stockSeqs[counted.product_id] = seq
    }
    if (session_id !== undefined) {
      const live = frozen ?? {
        seq,
        entry: emptyLive(session_id, counted.live_started_at ?? counted.ts),
      }
      foldLive(live.entry, counted, untold)
      live.seq = Math.max(live.seq, seq)
      lives.set(session_id, live)
    }
    dropped.holesUntil = Math.max(dropped.holesUntil, seq)
  }
}

const untold = { add: () => {} }
