import type { HistoryBucket, HistoryDimension } from '@creatorflow/shared/features/history'
import { basesOf, type MetricId, metricOf, metrics } from '@creatorflow/shared/metrics'
import type { QueryBucket, Question } from '@creatorflow/shared/query'
import { isOfPeople } from '../../query/pairs.ts'

/** One metric over time, as this endpoint takes it. */
export interface HistoryQuestion {
  readonly metric: MetricId
  readonly bucket: HistoryBucket
  readonly by: HistoryDimension | undefined
  /** How many groups to return, the largest over the whole range; all without it. */
  readonly limit?: number | undefined
}

/** This endpoint's names of buckets. */
const bucketNames: Readonly<Record<HistoryBucket, QueryBucket>> = {
  '1m': 'minute',
  '15m': '15m',
  '1h': 'hour',
  '1d': 'day',
  total: 'total',
}

/** The same question for the engine. */
export function questionOf(
  { metric, bucket, by, limit }: HistoryQuestion,
  range: Question['range'],
): Question {
  return {
    metrics: [metric],
    by: by ? [by] : [],
    where: [],
    bucket: bucketNames[bucket],
    range,
    ...(limit !== undefined && { limit }),
  }
}

/** Why a question has no answer; undefined if it has one. */
export function refusal({ metric: id, bucket, by, limit }: HistoryQuestion): string | undefined {
  const metric = metricOf(id)
  if (metric.merge === 'last') {
    return `${id} is a level of this moment, without a history: ask for average_viewers or peak_viewers.`
  }
  if (!metric.scopes.includes('day') && !(by === 'session' && bucket === 'total')) {
    return `${id} is a number of one LIVE: ask with by=session and bucket=total.`
  }
  if (!metric.scopes.includes('live') && (by === 'session' || !['1d', 'total'].includes(bucket))) {
    return `${id} is a number of days: ask with bucket=1d or bucket=total, and not by session.`
  }
  if (by === 'product' && basesOf(id).some((base) => !('product' in metrics[base]))) {
    return `${id} is not kept by product.`
  }
  if (limit !== undefined && by === undefined) return '`limit` is of groups: ask with `by`.'
  if (limit !== undefined && bucket !== 'total' && isOfPeople(id)) {
    return `${id} is of distinct people, which buckets do not add up to: ask for a limit with bucket=total.`
  }
  return undefined
}
