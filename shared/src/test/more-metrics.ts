import type { BaseMetric, Metric, MetricId } from '../metrics.ts'

type Catalogue = typeof import('../metrics.ts')

/** A metric that only a test has. */
export function metric(name: string, more: Partial<BaseMetric> & Pick<BaseMetric, 'from'>): Metric {
  return {
    name,
    definition: name,
    unit: 'count',
    good: 'up',
    scopes: ['live', 'day'],
    merge: 'sum',
    ...more,
  }
}

/** The catalogue with other entries, for `vi.doMock`: everything derived from them is derived again. */
export function catalogueOf(actual: Catalogue, entries: Readonly<Record<string, Metric>>): object {
  const metricIds = Object.keys(entries) as MetricId[]
  const baseMetricIds = metricIds.filter((id) => entries[id]?.merge !== 'derived')
  const base = (id: MetricId) => entries[id] as BaseMetric
  return {
    ...actual,
    metrics: entries,
    metricIds,
    metricOf: (id: MetricId) => entries[id],
    baseMetricIds,
    seriesMetricIds: baseMetricIds.filter((id) => base(id).series),
    tensMetricIds: baseMetricIds.filter((id) => base(id).series === 'tens'),
    productMetricIds: baseMetricIds.filter((id) => base(id).product),
    basesOf: (id: MetricId) => (id in actual.metrics ? actual.basesOf(id) : [id]),
    isOfViewerMinutes: (id: MetricId) => id in actual.metrics && actual.isOfViewerMinutes(id),
  }
}

/** The same entries with more of them, before `likes`: every later one moves. */
export function withMore(
  { metrics }: Catalogue,
  more: Readonly<Record<string, Metric>>,
): Record<string, Metric> {
  return Object.fromEntries(
    Object.entries(metrics).flatMap(([id, entry]): [string, Metric][] =>
      id === 'likes' ? [...Object.entries(more), [id, entry]] : [[id, entry]],
    ),
  )
}
