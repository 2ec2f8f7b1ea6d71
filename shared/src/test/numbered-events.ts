import type { EventType } from '../event-types.ts'
import type { NumberedEvent } from '../numbered-event.ts'

/** When the tests' LIVE starts, epoch ms. */
export const at = Date.UTC(2026, 2, 2, 18)
export const MINUTE_MS = 60_000

export type Fields = Partial<NumberedEvent> & { readonly type: EventType }

/** Makes the first event of each LIVE open it, and no other. */
export function opening(events: readonly NumberedEvent[]): NumberedEvent[] {
  const opened = new Set<string>()
  return events.map((event) => {
    const { session_id } = event
    const opens = session_id !== undefined && !opened.has(session_id)
    if (opens) opened.add(session_id)
    return { ...event, opens_live: opens ? 1 : 0 }
  })
}

/**
 * Numbers events from 1 on, in the LIVE `a`, at its start, on one day, by default. A LIVE is opened by its
 * first event in a log that starts here.
 */
export function numbered(events: readonly Fields[], from = 1): NumberedEvent[] {
  const all = events.map((fields, index) => ({
    seq: from + index,
    ts: at,
    id: `e${from + index}`,
    day: '2026-03-02',
    session_id: 'a',
    live_started_at: at,
    ...fields,
  }))
  return from === 1 ? opening(all) : all
}
