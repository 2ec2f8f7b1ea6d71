import { zonedAt } from '../../../core/zone.ts'

/** A date and time of day as a clock shows it, not checked yet. */
export interface Shown {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour?: number
  readonly minute?: number
  readonly second?: number
  readonly ms?: number
}

/** A clock's reading as if it were UTC, epoch ms; undefined for February 30 or 25:00. */
export function asUtc(shown: Shown): number | undefined {
  const { year, month, day, hour = 0, minute = 0, second = 0, ms = 0 } = shown
  const at = Date.UTC(year, month - 1, day, hour, minute, second, ms)
  const back = new Date(at)
  const isSame =
    back.getUTCFullYear() === year &&
    back.getUTCMonth() === month - 1 &&
    back.getUTCDate() === day &&
    back.getUTCHours() === hour &&
    back.getUTCMinutes() === minute &&
    back.getUTCSeconds() === second
  return isSame ? at : undefined
}

/** The first instant at which a clock in the zone shows this; undefined if it never does. */
export function ofClock(shown: number, timeZone: string): number | undefined {
  const wanted = zonedAt(shown, 'UTC').toPlainDateTime()
  const found = wanted.toZonedDateTime(timeZone, { disambiguation: 'earlier' })
  return found.toPlainDateTime().equals(wanted) ? found.epochMilliseconds : undefined
}
