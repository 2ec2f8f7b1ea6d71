import type { Sample } from '../alert-reason.ts'
import { cellOf } from '../columns.ts'
import { MINUTE_MS, rowOf, type Totals } from '../live-state.ts'
import {
  basesOf,
  type DerivedValue,
  derive,
  isOfViewerMinutes,
  type MetricId,
  metricOf,
} from '../metrics.ts'
import type { Reads } from './kind.ts'
import type { LiveView } from './view.ts'

/** A value and what it is of; null with the reason. */
export type Value = DerivedValue & { readonly sample: Sample | null }

/** A metric of a LIVE since its start. */
export function ofLive(view: LiveView, metric: MetricId): Value {
  const { live } = view
  // What depends on the clock or on minutes has one definition, on screens as here.
  if (metricOf(metric).merge === 'last' || isOfViewerMinutes(metric) || live.uncounted) {
    const reading = view.presented.metrics[metric]
    const sample = sampleIn(metric, (id) => live.totals[id] ?? 0)
    if (!reading) return { value: null, reason: 'not known of a LIVE', sample }
    return reading.value === null
      ? { value: null, reason: reading.reason, sample }
      : { value: reading.value, sample }
  }
  return ofTotals(metric, live.totals)
}

/** What `ofLive` reads; undefined for what the clock changes. */
export function readsOfLive(metric: MetricId): Reads | undefined {
  if (metricOf(metric).merge === 'last' || isOfViewerMinutes(metric)) return undefined
  return { totals: basesOf(metric) }
}

/** What `overMinutes` reads. */
export const readsOverMinutes = (metric: MetricId): Reads => ({
  minutes: [...basesOf(metric), ...viewerBases],
  parts: ['started_at', 'minutes_from'],
})

/** A metric of one product of a LIVE. */
export function ofProduct({ live }: LiveView, metric: MetricId, productId: string): Value {
  const row = rowOf(live.product_rows, productId)
  return valueIn(metric, (id) => (row < 0 ? 0 : cellOf(live.products, id, row)))
}

/** A metric of base values. */
export const ofTotals = (metric: MetricId, totals: Totals): Value =>
  valueIn(metric, (id) => totals[id] ?? 0)

/** A metric over the last `minutes` of a LIVE that are over, ending `back` minutes ago; null before there are so many. */
export function overMinutes(
  { live }: LiveView,
  metric: MetricId,
  minutes: number,
  now: number,
  back = 0,
): Value {
  const last = Math.floor(now / MINUTE_MS) - 1 - back
  const first = last - minutes + 1
  // The minute in which it began is not a whole one.
  if (first <= Math.floor(live.started_at / MINUTE_MS)) {
    return { value: null, reason: `from minute ${minutes + back + 1} on`, sample: null }
  }
  const sum = (id: MetricId) => {
    const column = live.minutes[id]
    if (!column) return 0
    let total = 0
    for (let at = first - live.minutes_from; at <= last - live.minutes_from; at++) {
      total += column[at] ?? 0
    }
    return total
  }
  return metric === 'viewers_now' || metric === 'average_viewers'
    ? viewersIn(sum)
    : valueIn(metric, sum)
}

/** Whole minutes since a metric last had a value; null if it never had one in this LIVE. */
export function silentMinutes({ live }: LiveView, metric: MetricId, now: number): number | null {
  const definition = metricOf(metric)
  const ids =
    definition.merge === 'derived'
      ? (Object.keys(definition.derive.of) as MetricId[])
      : [metric === 'viewers_now' ? ('viewer_samples' as const) : metric]
  const current = Math.floor(now / MINUTE_MS)
  const start = Math.floor(live.started_at / MINUTE_MS)
  for (let minute = current; minute >= start; minute--) {
    if (ids.some((id) => cellOf(live.minutes, id, minute - live.minutes_from) !== 0)) {
      return Math.max(0, current - minute - 1)
    }
  }
  return null
}

const viewerBases: readonly MetricId[] = ['viewer_samples', 'viewer_sample_sum']

function viewersIn(sum: (id: MetricId) => number): Value {
  const samples = sum('viewer_samples')
  return samples > 0
    ? { value: sum('viewer_sample_sum') / samples, sample: null }
    : { value: null, reason: 'no viewer counts reported', sample: null }
}

function valueIn(metric: MetricId, read: (id: MetricId) => number): Value {
  const definition = metricOf(metric)
  if (definition.merge !== 'derived') return { value: read(metric), sample: null }
  // Safe: terms of the catalogue are metrics, and lengths and minutes of viewers are read elsewhere.
  const derived = derive(definition.derive, (id) => read(id as MetricId))
  return { ...derived, sample: sampleIn(metric, read) }
}

/** The denominator of a rate. */
function sampleIn(metric: MetricId, read: (id: MetricId) => number): Sample | null {
  const definition = metricOf(metric)
  if (definition.merge !== 'derived' || isOfViewerMinutes(metric)) return null
  for (const to in definition.derive.to) {
    return { metric: to as MetricId, value: read(to as MetricId) }
  }
  return null
}
