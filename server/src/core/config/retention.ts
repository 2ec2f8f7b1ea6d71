import { basic, variable, whole } from './variable.ts'

/** How long data is kept. */
export const retentionVariables = {
  PEOPLE_RETENTION_DAYS: basic(
    variable(
      whole(0, 36_500),
      '0',
      'days',
      'How long viewers’ names and pictures are kept after they were last seen; 0 keeps them forever.',
    ),
  ),
  COMMENTS_RETENTION_DAYS: basic(
    variable(
      whole(0, 36_500),
      '0',
      'days',
      'How long the text of comments is kept; 0 keeps it forever.',
    ),
  ),
  RETENTION_DAYS: basic(
    variable(
      whole(0, 36_500).refine((days) => days === 0 || days >= 7, {
        error: 'must be 0 (forever) or at least 7',
      }),
      '0',
      'days',
      'How long events are kept, rounded up to weeks; 0 keeps them forever, otherwise at least 7. Sums and LIVEs of older events are kept.',
    ),
  ),
  COLUMNSTORE_AFTER_DAYS: basic(
    variable(
      whole(0, 36_500),
      '0',
      'days',
      'Age at which events move to the columnstore; 0 means never. Needs TimescaleDB Community.',
    ),
  ),
}
