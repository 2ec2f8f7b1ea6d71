import { fold } from './fold.ts'
import type { LiveState } from './live-state.ts'
import type { NumberedEvent } from './numbered-event.ts'

/**
 * Takes the next events of one LIVE, in order of time, into a state that holds this LIVE alone, with the fold
 * that made the live numbers. Time is not the order in which a log is numbered: what a number alone decides, the
 * first event and the start, is told as the whole log knows it.
 */
export function foldInTime(
  state: LiveState,
  events: Iterable<NumberedEvent>,
  startedAt: number,
): LiveState {
  for (const event of events) {
    fold(state, [{ ...event, seq: state.seq + 1, opens_live: 1, live_started_at: startedAt }])
  }
  return state
}
