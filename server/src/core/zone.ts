import { Temporal } from 'temporal-polyfill'

/** What the calendar and the clocks of a zone show at an instant, epoch ms. */
export function zonedAt(ts: number, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(ts).toZonedDateTimeISO(timeZone)
}

/** A time, epoch ms, in which the clocks of a zone are as far from UTC, in ms. */
interface Steady {
  readonly since: number
  readonly before: number
  readonly offset: number
}

const latest = new Map<string, Steady>()

/** How far the clocks of a zone are from UTC at an instant, and until when; far cheaper than `zonedAt` in a row. */
export function steadyAt(ts: number, timeZone: string): Steady {
  const known = latest.get(timeZone)
  if (known && ts >= known.since && ts < known.before) return known
  const here = zonedAt(ts, timeZone)
  const steady = {
    since: ts,
    before: here.getTimeZoneTransition('next')?.epochMilliseconds ?? Number.POSITIVE_INFINITY,
    offset: here.offsetNanoseconds / 1e6,
  }
  latest.set(timeZone, steady)
  return steady
}
