const LAST_SECONDS = 10 ** 11
const local = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(\.\d{1,9})?)?)?$/
const withZone = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/i

/**
 * Epoch ms of a time in a file: ISO 8601, with a zone or as a clock in `timeZone` shows it, or whole epoch
 * seconds or milliseconds. A text says why it is none.
 */
export function readTime(text: string, timeZone: string): number | string {
  if (/^\d{9,14}$/.test(text)) {
    const number = Number(text)
    return number < LAST_SECONDS ? number * 1_000 : number
  }
  if (withZone.test(text)) {
    const ts = Date.parse(text.replace(' ', 'T').replace(/([+-]\d\d)(\d\d)$/, '$1:$2'))
    return Number.isNaN(ts) || !isDay(text.slice(0, 10)) ? `there is no time ${text}` : ts
  }
  const found = local.exec(text)
  if (!found) {
    return `${JSON.stringify(text)} is no time: write it like 2026-03-01 18:30:00, with or without a zone`
  }
  const [, day = '', minutes = '00:00', seconds = '00', fraction = ''] = found
  const shown = Date.parse(`${day}T${minutes}:${seconds}${fraction.slice(0, 4)}Z`)
  if (Number.isNaN(shown) || !isDay(day)) return `there is no time ${text}`
  return ofClock(shown, timeZone) ?? `there is no time ${text} in ${timeZone}: clocks went forward`
}

/** Not the 30th of February, which is NaN or the 2nd of March. */
function isDay(day: string): boolean {
  const ts = Date.parse(day)
  return !Number.isNaN(ts) && new Date(ts).toISOString().startsWith(day)
}

/** The first instant at which a clock in the zone shows this; undefined when it never does. */
function ofClock(shown: number, timeZone: string): number | undefined {
  // Around a change of the clocks the offsets of a day before and a day after are the two that count.
  const candidates = [-1, 1].map((days) => shown - offsetAt(shown + days * 86_400_000, timeZone))
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
