import { asUtc, ofClock, type Shown } from './clock.ts'

/** Which comes first in a date that ends with its year: the day or the month. */
export type DateFormat = 'dmy' | 'mdy'

export interface TimeOptions {
  /** For times without a zone. */
  readonly timeZone: string
  /** Undefined if not given: ambiguous dates are then refused. */
  readonly dateFormat: DateFormat | undefined
}

const LAST_SECONDS = 10 ** 11
const yearFirst = /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})$/
const yearLast = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d\d)$/
const compact = /^(\d{4})(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)?)?$/
const monthFirst = /^([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})$/i
const monthInside = /^(\d{1,2})(?:st|nd|rd|th)?[- ]([a-z]{3,9})\.?,?[- ](\d{4})$/i
const weekday = /^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? /i
/** A date, a time of day if present, and a zone if present. */
const parts =
  /^(.+?)(?:(?:,? at |,? |T)(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?: ?([ap])\.?m\.?)?)?(?: ?(Z|(?:UTC|GMT)?[+-]\d{1,2}(?::?\d\d)?|UTC|GMT))?$/i
const months = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')
const monthNames =
  'january february march april may june july august september october november december'.split(' ')

/** Days from 1899-12-30, where spreadsheets count from, to 1970. */
const SERIAL_OF_1970 = 25_569
/** 2016 to 2100, like every accepted time. */
const serials = { first: 42_370, end: 73_051 } as const

/**
 * Epoch ms of a time in a file: a date with its year first or its month in English, ISO 8601, with a zone or
 * as a clock in `timeZone` shows it; epoch seconds or milliseconds; a spreadsheet's serial number. Text says
 * why it is not a time.
 */
export function readTime(text: string, options: TimeOptions): number | string {
  if (/^\d{9,13}$/.test(text)) {
    const number = Number(text)
    return number < LAST_SECONDS ? number * 1_000 : number
  }
  const serial = serialOf(text)
  if (serial !== undefined) return clockTime(serial, text, options.timeZone)
  const split = splitTime(text)
  if (!split) return noTime(text)
  const { date, clock, zone } = split
  const day = dateOf(date, options.dateFormat)
  if (day === undefined) return isUnclearDate(text) ? unclear(text) : noTime(text)
  const shown = asUtc({ ...day, ...clock })
  if (shown === undefined) return `not a valid time: ${text}${formatHint(date, options.dateFormat)}`
  const offset = zone === undefined ? undefined : offsetOf(zone)
  return offset === undefined ? clockTime(shown, text, options.timeZone) : shown - offset
}

/** Whether the text does not show if the day or the month comes first. */
export function isUnclearDate(text: string): boolean {
  const split = splitTime(text)
  return split !== undefined && yearLast.test(split.date)
}

function clockTime(shown: number, text: string, timeZone: string): number | string {
  return ofClock(shown, timeZone) ?? `${text} does not exist in ${timeZone}: clocks went forward`
}

interface Split {
  readonly date: string
  readonly clock: Pick<Shown, 'hour' | 'minute' | 'second' | 'ms'>
  readonly zone: string | undefined
}

function splitTime(text: string): Split | undefined {
  const spaced = text.replace(/\s+/g, ' ').replace(weekday, '')
  const found = parts.exec(spaced)
  if (!found) return undefined
  const [, date = '', hour, minute, second = '0', fraction = '', half, zone] = found
  // An offset belongs to a time of day: 2026-11-13 alone ends with one that is not.
  if (hour === undefined) return { date: spaced, clock: {}, zone: undefined }
  const twelve = half === undefined ? undefined : Number(hour)
  if (twelve !== undefined && (twelve < 1 || twelve > 12)) return undefined
  const late = half?.toLowerCase() === 'p' ? 12 : 0
  const clock = {
    hour: twelve === undefined ? Number(hour) : (twelve % 12) + late,
    minute: Number(minute),
    second: Number(second),
    ms: Number(fraction.slice(0, 3).padEnd(3, '0')),
  }
  return { date, clock, zone }
}

function dateOf(text: string, format: DateFormat | undefined): Shown | undefined {
  const [, y1, , m1, d1] = yearFirst.exec(text) ?? []
  if (y1 !== undefined) return numbers(y1, m1, d1)
  const [, y2, m2, d2, hour = '0', minute = '0', second = '0'] = compact.exec(text) ?? []
  if (y2 !== undefined) {
    const clock = { hour: Number(hour), minute: Number(minute), second: Number(second) }
    return { ...numbers(y2, m2, d2), ...clock }
  }
  const [, name1 = '', d3, y3] = monthFirst.exec(text) ?? []
  if (y3 !== undefined) return named(y3, name1, d3)
  const [, d4, name2 = '', y4] = monthInside.exec(text) ?? []
  if (y4 !== undefined) return named(y4, name2, d4)
  const [, first, , second2, year] = yearLast.exec(text) ?? []
  if (year === undefined || format === undefined) return undefined
  const full = year.length === 2 ? `20${year}` : year
  return format === 'mdy' ? numbers(full, first, second2) : numbers(full, second2, first)
}

const numbers = (year: string, month = '', day = ''): Shown => ({
  year: Number(year),
  month: Number(month),
  day: Number(day),
})

function named(year: string, name: string, day = ''): Shown | undefined {
  const known = name.toLowerCase()
  const month = (known.length > 3 ? monthNames : months).indexOf(
    known === 'sept' ? 'september' : known,
  )
  return month < 0 ? undefined : { year: Number(year), month: month + 1, day: Number(day) }
}

/** The clock's reading of a spreadsheet's serial number, as if it were UTC. */
function serialOf(text: string): number | undefined {
  if (!/^\d{5}(?:[.,]\d{1,15})?$/.test(text)) return undefined
  const days = Number(text.replace(',', '.'))
  if (days < serials.first || days >= serials.end) return undefined
  // A fraction of a day is exact only to seconds.
  return Math.round((days - SERIAL_OF_1970) * 86_400) * 1_000
}

function offsetOf(zone: string): number {
  const found = /([+-])(\d{1,2}):?(\d\d)?$/.exec(zone)
  if (!found) return 0
  const [, sign, hours, minutes = '0'] = found
  const ms = (Number(hours) * 60 + Number(minutes)) * 60_000
  return sign === '-' ? -ms : ms
}

const noTime = (text: string): string =>
  `${JSON.stringify(text)} is not a valid time: write it like 2026-03-01 18:30:00, with or without a zone`

const unclear = (text: string): string =>
  `in ${JSON.stringify(text)} the day or the month may come first: add --date-format dmy or mdy`

function formatHint(date: string, format: DateFormat | undefined): string {
  return format !== undefined && yearLast.test(date) ? ` (--date-format ${format})` : ''
}
