import { variable, whole, wholeMs } from './variable.ts'

/** Connections to LIVEs and shops, whatever their kind. */
export const sourcesVariables = {
  SOURCES_INTERVAL_MS: variable(
    wholeMs(100),
    '2000',
    'ms',
    'How often this process checks which sources it should run.',
  ),
  MAX_HELD_SOURCES: variable(
    whole(0),
    '200',
    'sources',
    'Maximum sources this process runs at once.',
  ),
  MAX_WEBHOOK_BYTES: variable(
    whole(1_000),
    '1000000',
    'bytes',
    'Maximum size of a webhook delivery.',
  ),
  MAX_WAITING_DELIVERIES: variable(
    whole(1),
    '10000',
    'deliveries',
    'Deliveries per source that may wait to be processed; beyond that, 429.',
  ),
  DELIVERY_ATTEMPTS: variable(
    whole(1),
    '20',
    'tries',
    'Attempts to process a delivery before it becomes a dead letter; the waits between them grow to 15 minutes.',
  ),
  DELIVERIES_KEPT_DAYS: variable(
    whole(1, 36_500),
    '35',
    'days',
    'How long delivery IDs are kept, so that a repeated delivery counts once.',
  ),
  MAX_DEAD_LETTERS: variable(
    whole(1),
    '10000',
    'dead letters',
    'Dead letters kept per creator. When exceeded, replayed ones are deleted first, then the oldest; lost ones are counted.',
  ),
  MAX_DEAD_LETTER_BYTES: variable(
    whole(1_000),
    '50000000',
    'bytes',
    'Total size of dead letters kept per creator. When exceeded, they are deleted in the same order.',
  ),
  DEAD_LETTERS_KEPT_DAYS: variable(
    whole(0, 36_500),
    '90',
    'days',
    'How long dead letters are kept; 0 keeps them forever.',
  ),
}
