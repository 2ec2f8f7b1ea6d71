import { z } from 'zod'
import { rejectCodes } from './errors.ts'

const index = z.int().min(0)

/** The account of one request: accepted + duplicates + superseded + rejected = sent; conflicts are among the duplicates. */
export const ingestAccount = z.object({
  accepted: z.int(),
  duplicates: z.int(),
  /** Which ones those are, when asked for with `?list=duplicates`. */
  duplicate_indexes: z.array(index).optional(),
  /** Restated already: a higher revision of the same id counts. */
  superseded: z.int(),
  /** Which ones those are, when asked for with `?list=duplicates`. */
  superseded_indexes: z.array(index).optional(),
  /** Same id and revision with other content, or a revision that is about something else: the first one counts. */
  conflicts: z.array(z.object({ index, id: z.string() })),
  /** `index` counts from 0: the place in the array, or the line. */
  rejected: z.array(z.object({ index, code: z.enum(rejectCodes), message: z.string() })),
})
export type IngestAccount = z.output<typeof ingestAccount>
