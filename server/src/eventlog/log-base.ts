import type { Touched } from '@creatorflow/shared/feeds'
import { fold } from '@creatorflow/shared/fold'
import type { LiveState } from '@creatorflow/shared/live-state'
import type { NumberedEvent } from '@creatorflow/shared/numbered-event'
import { own } from '@creatorflow/shared/own'

/** Greatest numbers of dropped events: of each LIVE, and of those that reported a product's stock. */
export interface NewestDropped {
  readonly lives: Readonly<Record<string, number>>
  readonly stock: Readonly<Record<string, number>>
}

/** The start of a log whose older events were dropped: they are in the state, and their numbers are missing. */
export interface LogBase {
  readonly state: LiveState
  readonly newest: NewestDropped
  /** The greatest number among the dropped events. */
  readonly holesUntil: number
  /** Older events are in the state; epoch ms. Another mark means another base. */
  readonly keptSince: number
}

/**
 * A kept event as it counts after the dropped ones: without what a dropped event of a greater number said
 * since. For a LIVE's start and for stock, the newest number is right, whichever is folded last.
 */
export function afterDropped(event: NumberedEvent, newest: NewestDropped): NumberedEvent {
  const { seq, session_id, product_id } = event
  const isAfter = (of: Readonly<Record<string, number>>, key: string | undefined) =>
    key !== undefined && (own(of, key) ?? 0) > seq
  let kept = event
  if (isAfter(newest.lives, session_id)) {
    // Its LIVE is in the state, or was dropped from it for good.
    const { live_started_at: _start, opens_live: _opens, ...rest } = kept
    kept = rest
  }
  if (event.type === 'stock_level' && isAfter(newest.stock, product_id)) {
    kept = { ...kept, superseded: true }
  }
  return kept
}

/** Folds a page into the state it was read for, past numbers missing because the base has them. */
export function takePage(
  state: LiveState,
  events: readonly NumberedEvent[],
  base: LogBase | undefined,
  touched?: Touched,
): void {
  fold(state, events, touched, base?.holesUntil)
  if (base && events.length === 0) state.seq = Math.max(state.seq, base.holesUntil)
}
