const DAY_MS = 86_400_000

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

/** A clock's reading as if it were UTC, epoch ms; undefined for the 30th of February or 25:00. */
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

/** The first instant at which a clock in the zone shows this; undefined when it never does. */
export function ofClock(shown: number, timeZone: string): number | undefined {
  // Around a change of the clocks the offsets of a day before and a day after are the two that count.
  const candidates = [-1, 1].map((days) => shown - offsetAt(shown + days * DAY_MS, timeZone))
  return candidates.filter((ts) => ts + offsetAt(ts, timeZone) === shown).sort((a, b) => a - b)[0]
}

/** How far clocks in the zone are ahead of UTC, ms. */
export function offsetAt(ts: number, timeZone: string): number {
  const parts: Record<string, number> = {}
  for (const { type, value } of formatOf(timeZone).formatToParts(ts)) parts[type] = Number(value)
  const { year = 0, month = 1, day, hour, minute, second } = parts
  const shown = Date.UTC(year, month - 1, day, hour, minute, second)
  return shown - Math.floor(ts / 1_000) * 1_000
}

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone)
  if (!format) {
    format = new Intl.DateTimeFormat('en', {
      timeZone,
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
      hourCycle: 'h23',
    })
    formats.set(timeZone, format)
  }
  return format
}
