import { type MinuteRange, minutesOf, type Series } from '@creatorflow/shared/insights/by-minute'
import {
  type Baseline,
  type Comparison,
  compare,
  previousAt,
  previousWasOver,
  USUAL_LIVES,
  type Usual,
  usualAt,
  waitingFor,
} from '@creatorflow/shared/insights/compare'
import { type Elapsed, elapsedOf } from '@creatorflow/shared/insights/elapsed'
import { TREND_MINUTES, trendOf } from '@creatorflow/shared/insights/trend'
import { type LiveDetail, MINUTE_MS } from '@creatorflow/shared/live-state'
import { type MetricId, metricOf } from '@creatorflow/shared/metrics'
import type { PresentedLive, Reading } from '@creatorflow/shared/present'
import { localText } from '#lib/catalogue.ts'
import { bareValue, type Convention, formatAge, formatValue } from '#lib/format.ts'
import { m } from '#messages'
import { courseOfTile, shownMetric, type TileDefinition } from './tiles.ts'
import { arrows, changeOf, comparisonInWords } from './words.ts'

/** One comparison as a tile shows and tells it. */
export interface ComparisonView {
  readonly with: 'last' | 'usual'
  readonly arrow: string
  readonly change: string
  readonly direction: Comparison['direction'] | null
  readonly good: boolean | null
  /** Nothing where there is none, or where streamer mode hides it. */
  readonly reference: number | ''
  /** What stands in place of a comparison that is not made yet. */
  readonly waiting?: string
  /** The whole sentence; where there is nothing to compare with, why. */
  readonly words: string
}

export interface TileView {
  readonly tile: TileDefinition
  /** What the tile shows now: after the end of a LIVE some show another metric. */
  readonly metric: MetricId
  readonly reading: Reading | undefined
  readonly series: Series
  readonly comparisons: readonly ComparisonView[]
  readonly usual: Usual | null
  /** What stands under the definition. */
  readonly told: readonly string[]
}

interface Moment {
  readonly live: PresentedLive
  readonly detail: LiveDetail
  readonly now: number
  /** When the numbers were last known to be exact, epoch ms. */
  readonly exactAt: number | null
  readonly baseline: Baseline | null
  readonly convention: Convention
}

const SPARKLINE_MINUTES = 30

/** Everything that a tile shows: the value is the live state's, never computed here. */
export function tileView(tile: TileDefinition, moment: Moment): TileView {
  const { live, detail, now, exactAt, baseline, convention } = moment
  const metric = shownMetric(tile, live.status === 'ended')
  const reading = live.metrics[metric]
  const range = minutesOf(live, now, SPARKLINE_MINUTES)
  const elapsed = elapsedOf(live, now)
  const waiting = waitingFor(metric, elapsed, (id) => live.metrics[id]?.value ?? 0)
  const usual = baseline && waiting === null ? usualAt(baseline, metric, elapsed) : null
  const comparisons = !baseline
    ? []
    : waiting !== null
      ? [
          {
            ...nothing('last', m.tiles_compared_waiting({ waiting: localText(waiting) })),
            waiting: m.tiles_compared_waiting({ waiting: localText(waiting) }),
          },
        ]
      : [
          lastView(baseline, metric, reading?.value ?? null, elapsed, convention),
          usualView(baseline, metric, reading?.value ?? null, usual, convention),
        ]
  return {
    tile,
    metric,
    reading,
    series: courseOfTile(detail, tile, wholeMinutes(range, live)),
    comparisons,
    usual,
    told: [
      ...stageLine(reading, live, exactAt, now),
      ...trendLine(tile, moment, range.last),
      ...comparisons.map(({ words }) => sentence(words)),
    ],
  }
}

/** Without the minute that still runs: it would look like a fall. */
function wholeMinutes({ first, last }: MinuteRange, { status }: PresentedLive): MinuteRange {
  return { first, last: status === 'ended' ? last : Math.max(first, last - 1) }
}

