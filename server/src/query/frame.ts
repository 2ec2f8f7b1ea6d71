import type { TimeDimension } from '@creatorflow/shared/dimensions'
import { type QueryBucket, type QueryFilter, queryLimits } from '@creatorflow/shared/query'
import { bucketBounds, calendarAt } from './local-time.ts'
import type { Shape } from './reads.ts'

/** A bucket and, if split by them, the day, weekday and hour. */
export interface TimeCell {
  readonly bucket: number
  /** By the question's time dimensions, in its order. */
  readonly keys: readonly (string | number)[]
}

/** How a range is split: into slots, each of one cell; a slot excluded by a filter has none. */
export interface Frame {
  readonly timeZone: string
  /** Starts of the slots and the end of the last one, epoch ms. */
  readonly bounds: readonly number[]
  /** Starts of the buckets. */
  readonly starts: readonly number[]
  readonly cells: readonly TimeCell[]
  /** The cell of each slot. */
  readonly cellOf: readonly (number | null)[]
}

const isTime = (id: string): id is TimeDimension =>
  id === 'day' || id === 'weekday' || id === 'hour'

/** The time dimensions a question is split by. */
export const timesOf = ({ by }: Pick<Shape, 'by'>): TimeDimension[] => by.filter(isTime)

/** How the buckets between `bounds` are split by a question's time dimensions and filters. */
export function frameOf(shape: Shape, bounds: readonly number[], timeZone: string): Frame {
  const times = timesOf(shape)
  const filters = shape.where.filter(({ dimension }) => isTime(dimension))
  const asked = [...times, ...filters.map(({ dimension }) => dimension as TimeDimension)]
  if (isEmpty(bounds)) return { timeZone, bounds, starts: [], cells: [], cellOf: [] }
  const slots = asked.length === 0 ? bounds : cut(bounds, asked.includes('hour'), timeZone)
  const cells: TimeCell[] = []
  const numberOf = new Map<string, number>()
  let bucket = 0
  const cellOf = slots.slice(0, -1).map((at) => {
    while (at >= (bounds[bucket + 1] ?? Number.POSITIVE_INFINITY)) bucket++
    const calendar = asked.length > 0 ? calendarAt(at, timeZone) : undefined
    const keyOf = (time: TimeDimension) => calendar?.[time] ?? ''
    if (!filters.every((filter) => passes(filter, keyOf(filter.dimension as TimeDimension))))
      return null
    const keys = times.map(keyOf)
    const name = JSON.stringify([bucket, ...keys])
    const known = numberOf.get(name)
    if (known !== undefined) return known
    numberOf.set(name, cells.length)
    return cells.push({ bucket, keys }) - 1
  })
  return { timeZone, bounds: slots, starts: bounds.slice(0, -1), cells, cellOf }
}

/** Whether a range has started at all. */
export const isEmpty = (bounds: readonly number[]): boolean => bounds[0] === bounds.at(-1)

/** The cell of an instant within the range; undefined outside of it, or if a filter excludes it. */
export function cellFinder({ bounds, cells, cellOf }: Frame): (at: number) => TimeCell | undefined {
  return (at) => {
    let [low, high] = [0, bounds.length - 1]
    if (at < (bounds[0] ?? 0) || at >= (bounds[high] ?? 0)) return undefined
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (at >= (bounds[middle] ?? 0)) low = middle
      else high = middle
    }
    const cell = cellOf[low]
    return cell == null ? undefined : cells[cell]
  }
}

function cut(bounds: readonly number[], byHour: boolean, timeZone: string): number[] {
  const [from = 0, to = 0] = [bounds[0], bounds.at(-1)]
  const within = bucketBounds(byHour ? 'hour' : 'day', from, to, timeZone, queryLimits.hours)
  const all = new Set([...bounds, ...within.filter((at) => at > from && at < to)])
  return [...all].sort((a, b) => a - b)
}

/** Whether a value passes a filter. */
export function passes({ op, values }: QueryFilter, value: string | number | null): boolean {
  const [first = ''] = values
  if (op === 'in') return values.includes(value)
  if (op === 'not_in') return !values.includes(value)
  if (op === 'set' || value === null || first === null) return op === 'set' && value !== null
  if (op === 'gte') return value >= first
  if (op === 'lt') return value < first
  const text = String(value).toLowerCase()
  return values.some((part) => text.includes(String(part).toLowerCase()))
}

/** Whether buckets have a local date. */
export const isOfDates = (bucket: QueryBucket): boolean =>
  bucket === 'day' || bucket === 'week' || bucket === 'month'
