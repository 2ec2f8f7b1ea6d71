import type { QueryBucket } from '@creatorflow/shared/query'
import { steadyAt, zonedAt } from '../core/zone.ts'

const MINUTE_MS = 60_000
const QUARTER_MS = 15 * MINUTE_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

type Zoned = ReturnType<typeof zonedAt>

/**
 * The starts of all buckets that touch [from, to), and finally the end of the last one. Hours, days, weeks
 * and months are the zone's own: 23 or 25 hours, or a half hour, when clocks change. Stops after `limit`
 * buckets.
 */
export function bucketBounds(
  bucket: QueryBucket,
  from: number,
  to: number,
  timeZone: string,
  limit: number,
): number[] {
  if (bucket === 'total') return [floor(from, MINUTE_MS), -floor(-to, MINUTE_MS)]
  const { startOf, endOf } = buckets[bucket]
  const bounds = [startOf(from, timeZone)]
  for (let at = bounds[0] as number; at < to && bounds.length <= limit + 1; bounds.push(at)) {
    at = endOf(at, timeZone)
  }
  return bounds
}

/** Where the bucket of an instant starts, and where one that starts there ends. */
interface Bucket {
  startOf(at: number, timeZone: string): number
  endOf(at: number, timeZone: string): number
}

const ofLength = (ms: number): Bucket => ({
  startOf: (at) => floor(at, ms),
  endOf: (at) => at + ms,
})

const buckets: Record<Exclude<QueryBucket, 'total'>, Bucket> = {
  minute: ofLength(MINUTE_MS),
  '15m': ofLength(QUARTER_MS),
  hour: {
    startOf: (at, timeZone) => {
      const here = zonedAt(at, timeZone)
      const hour = zonedAt(at - sinceFullHour(here), timeZone)
      return changeBetween(hour, here) ?? hour.epochMilliseconds
    },
    endOf: (at, timeZone) => {
      const steady = steadyEnd(at, HOUR_MS, timeZone)
      if (steady !== undefined) return steady
      const here = zonedAt(at, timeZone)
      const next = zonedAt(at - sinceFullHour(here) + HOUR_MS, timeZone)
      return changeBetween(here, next) ?? next.epochMilliseconds
    },
  },
  day: {
    startOf: (at, timeZone) => startOfDay(zonedAt(at, timeZone)),
    endOf: (at, timeZone) =>
      steadyEnd(at, DAY_MS, timeZone) ?? startOfDay(zonedAt(at, timeZone).add({ days: 1 })),
  },
  week: {
    startOf: (at, timeZone) => {
      const here = zonedAt(at, timeZone)
      return startOfDay(here.subtract({ days: here.dayOfWeek - 1 }))
    },
    endOf: (at, timeZone) => startOfDay(zonedAt(at, timeZone).add({ days: 7 })),
  },
  month: {
    startOf: (at, timeZone) => startOfDay(zonedAt(at, timeZone).with({ day: 1 })),
    endOf: (at, timeZone) => startOfDay(zonedAt(at, timeZone).add({ months: 1 })),
  },
}

/** The next multiple of `width` on the clock, if it is not changed until after then. */
function steadyEnd(at: number, width: number, timeZone: string): number | undefined {
  const { offset, before } = steadyAt(at, timeZone)
  const end = floor(at + offset, width) + width - offset
  return end < before ? end : undefined
}

/** What the calendar and the clock show at an instant: the date, the day of the week from 1 for Monday, the hour. */
export function calendarAt(at: number, timeZone: string) {
  const local = at + steadyAt(at, timeZone).offset
  const days = Math.floor(local / DAY_MS)
  return {
    day: new Date(local).toISOString().slice(0, 10),
    weekday: ((((days + 3) % 7) + 7) % 7) + 1,
    hour: Math.floor((local - days * DAY_MS) / HOUR_MS),
  }
}

const startOfDay = (at: Zoned): number => at.startOfDay().epochMilliseconds

/** How long ago the clock showed a full hour, had it not been changed since; ms. */
const sinceFullHour = ({ minute, second, millisecond }: Zoned): number =>
  minute * MINUTE_MS + second * 1_000 + millisecond

/** When clocks changed between two instants in one zone, epoch ms; undefined if they did not. */
const changeBetween = (from: Zoned, to: Zoned): number | undefined =>
  from.offsetNanoseconds === to.offsetNanoseconds
    ? undefined
    : from.getTimeZoneTransition('next')?.epochMilliseconds

const floor = (value: number, step: number): number => Math.floor(value / step) * step
