import type { AcceptedEvent } from '../eventlog/accepted-event.ts'

/**
 * How far the database's clock is ahead of this node's, in ms. The question took from `asked` to `answered`
 * by this node; whatever that can explain is not a difference.
 */
export function skewOf(databaseNow: number, asked: number, answered: number): number {
  return databaseNow - Math.min(Math.max(databaseNow, asked), answered)
}

/** When an event happened, by the database's clock: its own time, else when its request arrived. */
export function timeOf(
  { incoming, received_at }: Pick<AcceptedEvent, 'incoming' | 'received_at'>,
  skewMs: number,
): number {
  return incoming.ts ?? received_at + skewMs
}
