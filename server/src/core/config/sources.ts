import { variable, whole, wholeMs } from './variable.ts'

/** Connections to LIVEs and shops, whatever their kind. */
export const sourcesVariables = {
  SOURCES_INTERVAL_MS: variable(
    wholeMs(100),
    '2000',
    'ms',
    'Time between two looks at which sources are to be held by this process.',
  ),
  MAX_HELD_SOURCES: variable(
    whole(0),
    '200',
    'sources',
    'Most connections to LIVEs and shops that this process holds at once.',
  ),
  MAX_WEBHOOK_BYTES: variable(whole(1_000), '1000000', 'bytes', 'Largest delivery of a shop.'),
  MAX_WAITING_DELIVERIES: variable(
    whole(1),
    '10000',
    'deliveries',
    'Deliveries of one source that may wait to be worked off; past it 429.',
  ),
  DELIVERY_ATTEMPTS: variable(
    whole(1),
    '20',
    'tries',
    'How often a delivery is tried before it becomes a dead letter; the waits between grow to 15 minutes.',
  ),
  DELIVERIES_KEPT_DAYS: variable(
    whole(1, 36_500),
    '35',
    'days',
    'How long ids of deliveries are kept, so that one that comes again counts once.',
  ),
  MAX_DEAD_LETTERS: variable(
    whole(1),
    '10000',
    'letters',
    'Most dead letters of one creator; past it those go that were replayed, then the oldest, and they are counted.',
  ),
  MAX_DEAD_LETTER_BYTES: variable(
    whole(1_000),
    '50000000',
    'bytes',
    'Most bytes that the dead letters of one creator take; the same goes past it.',
  ),
  DEAD_LETTERS_KEPT_DAYS: variable(
    whole(0, 36_500),
    '90',
    'days',
    'How long dead letters are kept; 0 keeps them.',
  ),
}
