import { Temporal } from 'temporal-polyfill'

/** What the calendar and the clocks of a zone show at an instant, epoch ms. */
export function zonedAt(ts: number, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(ts).toZonedDateTimeISO(timeZone)
}
