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
    .describe('Their indexes, if requested with `?list=duplicates`.'),
  superseded: z.int().describe('A higher revision of the same id is already stored.'),
  superseded_indexes: z
    .array(index)
    .optional()
    .describe('Their indexes, if requested with `?list=duplicates`.'),
  conflicts: z
    .array(z.object({ index, id: z.string() }))
    .describe(
      'Same id and revision with different content, or a revision of a different fact; the first one counts.',
    ),
  rejected: z
    .array(z.object({ index, code: z.enum(rejectCodes), message: z.string() }))
    .describe('`index` is the position in the array, or the line, starting at 0.'),
})
export type IngestAccount = z.output<typeof ingestAccount>
