/** Why LIVEs cannot be recounted: it does not pass by itself. */
export type RecountProblem = 'failed'

/** A creator whose LIVEs wait to be recounted, because something arrived late. */
export interface Recounting {
  /** When the first late event arrived, ISO 8601. */
  readonly since: string
  /** Null while it only takes a moment. */
  readonly problem: RecountProblem | null
  /** How much of it is done, 0 to 100; null before it begins. */
  readonly percent: number | null
}

/** What a page says about it. */
export function recountingWords({ problem, percent }: Omit<Recounting, 'since'>): string {
  if (problem === 'failed') {
    return 'Late events could not be recounted. Numbers by LIVE and pin may be off. An owner can see why under Settings, Jobs.'
  }
  const progress = percent === null ? '' : ` (${percent}%)`
  return `Late events are being recounted${progress}. Numbers may change.`
}
