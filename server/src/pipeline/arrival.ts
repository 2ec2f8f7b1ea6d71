import type { AcceptedEvent } from '../eventlog/accepted-event.ts'

/**
 * How far the database's clock is ahead of this node's, in ms. The answer to a question took from `asked` to
 * `answered` by this node; what that can explain is no difference.
 */
export function skewOf(databaseNow: number, asked: number, answered: number): number {
  return databaseNow - Math.min(Math.max(databaseNow, asked), answered)
}

/** When an event happened, by the database's clock: as it says, else when its request came in. */
export function timeOf(
  { incoming, received_at }: Pick<AcceptedEvent, 'incoming' | 'received_at'>,
  skewMs: number,
): number {
  return incoming.ts ?? received_at + skewMs
}
