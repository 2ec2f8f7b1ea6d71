import type { Comparison } from '@creatorflow/shared/insights/compare'
import { type MetricId, metricOf } from '@creatorflow/shared/metrics'
import { type Convention, formatGrowth, formatPoints, formatValue, NO_CHANGE } from '#lib/format.ts'
import { m } from '#messages'

export const arrows = { up: '▲', down: '▼', same: '' } as const

/** How much more or less, without its direction: `12%`, from tenfold on `×11`, of a ratio `1.4 pts`. */
export function changeOf(
  metric: MetricId,
  { reference, change, direction }: Comparison,
  convention: Convention,
): string {
  if (direction === 'same') return NO_CHANGE
  if (metricOf(metric).unit === 'ratio')
    return m.tiles_points_pts({ points: formatPoints(Math.abs(change), convention) })
  if (reference === 0) return m.tiles_from_0()
  return formatGrowth(Math.abs(change), convention, false)
}

/** The same in words: `12% above your last LIVE at this minute ($80.00)`. */
export function comparisonInWords(
  metric: MetricId,
  comparison: Comparison,
  what: string,
  convention: Convention,
): string {
  const value = formatValue(comparison.reference, metricOf(metric).unit, convention)
  const { direction } = comparison
  if (direction === 'same') return m.tiles_same_as_what_value({ what, value })
  const isRatio = metricOf(metric).unit === 'ratio'
  if (comparison.reference === 0 && !isRatio) {
    return direction === 'up' ? m.tiles_above_nothing({ what }) : m.tiles_below_nothing({ what })
  }
  const change = isRatio
    ? m.tiles_points_in_words({ points: formatPoints(Math.abs(comparison.change), convention) })
    : changeOf(metric, comparison, convention)
  if (change.startsWith('×'))
    return m.tiles_change_times_what_value({ change: change.slice(1), what, value })
  return direction === 'up'
    ? m.tiles_change_above({ change, what, value })
    : m.tiles_change_below({ change, what, value })
}
