import { z } from 'zod'
import { rejectCodes } from './errors.ts'

const index = z.int().min(0)

/** The account of one request: accepted + duplicates + superseded + rejected = sent; conflicts are among the duplicates. */
export const ingestAccount = z.object({
  accepted: z.int(),
  duplicates: z.int(),
  duplicate_indexes: z
    .array(index)
    .optional()
    .describe('Which ones those are, when asked for with `?list=duplicates`.'),
  superseded: z.int().describe('Restated already: a higher revision of the same id counts.'),
  superseded_indexes: z
    .array(index)
    .optional()
    .describe('Which ones those are, when asked for with `?list=duplicates`.'),
  conflicts: z
    .array(z.object({ index, id: z.string() }))
    .describe(
      'Same id and revision with other content, or a revision that is about something else: the first one counts.',
    ),
  rejected: z
    .array(z.object({ index, code: z.enum(rejectCodes), message: z.string() }))
    .describe('`index` counts from 0: the place in the array, or the line.'),
})
export type IngestAccount = z.output<typeof ingestAccount>
