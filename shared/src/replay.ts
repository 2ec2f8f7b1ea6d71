import { fold } from './fold.ts'
import type { LiveState } from './live-state.ts'
import type { NumberedEvent } from './numbered-event.ts'

/**
 * Folds the next events of one LIVE, in order of time, into a state with this LIVE alone, using the fold of
 * the live numbers. Time is not the order of the log's numbers: what only numbers decide, the first event and
 * the start, is given as the whole log knows it.
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
