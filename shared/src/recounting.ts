/** Why LIVEs cannot be recounted: it does not pass by itself. */
export type RecountProblem = 'too_large' | 'failed'

/** A creator whose LIVEs wait to be recounted, because something arrived late. */
export interface Recounting {
  /** When the first late event arrived, ISO 8601. */
  readonly since: string
  /** Null while it only takes a moment. */
  readonly problem: RecountProblem | null
}

/** What a page says about it. */
export function recountingWords(problem: RecountProblem | null): string {
  if (problem === 'too_large') {
    return 'Late events could not be recounted: this creator has too many events. Numbers by LIVE and pin may be off.'
  }
  if (problem === 'failed') {
    return 'Late events could not be recounted. Numbers by LIVE and pin may be off. See the server log.'
  }
  return 'Late events are being recounted. Numbers may change.'
}
