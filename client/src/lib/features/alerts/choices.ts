import { type MetricId, metricOf } from '@creatorflow/shared/metrics'
import type { Convention } from '#lib/format.ts'
import { m } from '#messages'
import {
  type Comparison,
  type Draft,
  isSpecial,
  type Special,
  type SubjectOf,
  takesValue,
} from './draft.ts'

/** What a rule can be about besides metrics. */
export const specialChoices: Readonly<Record<Special, string>> = {
  source_down: m.alerts_when_source(),
  oversold: m.alerts_when_oversold(),
  runs_out: m.alerts_when_runs_out(),
  pin_without_click: m.alerts_when_no_click(),
  off_pace: m.alerts_when_off_pace(),
}

export const subjectChoices: Readonly<Record<SubjectOf, string>> = {
  live: m.alerts_the_live(),
  day: m.alerts_the_day(),
  product: m.alerts_a_product(),
  traffic_source: m.alerts_a_traffic_source(),
}

export const comparisonChoices: Readonly<Record<Comparison, string>> = {
  below: m.alerts_cmp_below(),
  above: m.alerts_cmp_above(),
  outside: m.alerts_cmp_outside(),
  falls: m.alerts_cmp_falls(),
  rises: m.alerts_cmp_rises(),
  unusual: m.alerts_cmp_unusual(),
  no_data: m.alerts_cmp_silent(),
}

/** The unit of what is entered as the threshold. */
export function unitOf(
  { what, comparison }: Pick<Draft, 'what' | 'comparison'>,
  convention: Pick<Convention, 'currency'>,
): string {
  if (isSpecial(what)) return what === 'off_pace' ? '%' : m.alerts_min()
  if (takesValue(comparison)) return valueUnit(what, convention)
  return comparison === 'falls' || comparison === 'rises'
    ? '%'
    : comparison === 'unusual'
      ? m.alerts_deviations()
      : m.alerts_min()
}

/** The unit of a value of a metric. */
export function valueUnit(metric: MetricId, { currency }: Pick<Convention, 'currency'>): string {
  switch (metricOf(metric).unit) {
    case 'money':
      return currency
    case 'ratio':
      return '%'
    case 'seconds':
      return m.alerts_seconds_unit()
    default:
      return ''
  }
}

/** Whether one of products or traffic sources can be named. */
export const hasPart = ({ what, subject }: Pick<Draft, 'what' | 'subject'>): boolean =>
  isSpecial(what)
    ? what === 'oversold' || what === 'runs_out'
    : subject === 'product' || subject === 'traffic_source'
