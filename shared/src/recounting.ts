/** Why LIVEs cannot be recounted: it does not pass without help. */
export type RecountProblem = 'failed'

/** A creator whose LIVEs wait to be recounted: events arrived late, or its time zone or currency changes. */
export interface Recounting {
  /** Since when, ISO 8601. */
  readonly since: string
  /** Null while it only takes a moment. */
  readonly problem: RecountProblem | null
  /** Progress, 0 to 100; null before it starts. */
  readonly percent: number | null
}

/** What a confirmed head says about it. */
export type ConfirmedRecount = Omit<Recounting, 'since'>

/** The recount in a head as screens get it; null if there is none. */
export function recountIn(head: {
  readonly recounting?: 'waiting' | RecountProblem
  readonly recounted_percent?: number
}): ConfirmedRecount | null {
  const { recounting, recounted_percent: percent = null } = head
  return recounting ? { problem: recounting === 'waiting' ? null : recounting, percent } : null
}

/** What a page shows about it. */
export function recountingWords({ problem, percent }: ConfirmedRecount): string {
  if (problem === 'failed') {
    return 'The recount failed. Numbers by LIVE and pin may be off. An owner can see why under Settings, Jobs.'
  }
  return percent === null
    ? 'Numbers are being recounted and may change.'
    : `Numbers are being recounted and may change (${percent}% done).`
}
