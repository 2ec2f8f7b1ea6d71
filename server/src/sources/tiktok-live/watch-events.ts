import type { Room } from './connector.ts'
import type { LiveEvent } from './normalise.ts'

// Facts found by the watch, not by messages. Their ids come from their content: whoever finds them again says
// the same.

/** The LIVE was seen for the first time. */
export function started(room: Room, seenAt: number): LiveEvent {
  return {
    ...eventOf(room.id, 'started'),
    type: 'live_started',
    ts: room.startedAt ?? seenAt,
    ...(room.title !== undefined && { properties: { title: room.title } }),
  }
}

/** The LIVE is over, without a message that said so. */
export function ended(roomId: string, at: number): LiveEvent {
  return { ...eventOf(roomId, 'ended'), type: 'live_ended', ts: at }
}

/** Between two times the LIVE could not be seen. */
export function gap(roomId: string, from: number, until: number): LiveEvent {
  return {
    ...eventOf(roomId, `gap:${from}`),
    type: 'source_gap',
    ts: from,
    quantity: until - from,
    properties: { source: 'tiktok_live' },
  }
}

function eventOf(roomId: string, what: string) {
  return { id: `tiktok:${roomId}:${what}`, channel: 'tiktok', session_id: roomId } as const
}
