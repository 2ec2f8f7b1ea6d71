import type { Creator } from '@creatorflow/shared/creator'
import { exponentOf } from '@creatorflow/shared/currency'
import type { Unit } from '@creatorflow/shared/metrics'

/** What decides how the numbers of one creator are written. */
export interface Convention {
  readonly locale: string
  readonly currency: string
  readonly timeZone: string
  /** Streamer mode: neither money nor names are shown. */
  readonly hidden?: boolean
}

/** How the numbers of a creator are written, in plain English while it is not known; `hidden` in streamer mode. */
export function conventionOf(creator: Creator | undefined, hidden: boolean): Convention {
  return {
    hidden,
    locale: creator?.locale ?? 'en',
    currency: creator?.currency ?? 'USD',
    timeZone: creator?.time_zone ?? 'UTC',
  }
}
type MoneyConvention = Pick<Convention, 'locale' | 'currency' | 'hidden'>

/** In place of every amount in streamer mode: of one width, so that not even the size can be read. */
const HIDDEN_AMOUNT = '••••'

/** Minor units as the amount that people speak of; for drawing, never for sums. */
export function toMajor(minor: number, currency: string): number {
  return minor / 10 ** exponentOf(currency)
}

/** Money in minor units; one that would be longer than `characters` is written compactly. */
export function formatMoney(
  minor: number,
  convention: MoneyConvention,
  characters = Number.POSITIVE_INFINITY,
): string {
  return moneyParts(minor, convention, characters)
    .map(({ value }) => value)
    .join('')
}

/** Three digits, but never a rounded number that looks whole: German writes 740,741 out. */
const COMPACT = {
  notation: 'compact',
  maximumSignificantDigits: 3,
  maximumFractionDigits: 0,
  roundingPriority: 'morePrecision',
} as const

/** As `formatMoney`, in parts, so that the symbol may be drawn smaller. */
export function moneyParts(
  minor: number,
  { locale, currency, hidden }: MoneyConvention,
  characters = Number.POSITIVE_INFINITY,
): Intl.NumberFormatPart[] {
  if (hidden) return [{ type: 'integer', value: HIDDEN_AMOUNT }]
  const options = { style: 'currency', currency, currencyDisplay: 'narrowSymbol' } as const
  const major = toMajor(minor, currency)
  const parts = numberFormat(locale, options).formatToParts(major)
  if (lengthOf(parts) <= characters) return parts
  const whole = numberFormat(locale, { ...options, maximumFractionDigits: 0 }).formatToParts(major)
  if (lengthOf(whole) <= characters) return whole
  const compact = { ...options, ...COMPACT } as const
  return numberFormat(locale, compact).formatToParts(major)
}

/** A count; one that would be longer than `characters` is written compactly. */
export function formatCount(
  value: number,
  { locale }: Pick<Convention, 'locale'>,
  characters = Number.POSITIVE_INFINITY,
): string {
  const plain = numberFormat(locale, { maximumFractionDigits: 1 }).format(value)
  if (plain.length <= characters) return plain
  return numberFormat(locale, COMPACT).format(value)
}

/** A share as a percentage; unless told, below 1 % with a second digit, since 0.35 % and 0.4 % differ. */
export function formatRatio(
  ratio: number,
  { locale }: Pick<Convention, 'locale'>,
  digits = ratio !== 0 && Math.abs(ratio) < 0.01 ? 2 : 1,
): string {
  return numberFormat(locale, {
    style: 'percent',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(ratio)
}

/** A difference of two shares in percentage points. */
export function formatPoints(difference: number, { locale }: Pick<Convention, 'locale'>): string {
  return numberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(
    difference * 100,
  )
}

/** A growth as `+18%`, without a sign as `18%`; of more than tenfold the factor says more, up to `×999+`. */
export function formatGrowth(
  ratio: number,
  { locale }: Pick<Convention, 'locale'>,
  signed = true,
): string {
  const factor = Math.round(ratio + 1)
  if (ratio >= 10) return factor > 999 ? '×999+' : `×${factor}`
  return numberFormat(locale, {
    style: 'percent',
    maximumFractionDigits: 0,
    signDisplay: signed ? 'exceptZero' : 'never',
  }).format(ratio)
}

/** `1 h 23 min`; below an hour `23 min`, below a minute `42 s`. */
export function formatSpan(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  const minutes = Math.round(whole / 60)
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60]
  if (hours === 0) return `${rest} min`
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`
}

/** `1:23:45`, without hours `23:45`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const parts = [Math.floor(whole / 60) % 60, whole % 60].map((part) =>
    String(part).padStart(2, '0'),
  )
  return whole >= 3600 ? [Math.floor(whole / 3600), ...parts].join(':') : parts.join(':')
}

/** A value of the catalogue in its unit. */
export function formatValue(
  value: number,
  unit: Unit,
  convention: Convention,
  characters?: number,
): string {
  switch (unit) {
    case 'money':
      return formatMoney(value, convention, characters)
    case 'ratio':
      return formatRatio(value, convention)
    case 'seconds':
      return formatDuration(value)
    case 'count':
    case 'diamonds':
      return formatCount(value, convention, characters)
  }
}

/** The time of day in the creator's zone. */
export function formatClock(
  ts: number,
  { locale, timeZone }: Pick<Convention, 'locale' | 'timeZone'>,
  withSeconds = false,
): string {
  return dateFormat(locale, {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...(withSeconds && { second: '2-digit' }),
  }).format(ts)
}

/** The date in the creator's zone, as `Fri 20 Nov`. */
export function formatDay(
  ts: number,
  { locale, timeZone }: Pick<Convention, 'locale' | 'timeZone'>,
): string {
  return dateFormat(locale, { timeZone, weekday: 'short', day: 'numeric', month: 'short' }).format(
    ts,
  )
}

/** A day of the week, 1 is Monday: `Mon`. */
export function formatWeekday(weekday: number, { locale }: Pick<Convention, 'locale'>): string {
  // The first of January 2024 was a Monday.
  const at = Date.UTC(2024, 0, weekday)
  return dateFormat(locale, { timeZone: 'UTC', weekday: 'short' }).format(at)
}

/** An hour of the day: `08:00`. */
export function formatHour(hour: number, { locale }: Pick<Convention, 'locale'>): string {
  return formatClock(Date.UTC(2024, 0, 1, hour), { locale, timeZone: 'UTC' })
}

/** How long ago, in as few characters as a list has. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 2) return 'now'
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`
  return `${Math.floor(seconds / 86_400)} d`
}

function lengthOf(parts: readonly Intl.NumberFormatPart[]): number {
  return parts.reduce((length, { value }) => length + value.length, 0)
}

const numberFormats = new Map<string, Intl.NumberFormat>()
const dateFormats = new Map<string, Intl.DateTimeFormat>()

// Making a format costs a hundred times what using it does.
function numberFormat(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${locale} ${JSON.stringify(options)}`
  let format = numberFormats.get(key)
  if (!format) {
    format = new Intl.NumberFormat(locale, options)
    numberFormats.set(key, format)
  }
  return format
}

function dateFormat(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${JSON.stringify(options)}`
  let format = dateFormats.get(key)
  if (!format) {
    format = new Intl.DateTimeFormat(locale, options)
    dateFormats.set(key, format)
  }
  return format
}
