import {
  isOfViewerMinutes,
  type MetricId,
  metricOf,
  productMetricIds,
  seriesMetricIds,
} from '../metrics.ts'
import type { Condition, Subject } from './condition.ts'

export interface Contradiction {
  readonly path: string
  readonly message: string
}

/** Why a condition could never fire or never recover, or asks for what nothing holds. */
export function contradictionsOf(given: Condition): Contradiction[] {
  const found: Contradiction[] = []
  const no = (path: string, message: string) => void found.push({ path, message })
  switch (given.kind) {
    case 'above':
      if ((given.recovers_at ?? given.fires_at) > given.fires_at)
        no('recovers_at', 'must be at most fires_at, or the alert would end while it fires')
      break
    case 'below':
      if ((given.recovers_at ?? given.fires_at) < given.fires_at)
        no('recovers_at', 'must be at least fires_at, or the alert would end while it fires')
      break
    case 'outside':
      if (given.low >= given.high) no('low', 'must be below high')
      else if (2 * given.margin >= given.high - given.low)
        no('margin', 'leaves nothing of the band, so the alert would never end')
      break
    case 'change':
      checkChange(given, no)
      break
    case 'unusual':
      if ((given.recovers_deviations ?? 0) > given.deviations)
        no('recovers_deviations', 'must be at most deviations')
      if (metricOf(given.metric).good === 'neither')
        no('metric', 'has no better side, so no value of it is worse than usual')
      if (!metricOf(given.metric).scopes.includes('live')) no('metric', 'is known by day only')
      break
    case 'no_data':
      if (!isBySeries(given.metric)) no('metric', 'is not kept by minute')
      break
    default:
  }
  if ('subject' in given) checkSubject(given, no)
  return found
}

type No = (path: string, message: string) => void

function checkChange(
  { percent, recovers_percent: recovers = percent }: Extract<Condition, { kind: 'change' }>,
  no: No,
): void {
  if (percent === 0) no('percent', 'must not be 0')
  else if (recovers / percent > 1)
    no(
      'recovers_percent',
      'must be nearer to 0 than percent, or the alert would end while it fires',
    )
  else if (recovers / percent < 0) no('recovers_percent', 'must have the sign of percent')
}

/** Whether what a rule measures is kept where it asks for it. */
function checkSubject(given: Extract<Condition, { subject: Subject }>, no: No): void {
  const { subject, metric } = given
  const { scopes, merge } = metricOf(metric)
  const minutes = given.kind === 'change' ? given.window_minutes : given.over_minutes
  const where = given.kind === 'change' ? 'window_minutes' : 'over_minutes'
  if (subject.of === 'live' && !scopes.includes('live')) no('metric', 'is known by day only')
  if (subject.of === 'day') {
    if (!scopes.includes('day')) no('metric', 'is known by LIVE only')
    else if (isOfViewerMinutes(metric)) no('metric', 'is not kept by day')
  }
  if (subject.of !== 'live' && minutes !== null) no(where, 'is known of a whole LIVE only')
  if (subject.of === 'product' && !isByProduct(metric)) no('metric', 'is not kept by product')
  if (subject.of === 'traffic_source' && (merge === 'last' || isOfViewerMinutes(metric)))
    no('metric', 'is not kept by traffic source')
  if (minutes !== null && !isBySeries(metric)) no('metric', 'is not kept by minute')
}

/** The names that a metric is made of: itself, or the terms of its derivation. */
function inputsOf(of: MetricId): readonly string[] {
  const metric = metricOf(of)
  if (metric.merge !== 'derived') return [of]
  const { of: terms, to = {}, needs = {}, times = [], per = [] } = metric.derive
  return [...Object.keys(terms), ...Object.keys(to), ...Object.keys(needs), ...times, ...per]
}

const isBySeries = (of: MetricId): boolean =>
  // Reports of viewers are kept by minute.
  of === 'viewers_now' ||
  of === 'average_viewers' ||
  inputsOf(of).every((name) => (seriesMetricIds as readonly string[]).includes(name))

const isByProduct = (of: MetricId): boolean =>
  inputsOf(of).every((name) => (productMetricIds as readonly string[]).includes(name))
