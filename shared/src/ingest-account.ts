import type { RejectCode } from './errors.ts'

/** The account of one request: accepted + duplicates + superseded + rejected = sent; conflicts are among the duplicates. */
export interface IngestAccount {
  accepted: number
  duplicates: number
  /** Which ones those are, when asked for with `?list=duplicates`. */
  duplicate_indexes?: number[]
  /** Restated already: a higher revision of the same id counts. */
  superseded: number
  /** Which ones those are, when asked for with `?list=duplicates`. */
  superseded_indexes?: number[]
  /** Same id and revision with other content, or a revision that is about something else: the first one counts. */
  conflicts: { index: number; id: string }[]
  /** `index` counts from 0: the place in the array, or the line. */
  rejected: { index: number; code: RejectCode; message: string }[]
}
