import type { Comparison } from '@creatorflow/shared/insights/compare'
import { type MetricId, metricOf } from '@creatorflow/shared/metrics'
import { type Convention, formatGrowth, formatPoints, formatValue, NO_CHANGE } from '#lib/format.ts'

export const arrows = { up: '▲', down: '▼', same: '' } as const

/** How much more or less, without its direction: `12%`, from tenfold on `×11`, of a ratio `1.4 pts`. */
export function changeOf(
  metric: MetricId,
  { reference, change, direction }: Comparison,
  convention: Convention,
): string {
  if (direction === 'same') return NO_CHANGE
  if (metricOf(metric).unit === 'ratio') return `${formatPoints(Math.abs(change), convention)} pts`
  if (reference === 0) return 'from 0'
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
  if (direction === 'same') return `the same as ${what} (${value})`
  const where = direction === 'up' ? 'above' : 'below'
  if (comparison.reference === 0 && metricOf(metric).unit !== 'ratio') return `${where} ${what} (0)`
  const change = changeOf(metric, comparison, convention).replace('pts', 'percentage points')
  if (change.startsWith('×')) return `${change.slice(1)} times ${what} (${value})`
  return `${change} ${where} ${what} (${value})`
}
