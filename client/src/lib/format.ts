import type { Creator } from '@creatorflow/shared/creator'
import { exponentOf } from '@creatorflow/shared/currency'
import {
  isNoChange,
  ratioDigits,
  roundAway,
  shownDifference,
  shownRatio,
} from '@creatorflow/shared/insights/shown'
import type { Unit } from '@creatorflow/shared/metrics'
import { m } from '#messages'

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

/** A value of the catalogue for programs that read the page; nothing where streamer mode hides it. */
export function bareValue(
  value: number | null | undefined,
  unit: Unit,
  { hidden }: Pick<Convention, 'hidden'>,
): number | '' {
  return hidden && unit === 'money' ? '' : (value ?? '')
}

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

/** An estimate of money: three digits, and no cents from 100 on. */
export function formatAbout(minor: number, convention: MoneyConvention): string {
  const { locale, currency, hidden } = convention
  if (hidden) return HIDDEN_AMOUNT
  const major = toMajor(minor, currency)
  return numberFormat(locale, {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    maximumSignificantDigits: 3,
  }).format(major)
}

/**
 * How the amounts of one column are written: all with cents while every one fits into `characters`, else all without;
 * one that is too long even then is compact.
 */
export function moneyColumn(
  amounts: readonly number[],
  convention: MoneyConvention,
  characters: number,
): (minor: number) => string {
  const most = amounts.reduce((most, one) => Math.max(most, Math.abs(one)), 0)
  if (convention.hidden || formatMoney(most, convention).length <= characters) {
    return (minor) => formatMoney(minor, convention)
  }
  const { locale, currency } = convention
  const whole = numberFormat(locale, {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    maximumFractionDigits: 0,
  })
  return (minor) => {
    const text = whole.format(toMajor(minor, currency))
    return text.length <= characters ? text : formatMoney(minor, convention, characters)
  }
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

/** A count, in whole orders and people; one that would be longer than `characters` is written compactly. */
export function formatCount(
  value: number,
  { locale }: Pick<Convention, 'locale'>,
  characters = Number.POSITIVE_INFINITY,
): string {
  const plain = numberFormat(locale, { maximumFractionDigits: 0 }).format(value)
  if (plain.length <= characters) return plain
  return numberFormat(locale, COMPACT).format(value)
}

/** A share as a percentage; unless told, below 1 % with a second digit, since 0.35 % and 0.4 % differ. */
export function formatRatio(
  ratio: number,
  { locale }: Pick<Convention, 'locale'>,
  digits = ratioDigits(ratio),
): string {
  return numberFormat(locale, {
    style: 'percent',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(ratio)
}

/** A difference of two shares in percentage points; tenths, and hundredths where they say more. */
export function formatPoints(difference: number, { locale }: Pick<Convention, 'locale'>): string {
  const hundredths = Math.round(Math.abs(difference) * 1e4)
  const digits = hundredths % 10 === 0 ? 1 : 2
  return numberFormat(locale, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(difference * 100)
}

/** A value as it is written: what its digits say, in its own unit. */
export function asShown(
  value: number,
  unit: Unit,
  convention: Pick<Convention, 'currency' | 'locale'>,
  characters = Number.POSITIVE_INFINITY,
): number {
  switch (unit) {
    case 'money': {
      const minor = roundAway(value)
      const inFull = formatMoney(minor, convention).length <= characters
      const whole = 10 ** exponentOf(convention.currency)
      return inFull ? minor : roundAway(value / whole) * whole
    }
    case 'ratio':
      return shownRatio(value)
    case 'seconds':
      return Math.floor(value)
    case 'count':
    case 'diamonds':
      return roundAway(value)
  }
}

/** The difference of two values as both are written, so that whoever subtracts one from the other finds it. */
export function differenceAsShown(
  value: number,
  other: number,
  unit: Unit,
  convention: Pick<Convention, 'currency' | 'locale'>,
  characters?: number,
): number {
  const shown = (one: number) => asShown(one, unit, convention, characters)
  return shownDifference(shown(value), shown(other))
}

/** A change too small to be written is none: it has no arrow and no colour. */
export const NO_CHANGE = m.app_no_change()

/**
 * A growth as `+18%`, without a sign as `18%`; of more than tenfold the factor says more, up to `×999+`. One that would
 * be written as 0 % is `NO_CHANGE`.
 */
export function formatGrowth(
  ratio: number,
  { locale }: Pick<Convention, 'locale'>,
  signed = true,
): string {
  if (isNoChange(ratio)) return NO_CHANGE
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
  if (whole < 60) return m.app_n_s({ n: whole })
  const minutes = Math.round(whole / 60)
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60]
  if (hours === 0) return m.app_n_min({ n: rest })
  return rest === 0 ? m.app_n_h({ n: hours }) : m.app_h_min({ hours, minutes: rest })
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

/** The length of a LIVE, from its start to its end or now, pauses included: the same on every page. */
export function formatLength(
  live: { readonly started_at: number; readonly ended_at: number | null },
  now: number,
): string {
  return formatSpan(((live.ended_at ?? now) - live.started_at) / 1000)
}

/** The time of day in the creator's zone, by the clock of the creator's language. */
export function formatClock(
  ts: number,
  { locale, timeZone }: Pick<Convention, 'locale' | 'timeZone'>,
  withSeconds = false,
): string {
  return dateFormat(locale, { timeZone, timeStyle: withSeconds ? 'medium' : 'short' }).format(ts)
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

/** An hour of the day: `8 AM`. */
export function formatHour(hour: number, { locale }: Pick<Convention, 'locale'>): string {
  return dateFormat(locale, { timeZone: 'UTC', hour: 'numeric' }).format(Date.UTC(2024, 0, 1, hour))
}

/** How long ago, in as few characters as a list has. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 2) return m.app_now()
  if (seconds < 60) return m.app_n_s({ n: seconds })
  if (seconds < 3600) return m.app_n_min({ n: Math.floor(seconds / 60) })
  if (seconds < 86_400) return m.app_n_h({ n: Math.floor(seconds / 3600) })
  return m.app_n_d({ n: Math.floor(seconds / 86_400) })
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
