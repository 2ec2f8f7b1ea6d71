import type { EventType } from '../event-types.ts'
import type { NumberedEvent } from '../numbered-event.ts'

/** When the LIVE of the tests begins, epoch ms. */
export const at = Date.UTC(2026, 2, 2, 18)
export const MINUTE_MS = 60_000

export type Fields = Partial<NumberedEvent> & { readonly type: EventType }

/** Numbers events from 1 on, in the LIVE `a`, at its beginning, on one day, unless told. */
export function numbered(events: readonly Fields[], from = 1): NumberedEvent[] {
  return events.map((fields, index) => ({
    seq: from + index,
    ts: at,
    id: `e${from + index}`,
    day: '2026-03-02',
    session_id: 'a',
    live_started_at: at,
    ...fields,
  }))
}
