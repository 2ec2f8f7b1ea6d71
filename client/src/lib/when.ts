/** The reader's language, not the creator's: settings are about people. */
export const readerLocale = typeof navigator === 'undefined' ? 'en' : navigator.language || 'en'

const steps: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
]
/** Beyond this, a date says more than a number of days. */
const relativeMs = 30 * 86_400_000

/** "3 minutes ago", "in 5 days"; a date if it is long ago or far ahead. */
export function formatWhen(at: number, now: number, locale = readerLocale): string {
  const away = at - now
  if (Math.abs(away) > relativeMs) {
    return new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }).format(at)
  }
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  const [unit, ms] = steps.find(([, length]) => Math.abs(away) >= length) ?? ['second', 0]
  return ms === 0 ? format.format(0, unit) : format.format(Math.round(away / ms), unit)
}

/** Date and time to the minute, in the reader's zone. */
export function formatMoment(at: number, locale = readerLocale, timeZone?: string): string {
  return new Intl.DateTimeFormat(locale, {
    dateStyle: 'medium',
    timeStyle: 'short',
    ...(timeZone && { timeZone }),
  }).format(at)
}

/** "Friday 20 November 2026", in the reader's format. */
export function formatDate(at: number, locale = readerLocale, timeZone?: string): string {
  return new Intl.DateTimeFormat(locale, {
    dateStyle: 'full',
    ...(timeZone && { timeZone }),
  }).format(at)
}

export function formatTime(at: number, locale = readerLocale, timeZone?: string): string {
  return new Intl.DateTimeFormat(locale, {
    timeStyle: 'short',
    ...(timeZone && { timeZone }),
  }).format(at)
}
