import {
  columnIn,
  type Dataset,
  type DimensionId,
  dimensionIds,
  dimensions,
  isTimeDimension,
  operatorsOf,
} from '@creatorflow/shared/dimensions'
import { isLiveFact, type MeasureId, measureIds, measureOf } from '@creatorflow/shared/live-facts'
import {
  basesOf,
  isOfViewerMinutes,
  type MetricId,
  metricOf,
  metrics,
} from '@creatorflow/shared/metrics'
import { type QueryBucket, type Question, queryBuckets } from '@creatorflow/shared/query'

/** From a day on: day metrics are complete in them, and values from before the first report have a place. */
const longBuckets: readonly QueryBucket[] = ['day', 'week', 'month', 'total']

/** Why a metric cannot be asked about the past at all. */
export function neverAsked(id: MeasureId): string | undefined {
  if (isLiveFact(id) || metricOf(id).merge !== 'last') return undefined
  return `${measureOf(id).name} is a level of this moment, without a history: ask for average_viewers or peak_viewers.`
}

/** A number of one LIVE: only LIVE by LIVE, over the whole range. */
export const isOfOneLive = (id: MeasureId): boolean =>
  !isLiveFact(id) && !metricOf(id).scopes.includes('day')

/** A number of whole days. */
export const isOfDays = (id: MeasureId): boolean =>
  !isLiveFact(id) && !metricOf(id).scopes.includes('live')

/** The dimensions a metric can be split and filtered by. */
export function dimensionsOf(id: MeasureId): DimensionId[] {
  if (neverAsked(id) !== undefined) return []
  if (isOfOneLive(id)) return ['session']
  return dimensionIds.filter((dimension) => {
    if (isOfDays(id) && (dimension === 'session' || dimension === 'hour')) return false
    if (isTimeDimension(dimension)) return true
    return (
      datasetsOf(id).every((dataset) => columnIn(dataset, dimension) !== undefined) &&
      (dimension !== 'product' || isKeptByProduct(id as MetricId))
    )
  })
}

/** The buckets a metric can have. */
export function bucketsOf(id: MeasureId): readonly QueryBucket[] {
  if (neverAsked(id) !== undefined) return []
  if (isOfOneLive(id)) return ['total']
  return isOfDays(id) ? longBuckets : queryBuckets
}

/** Whether a cell is long enough for values from before anybody watched: otherwise they would be one jump. */
export const holdsOpening = ({
  bucket,
  by,
  where,
}: Pick<Question, 'bucket' | 'by' | 'where'>): boolean =>
  longBuckets.includes(bucket) &&
  !by.includes('hour') &&
  !where.some(({ dimension }) => dimension === 'hour')

/** Why a question has no answer, in words: the metric, what it cannot be, and what works. */
export function refusalOf(question: Question): string | undefined {
  const { metrics: ids, by, where, bucket } = question
  if (new Set(by).size < by.length) return 'Each dimension may be in `by` once.'
  if (new Set(ids).size < ids.length) return 'Each metric may be in `metrics` once.'
  for (const id of ids) {
    const reason = neverAsked(id) ?? refusalOfOne(id, question)
    if (reason !== undefined) return reason
  }
  return refusalOfFilters(where) ?? refusalOfOrder(question) ?? refusalOfPeople(question, bucket)
}

function refusalOfOne(id: MeasureId, { by, where, bucket }: Question): string | undefined {
  const { name } = measureOf(id)
  if (isOfOneLive(id) && !(bucket === 'total' && by.length === 1 && by[0] === 'session')) {
    return `${name} is a number of one LIVE: ask for it by session alone, with the bucket total.`
  }
  const known = dimensionsOf(id)
  const labels = listed(known.map((one) => dimensions[one].label))
  for (const dimension of by) {
    if (!known.includes(dimension)) {
      return `${name} cannot be split by ${dimensions[dimension].label}; it can be split by ${labels}.`
    }
  }
  for (const { dimension } of where) {
    if (!known.includes(dimension)) {
      return `${name} cannot be filtered by ${dimensions[dimension].label}; it can be filtered by ${labels}.`
    }
  }
  if (!bucketsOf(id).includes(bucket)) {
    return `${name} is not told by ${bucket}; it can be told by ${listed(bucketsOf(id))}.`
  }
  return undefined
}

function refusalOfFilters(where: Question['where']): string | undefined {
  for (const { dimension, op, values } of where) {
    const { label, type } = dimensions[dimension]
    const known = operatorsOf(dimension)
    if (!known.includes(op)) {
      return `A filter by ${label} cannot be \`${op}\`; it can be ${listed(known.map((one) => `\`${one}\``))}.`
    }
    if (op === 'set' ? values.length > 0 : values.length === 0) {
      return op === 'set' ? '`set` takes no values.' : `A filter by ${label} needs values.`
    }
    const isWrong = (value: string | number | null) =>
      value === null
        ? isTimeDimension(dimension) || op === 'contains'
        : typeof value !== (type === 'number' ? 'number' : 'string') ||
          (type === 'date' && !/^\d{4}-\d\d-\d\d$/.test(String(value)))
    if (values.some(isWrong)) return `A filter by ${label} compares with ${kindOf[type]}.`
    if ((op === 'gte' || op === 'lt') && values.length > 1) return `\`${op}\` takes one value.`
  }
  return undefined
}

const kindOf = { text: 'text', number: 'numbers', date: 'dates such as 2026-11-30' } as const

function refusalOfOrder({ order, metrics: ids, by, limit }: Question): string | undefined {
  if (limit !== undefined && by.length === 0) return '`limit` is of rows: ask with `by`.'
  if (!order) return undefined
  const known: readonly string[] = [...ids, ...by]
  if (known.includes(order.by)) return undefined
  return `\`order\` is by one of \`metrics\` or \`by\`: ${listed(known)}.`
}

function refusalOfPeople(question: Question, bucket: QueryBucket): string | undefined {
  const first = rankedBy(question)
  if (first === undefined || bucket === 'total' || !isOfPeople(first)) return undefined
  return `${measureOf(first).name} is of distinct people, which buckets do not add up to: to order or limit by it ask with the bucket total.`
}

/** The metric that rows are ordered by; undefined if it is not a metric. */
export function rankedBy({ order, limit, metrics: ids }: Question): MeasureId | undefined {
  const by = order?.by ?? (limit === undefined ? undefined : ids[0])
  return measureIds.find((id) => id === by)
}

/** Whether a metric counts distinct people or LIVEs, to which parts do not add up. */
export function isOfPeople(id: MeasureId): boolean {
  if (isLiveFact(id)) return id !== 'live_seconds'
  return basesOf(id).some((base) => {
    const metric = metricOf(base)
    return (
      metric.merge !== 'derived' && Object.values(metric.from).some((from) => !Array.isArray(from))
    )
  })
}

function datasetsOf(id: MeasureId): Dataset[] {
  if (isLiveFact(id)) return ['live']
  return ['event']
}

const isKeptByProduct = (id: MetricId): boolean =>
  !isOfViewerMinutes(id) && basesOf(id).every((base) => 'product' in metrics[base])

/** "a, b and c". */
function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? 'nothing'
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`
}
