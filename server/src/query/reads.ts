import { isLiveFact, liveFacts, type MeasureId } from '@creatorflow/shared/live-facts'
import {
  type BaseMetric,
  basesOf,
  type DerivedValue,
  derive,
  type IncrementColumn,
  isOfViewerMinutes,
  type LevelColumn,
  type MetricId,
  metricOf,
  metrics,
} from '@creatorflow/shared/metrics'
import type { Question } from '@creatorflow/shared/query'
import { holdsOpening } from './pairs.ts'

/** Everything a question depends on except its range. */
export type Shape = Pick<Question, 'metrics' | 'by' | 'where' | 'bucket'>

/** One base metric as fed by one event type. */
export interface Feed {
  readonly type: string
  readonly columns: readonly (IncrementColumn | LevelColumn)[]
}

/** A base metric to read. `people` are distinct: only for a LIVE or a local day are they sums. */
export interface BaseRead {
  readonly id: MetricId
  readonly max: boolean
  readonly feeds: readonly Feed[]
  readonly people: boolean
}

/** Values of base metrics in one cell; null or absent: not reported, or unknown. */
export type BaseValues = Readonly<Partial<Record<string, number | null>>>

/** Which dataset answers what: sums of events, viewer minutes, LIVEs. */
export interface Plan {
  readonly shape: Shape
  readonly sums: readonly BaseRead[]
  readonly viewers: boolean
  readonly lives: boolean
}

/** A total by LIVE: with every LIVE on air in the range, and a row for events without one. */
export const isByLive = ({ bucket, by }: Shape): boolean =>
  by.length === 1 && by[0] === 'session' && bucket === 'total'

/** Names the reads of each dataset that the metrics need, with columns that fit the buckets. */
export function planOf(shape: Shape): Plan {
  const ofEvents = shape.metrics.filter((id) => !isLiveFact(id)) as MetricId[]
  const bases = [...new Set(ofEvents.flatMap(basesOf))]
  return {
    shape,
    sums: bases.map((id) => baseReadOf(id, shape)),
    viewers: ofEvents.some(isOfViewerMinutes),
    lives: shape.metrics.some((id) => isLiveFact(id) || needsSeconds(id)),
  }
}

const needsSeconds = (id: MetricId): boolean => {
  const metric = metricOf(id)
  return metric.merge === 'derived' && (metric.derive.times?.includes('live_seconds') ?? false)
}

function baseReadOf(id: MetricId, shape: Shape): BaseRead {
  const metric = metrics[id] as BaseMetric
  const withOpening = holdsOpening(shape)
  let people = false
  const feeds = Object.entries(metric.from).map(([type, from]) => {
    if (!Array.isArray(from)) people = true
    const columns: readonly (IncrementColumn | LevelColumn)[] = Array.isArray(from)
      ? from
      : [(from as Record<'live' | 'day', IncrementColumn>)[isByLive(shape) ? 'live' : 'day']]
    return { type, columns: columns.filter((column) => withOpening || column !== 'opening') }
  })
  return { id, max: metric.merge === 'max', feeds, people }
}

/** Whether first sights add up to distinct people in every cell: for whole local days of everything they do. */
export const peopleAreSums = ({ bucket, by, where }: Shape): boolean =>
  bucket === 'day' && by.length === 0 && where.length === 0

/** Whether distinct people of everything are counted by whole local days, as before their events were dropped. */
export const peopleAreByDays = ({ bucket, by, where }: Shape): boolean =>
  ['week', 'month', 'total'].includes(bucket) && by.length === 0 && where.length === 0

/** A metric's value from its base values; sums without events are 0, missing inputs give null. */
export function readingOf(id: MeasureId, values: BaseValues): DerivedValue {
  if (isLiveFact(id)) {
    const fact = liveFacts[id]
    if (values.live_seconds === null && id !== 'lives')
      return { value: null, reason: lengthUnknown }
    if ('derive' in fact) return derive(fact.derive, (term) => values[term] ?? 0)
    return { value: values[id] ?? 0 }
  }
  const metric = metricOf(id)
  if (metric.merge === 'derived') return derive(metric.derive, (base) => values[base] ?? 0)
  const value = values[id] ?? null
  if (metric.merge === 'max' && value === null)
    return { value, reason: 'not reported in this time' }
  return { value: value ?? 0 }
}

const lengthUnknown = 'the length of the LIVE is not known'

/** Two parts of one cell merged; `maxima`: base metrics of which the greater one counts. */
export function merged(a: BaseValues, b: BaseValues, maxima: ReadonlySet<string>): BaseValues {
  const whole: Record<string, number | null | undefined> = { ...a }
  for (const [id, value = null] of Object.entries(b)) {
    const before = whole[id] ?? null
    // An unknown length makes every sum with it unknown.
    if (id === 'live_seconds' && (value === null || whole[id] === null)) whole[id] = null
    else if (before === null || value === null) whole[id] = before ?? value
    else whole[id] = maxima.has(id) ? Math.max(before, value) : before + value
  }
  return whole
}

export const maximaOf = ({ sums }: Plan): ReadonlySet<string> =>
  new Set<string>(sums.filter(({ max }) => max).map(({ id }) => id))
