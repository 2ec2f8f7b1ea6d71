import type { HistoryBucket } from '@creatorflow/shared/features/history'
import { localDay } from '@creatorflow/shared/present'

const MINUTE_MS = 60_000
const QUARTER_MS = 15 * MINUTE_MS
const DAY_MS = 86_400_000

/**
 * The starts of all buckets that touch [from, to), and last the end of the last one. Hours and days are
 * the zone's own, by the same rules that gave each event its day: 23 or 25 hours, or a half hour, where the
 * clocks change. Stops after `limit` buckets. Every zone in use is a multiple of 15 min from UTC.
 */
export function bucketBounds(
  bucket: HistoryBucket,
  from: number,
  to: number,
  timeZone: string,
  limit: number,
): number[] {
  if (bucket === 'total') return [floor(from, MINUTE_MS), -floor(-to, MINUTE_MS)]
  const next = steps[bucket]
  const bounds = [startOf(bucket, from, timeZone)]
  for (let at = bounds[0] as number; at < to && bounds.length <= limit + 1; bounds.push(at)) {
    at = next(at, timeZone)
  }
  return bounds
}

type Step = (at: number, timeZone: string) => number

const steps: Record<Exclude<HistoryBucket, 'total'>, Step> = {
  '1m': (at) => at + MINUTE_MS,
  '15m': (at) => at + QUARTER_MS,
  '1h': (at, timeZone) => nextChange(at, 4, (ts) => localHour(ts, timeZone)),
  // A day has 100 quarters at most: 24 hours and an hour that comes twice.
  '1d': (at, timeZone) => nextChange(at, 104, (ts) => localDay(ts, timeZone)),
}

function startOf(bucket: Exclude<HistoryBucket, 'total'>, at: number, timeZone: string): number {
  if (bucket === '1m') return floor(at, MINUTE_MS)
  const quarter = floor(at, QUARTER_MS)
  if (bucket === '15m') return quarter
  const name = bucket === '1h' ? localHour : localDay
  const wanted = name(quarter, timeZone)
  // The start is the first quarter from here backwards whose predecessor is another hour or day.
  const longest = bucket === '1h' ? QUARTER_MS * 4 : DAY_MS + QUARTER_MS * 8
  const before = Math.floor(longest / QUARTER_MS)
  let low = quarter - before * QUARTER_MS
  let high = quarter
  while (high - low > QUARTER_MS) {
    const middle = low + floor((high - low) / 2, QUARTER_MS)
    if (name(middle, timeZone) === wanted) high = middle
    else low = middle
  }
  return high
}

/** The first quarter after `at` that has another name, at most `most` quarters on. */
function nextChange(at: number, most: number, name: (ts: number) => string): number {
  const now = name(at)
  let low = 0
  let high = most
  while (high - low > 1) {
    const middle = low + Math.floor((high - low) / 2)
    if (name(at + middle * QUARTER_MS) === now) low = middle
    else high = middle
  }
  return at + high * QUARTER_MS
}

/** The local date and hour with its offset, so that an hour that comes twice is two. */
function localHour(ts: number, timeZone: string): string {
  let format = hourFormats.get(timeZone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      hourCycle: 'h23',
      timeZoneName: 'longOffset',
    })
    hourFormats.set(timeZone, format)
  }
  return format.format(ts)
}

const hourFormats = new Map<string, Intl.DateTimeFormat>()

const floor = (value: number, step: number): number => Math.floor(value / step) * step
