import { contradictionsOf } from '@creatorflow/shared/alerts/contradictions'
import { type MetricId, metricOf } from '@creatorflow/shared/metrics'
import type { Convention } from '#lib/format.ts'
import {
  comparisonsFor,
  conditionOf,
  type Draft,
  entered,
  firstDraft,
  isMetric,
  subjectsFor,
} from './draft.ts'

/** How far from its value a tile's suggested threshold is. */
const LOW_SHARE = 0.7
const HIGH_SHARE = 1.4

/** A rule for the metric of a tile, with a threshold that the LIVE is not past now. */
export function suggestedDraft(
  metric: MetricId,
  value: number | null,
  convention: Pick<Convention, 'currency'>,
): Draft {
  if (!isMetric(metric)) return firstDraft
  const { merge, unit, good } = metricOf(metric)
  const subject = subjectsFor(metric)[0] ?? 'live'
  const sample = unit === 'ratio' ? firstDraft.sample : 0
  const draft: Draft = { ...firstDraft, what: metric, subject, sample }
  const offered = comparisonsFor(metric, subject)
  // A running total only grows: what can be wrong with it is its rate.
  if (merge === 'sum' && offered.includes('falls')) {
    return { ...draft, comparison: 'falls', line: 40, back: 20, over: 5, forMinutes: 1 }
  }
  const isHighBad = good === 'down'
  const comparison = isHighBad ? 'above' : 'below'
  const now = value === null ? null : entered(metric, value, convention)
  if (now === null || now <= 0) {
    return offered.includes('unusual')
      ? { ...draft, comparison: 'unusual', line: 3 }
      : { ...draft, comparison, line: null }
  }
  const line = rounded(now * (isHighBad ? HIGH_SHARE : LOW_SHARE))
  const suggested = { ...draft, comparison, line } as const
  return contradictionsOf(conditionOf(suggested, convention)).length === 0 ? suggested : firstDraft
}

/** Two digits: a threshold is a judgment, not a measurement. */
const rounded = (value: number) => Number(value.toPrecision(2))
