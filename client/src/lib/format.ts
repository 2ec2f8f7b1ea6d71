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
  const compact = { ...options, notation: 'compact', maximumFractionDigits: 1 } as const
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
  return numberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 }).format(value)
}

/** A share as a percentage; below 1 % with a second digit, since 0.35 % and 0.4 % differ. */
export function formatRatio(ratio: number, { locale }: Pick<Convention, 'locale'>): string {
  const digits = ratio !== 0 && Math.abs(ratio) < 0.01 ? 2 : 1
  return numberFormat(locale, {
    style: 'percent',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(ratio)
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
