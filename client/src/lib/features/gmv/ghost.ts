import type { MinuteRange, Series } from '@creatorflow/shared/insights/by-minute'
import { type Baseline, USUAL_LIVES } from '@creatorflow/shared/insights/compare'
import { MINUTE_MS } from '@creatorflow/shared/live-state'

/** The LIVEs before, laid over this one by elapsed minute: each list begins with the first minute that is drawn. */
export interface Ghost {
  /** GMV of the previous LIVE in each minute, or up to its end; null once it was over. */
  readonly previous: Series
  /** The middle half of the LIVEs of 14 days; null where too few were on air. */
  readonly low: Series
  readonly median: Series
  readonly high: Series
  /** The last epoch minute of the axis: past now while the previous LIVE went on. */
  readonly last: number
}

/** At least this many minutes of what is ahead, at most a third of what is past. */
const AHEAD_MINUTES = 10

/** What is sold in each minute, or up to its end. */
export const measures = ['minute', 'sum'] as const
export type Measure = (typeof measures)[number]

/** Lays the LIVEs before over the minutes of this one; while it runs, also over some that are still to come. */
export function ghostOf(
  baseline: Baseline | null,
  live: { readonly started_at: number; readonly ended_at: number | null },
  range: MinuteRange,
  measure: Measure = 'minute',
): Ghost {
  const begun = Math.floor(live.started_at / MINUTE_MS)
  const length = baseline?.previous?.length ?? 0
  const ahead = Math.max(AHEAD_MINUTES, Math.ceil((range.last - range.first) / 3))
  const goesOn = live.ended_at === null ? begun + length - 1 : range.last
  const last = Math.max(range.last, Math.min(goesOn, range.last + ahead))
  const minutes = Array.from(
    { length: last - range.first + 1 },
    (_, at) => range.first + at - begun,
  )
  const part = measure === 'minute' ? 'minutes' : 'totals'
  const course = baseline?.previous?.[part].gmv
  const { lives_at } = baseline?.usual ?? {}
  const usual = baseline?.usual[part].gmv
  const isUsual = (minute: number) => (lives_at?.[minute] ?? 0) >= USUAL_LIVES
  const spread = (quartile: 'q1' | 'median' | 'q3') =>
    minutes.map((minute) => (isUsual(minute) ? (usual?.[quartile][minute] ?? null) : null))
  return {
    // A LIVE that sold nothing has no course, which is a line of zeros.
    previous: minutes.map((minute) => (minute < length ? (course?.[minute] ?? 0) : null)),
    low: spread('q1'),
    median: spread('median'),
    high: spread('q3'),
    last,
  }
}

/** What was sold up to the end of each minute; of a LIVE whose first minutes are not shown, theirs included. */
export function sumsOf(gmv: readonly number[], total: number, isWhole: boolean): number[] {
  const shown = gmv.reduce((sum, value) => sum + value, 0)
  let sum = isWhole ? 0 : Math.max(0, total - shown)
  return gmv.map((value) => {
    sum += value
    return sum
  })
}
