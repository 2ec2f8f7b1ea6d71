import type { HistoryBucket, HistoryDimension } from '@creatorflow/shared/features/history'
import {
  type BaseMetric,
  basesOf,
  type DerivedValue,
  derive,
  type IncrementColumn,
  type LevelColumn,
  type MetricId,
  metricOf,
  metrics,
} from '@creatorflow/shared/metrics'

/** How a question is put: nothing here depends on what the answer will be. */
export interface HistoryQuestion {
  readonly metric: MetricId
  readonly bucket: HistoryBucket
  readonly by: HistoryDimension | undefined
  /** How many groups are told, those with most over the whole range; all without it. */
  readonly limit?: number | undefined
}

/** One base metric as one event type feeds it. */
export interface Feed {
  readonly type: string
  readonly columns: readonly (IncrementColumn | LevelColumn)[]
}

/** A base metric to read. `people` are distinct: only of a LIVE or a local day they are sums. */
export interface BaseRead {
  readonly id: MetricId
  readonly max: boolean
  readonly feeds: readonly Feed[]
  readonly people: boolean
}

/** Values of base metrics in one bucket of one group; null or absent: nothing was reported. */
export type BaseValues = Readonly<Partial<Record<string, number | null>>>

/** A total by LIVE: of what lies within the range, with a group for what belongs to no LIVE. */
export const isByLive = ({ bucket, by }: HistoryQuestion): boolean =>
  by === 'session' && bucket === 'total'

/** Why a question has no answer, in words for who asked; undefined when it has one. */
export function refusal(question: HistoryQuestion): string | undefined {
  const { metric: id, bucket, by, limit } = question
  const metric = metricOf(id)
  if (metric.merge === 'last') {
    return `${id} is a level of this moment, without a history: ask for average_viewers or peak_viewers.`
  }
  if (!metric.scopes.includes('day') && !isByLive(question)) {
    return `${id} is a number of one LIVE: ask with by=session and bucket=total.`
  }
  if (!metric.scopes.includes('live') && (by === 'session' || !['1d', 'total'].includes(bucket))) {
    return `${id} is a number of days: ask with bucket=1d or bucket=total, and not by session.`
  }
  if (by === 'product' && basesOf(id).some((base) => !('product' in metrics[base]))) {
    return `${id} is not kept by product.`
  }
  if (limit !== undefined && by === undefined) return '`limit` is of groups: ask with `by`.'
  if (limit !== undefined && bucket !== 'total' && readsOf(question).some(({ people }) => people)) {
    return `${id} is of distinct people, which buckets do not add up to: ask for a limit with bucket=total.`
  }
  return undefined
}

/** Whether buckets are long enough to hold what happened before anybody watched: a series would show it as one jump. */
export const holdsOpening = ({ bucket }: HistoryQuestion): boolean =>
  bucket === '1d' || bucket === 'total'

/** The base metrics that a metric needs, with the columns that fit the bucket. */
export function readsOf(question: HistoryQuestion): BaseRead[] {
  const withOpening = holdsOpening(question)
  return basesOf(question.metric).map((id) => {
    const metric = metrics[id] as BaseMetric
    let people = false
    const feeds = Object.entries(metric.from).map(([type, from]) => {
      const byScope = from as Record<'live' | 'day', IncrementColumn>
      if (!Array.isArray(from)) people = true
      const columns: readonly (IncrementColumn | LevelColumn)[] = Array.isArray(from)
        ? from
        : [byScope[isByLive(question) ? 'live' : 'day']]
      return { type, columns: columns.filter((column) => withOpening || column !== 'opening') }
    })
    return { id, max: metric.merge === 'max', feeds, people }
  })
}

/** Whether first sights add up to distinct people in every cell: for whole local days they do. */
export function peopleAreSums({ bucket, by }: HistoryQuestion): boolean {
  return bucket === '1d' && by === undefined
}

/** The value of a metric from its base values; sums without events are 0, what has no inputs is null. */
export function readingOf(id: MetricId, values: BaseValues): DerivedValue {
  const metric = metricOf(id)
  if (metric.merge === 'derived') return derive(metric.derive, (base) => values[base] ?? 0)
  const value = values[id] ?? null
  if (metric.merge === 'max' && value === null)
    return { value, reason: 'not reported in this time' }
  return { value: value ?? 0 }
}

/** Values by group, then by position of the bucket. */
export type Cells = ReadonlyMap<string | null, ReadonlyMap<number, BaseValues>>

/** The groups with most of a metric over all buckets; of two with as much the first by name. */
export function greatestKeys(
  { metric, limit }: HistoryQuestion,
  reads: readonly BaseRead[],
  cells: Cells,
): (string | null)[] {
  const maxima = new Set<string>(reads.filter(({ max }) => max).map(({ id }) => id))
  const wholeOf = (buckets: Iterable<BaseValues>): BaseValues => {
    const whole: Record<string, number | null> = {}
    for (const [id, value = null] of [...buckets].flatMap((values) => Object.entries(values))) {
      const before = whole[id] ?? null
      if (before === null || value === null) whole[id] = before ?? value
      else whole[id] = maxima.has(id) ? Math.max(before, value) : before + value
    }
    return whole
  }
  return [...cells]
    .map(([key, buckets]) => ({ key, ...readingOf(metric, wholeOf(buckets.values())) }))
    .map(({ key, value }) => ({ key, value: value ?? Number.NEGATIVE_INFINITY }))
    .sort((a, b) => b.value - a.value || byKey(a.key, b.key))
    .slice(0, limit)
    .map(({ key }) => key)
}

/** Events that name none come last. */
export function byKey(a: string | null, b: string | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  return a < b ? -1 : a > b ? 1 : 0
}
