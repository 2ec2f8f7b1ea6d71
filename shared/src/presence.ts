import { type EventType, eventTypes } from './event-types.ts'
import type { Attribution } from './numbered-event.ts'

/** Whether an event is a sign of life of the LIVE it was attributed to. */
export function extendsLive(type: EventType, attribution: Attribution): boolean {
  const { presence } = eventTypes[type]
  return presence === 'room' || (presence === 'sale' && attribution === 'session')
}
