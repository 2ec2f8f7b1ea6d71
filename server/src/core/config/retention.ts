import { basic, variable, whole } from './variable.ts'

/** How long what is kept for. */
export const retentionVariables = {
  PEOPLE_RETENTION_DAYS: basic(
    variable(
      whole(0, 36_500),
      '0',
      'days',
      'How long names and pictures of viewers are kept after they were last seen; 0 keeps them.',
    ),
  ),
  COMMENTS_RETENTION_DAYS: basic(
    variable(
      whole(0, 36_500),
      '0',
      'days',
      'How long the words of comments are kept; 0 keeps them.',
    ),
  ),
  RETENTION_DAYS: basic(
    variable(
      whole(0, 36_500).refine((days) => days === 0 || days >= 7, {
        error: 'must be 0, for ever, or at least 7',
      }),
      '0',
      'days',
      'How long events are kept, rounded up to weeks; 0 is for ever, else 7 at least. Older ones leave their sums and LIVEs behind.',
    ),
  ),
  COLUMNSTORE_AFTER_DAYS: basic(
    variable(
      whole(0, 36_500),
      '0',
      'days',
      'Age from which events are stored by columns; 0 is never. Only TimescaleDB Community can do that.',
    ),
  ),
}