function lastView(
  baseline: Baseline,
  metric: MetricId,
  value: number | null,
  elapsed: Elapsed,
  convention: Convention,
): ComparisonView {
  if (!baseline.previous) return nothing('last', m.tiles_no_earlier_live_to_compare_with())
  const reference = previousAt(baseline, metric, elapsed)
  if (reference === null) return nothing('last', m.tiles_no_data_for_this_minute_of())
  if (value === null)
    return nothing(
      'last',
      m.tiles_value_at_this_minute_of_your({ value: told(metric, reference, convention) }),
    )
  const what = previousWasOver(baseline, elapsed)
    ? m.tiles_total_of_your_last_shorter_live()
    : m.tiles_your_last_live_at_this_minute()
  return shown('last', metric, compare(metric, value, reference), what, convention)
}

function usualView(
  baseline: Baseline,
  metric: MetricId,
  value: number | null,
  usual: Usual | null,
  convention: Convention,
): ComparisonView {
  const { days, lives } = baseline.usual
  if (!usual) {
    const few = lives.length < USUAL_LIVES
    return nothing(
      'usual',
      few
        ? m.tiles_your_usual_needs_usual_lives_lives({
            usualLives: USUAL_LIVES,
            days,
            lives: lives.length,
          })
        : m.tiles_too_few_of_your_lives_have(),
    )
  }
  const what = m.tiles_your_days_day_median_at_this({ days })
  if (value === null)
    return nothing(
      'usual',
      m.tiles_value_is_what({ value: told(metric, usual.median, convention), what }),
    )
  return shown('usual', metric, compare(metric, value, usual.median), what, convention)
}

function shown(
  kind: ComparisonView['with'],
  metric: MetricId,
  comparison: Comparison,
  what: string,
  convention: Convention,
): ComparisonView {
  const { direction, good, reference } = comparison
  return {
    with: kind,
    arrow: arrows[direction],
    change: changeOf(metric, comparison, convention),
    direction,
    good,
    reference: bareValue(reference, metricOf(metric).unit, convention),
    words: comparisonInWords(metric, comparison, what, convention),
  }
}

function nothing(kind: ComparisonView['with'], words: string): ComparisonView {
  return { with: kind, arrow: '–', change: '', direction: null, good: null, reference: '', words }
}

function stageLine(
  reading: Reading | undefined,
  live: PresentedLive,
  exactAt: number | null,
  now: number,
): string[] {
  if (!reading) return []
  const age = exactAt === null ? 0 : now - exactAt
  const when =
    live.status === 'ended'
      ? m.tiles_live_has_ended()
      : age < 2_000
        ? m.tiles_up_to_date()
        : m.tiles_age_old({ age: formatAge(age) })
  return [sentence(`${localText(reading.stage)}, ${when}`)]
}

const trends = {
  rising: m.tiles_rising,
  falling: m.tiles_falling,
  steady: m.tiles_steady,
} as const

function trendLine({ course }: TileDefinition, { live, detail }: Moment, minute: number): string[] {
  if (!course || live.status === 'ended') return []
  const trend = trendOf(detail, course, Math.floor(live.started_at / MINUTE_MS), minute)
  return trend ? [sentence(trends[trend]({ minutes: TREND_MINUTES }))] : []
}

/** What a page compares with beside its numbers: one thing everywhere, the usual where there is any. */
export function basisOf(views: readonly TileView[]): ComparisonView['with'] | null {
  const made = views.flatMap(({ comparisons }) => comparisons.filter(isMade))
  return made.some((one) => one.with === 'usual') ? 'usual' : (made[0]?.with ?? null)
}

/** Whether there is something to compare with. */
export const isMade = ({ direction }: ComparisonView): boolean => direction !== null

const told = (metric: MetricId, value: number, convention: Convention): string =>
  formatValue(value, metricOf(metric).unit, convention)

const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`
