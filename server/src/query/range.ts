import { answerLimits, type Question, queryLimits } from '@creatorflow/shared/query'
import type { Temporal } from 'temporal-polyfill'
import { AppError } from '../core/errors.ts'
import { zonedAt } from '../core/zone.ts'
import { bucketBounds } from './local-time.ts'
import { tooMuch } from './parts.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

/** A time zone and the current time, epoch ms. */
export interface Place {
  readonly timeZone: string
  readonly now: number
}

type Ranged = Pick<Question, 'bucket' | 'by' | 'where' | 'range'>

/** The buckets of a question: its range widened to whole ones, without future ones. Throws if it is too much. */
export function bucketsOfRange(
  { bucket, by, where, range }: Ranged,
  { timeZone, now }: Place,
): number[] {
  const from = Date.parse(range.from)
  const wanted = Date.parse(range.to)
  if (wanted <= from) throw new AppError('invalid_input', '`to` must be after `from`.')
  const { rangeDays, buckets } = answerLimits
  if (wanted - from > rangeDays * DAY_MS) throw tooMuch(`${rangeDays} days`)
  // Future buckets show no zeros.
  const to = Math.min(wanted, now + 1)
  if (to <= from) return [from, from]
  const byHour = [...by, ...where.map(({ dimension }) => dimension)].includes('hour')
  if (byHour && to - from > queryLimits.hours * HOUR_MS) throw tooMuch(`${queryLimits.hours} hours`)
  const bounds = bucketBounds(bucket, from, to, timeZone, buckets)
  if (bounds.length - 1 > buckets) throw tooMuch(`${buckets} buckets`)
  return bounds
}

/**
 * The buckets compared with: as many days, months or years earlier, and cut where the range is, so a day in
 * progress is compared with the same part of an earlier one.
 */
export function earlierBuckets(
  question: Ranged & Pick<Question, 'compare'>,
  bounds: readonly number[],
  place: Place,
): number[] {
  const { compare, bucket } = question
  const [from = 0, end = 0] = [bounds[0], bounds.at(-1)]
  const to = Math.min(end, Math.ceil((place.now + 1) / MINUTE_MS) * MINUTE_MS)
  const back = backOf(compare, bucket, from, end, place.timeZone)
  const [since, before] = [back(from), back(to)]
  if (before <= since) return [since, since]
  const earlier = bucketBounds(bucket, since, before, place.timeZone, answerLimits.buckets)
  return [...earlier.slice(0, -1), Math.min(earlier.at(-1) ?? before, before)]
}

function backOf(
  compare: Question['compare'],
  bucket: Question['bucket'],
  from: number,
  to: number,
  timeZone: string,
): (at: number) => number {
  const by = (duration: Temporal.DurationLike) => (at: number) =>
    zonedAt(at, timeZone).subtract(duration).epochMilliseconds
  // Whole weeks, so weekdays match.
  if (compare === 'previous_year') return bucket === 'week' ? by({ weeks: 52 }) : by({ years: 1 })
  const [start, end] = [zonedAt(from, timeZone), zonedAt(to, timeZone)]
  if (bucket === 'month') return by({ months: start.until(end, { largestUnit: 'months' }).months })
  const isMidnight = (at: Temporal.ZonedDateTime) => at.startOfDay().equals(at)
  if (isMidnight(start) && isMidnight(end)) {
    return by({ days: start.until(end, { largestUnit: 'days' }).days })
  }
  return (at) => at - (to - from)
}
