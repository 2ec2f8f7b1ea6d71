import { exponentOf } from '@creatorflow/shared/currency'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  differenceAsShown,
  formatAbout,
  formatAge,
  formatClock,
  formatCount,
  formatDuration,
  formatGrowth,
  formatHour,
  formatLength,
  formatMoney,
  formatPoints,
  formatRatio,
  formatValue,
  moneyColumn,
  moneyParts,
} from './format.ts'
import { formatMoment, formatTime } from './when.ts'

const money = (minor: number, currency: string, locale = 'en', characters?: number) =>
  formatMoney(minor, { currency, locale }, characters)
// Intl uses non-breaking spaces.
const plain = (text: string) => text.replaceAll(/\s/g, ' ')

describe('format', () => {
  it('[PAGE-4] money has the digits of its own currency', () => {
    expect(['USD', 'JPY', 'KWD', 'IDR'].map(exponentOf)).toEqual([2, 0, 3, 2])
    expect(money(829_140, 'USD')).toBe('$8,291.40')
    expect(money(829_140, 'JPY')).toBe('¥829,140')
    expect(plain(money(829_140, 'KWD'))).toBe('KWD 829.140')
    expect(plain(money(829_140, 'EUR', 'de'))).toBe('8.291,40 €')
    expect(money(-5, 'USD')).toBe('-$0.05')
  })

  it('[PAGE-4] a compact count never looks exact when it is rounded', () => {
    const compact = (locale: string) => plain(formatCount(740_741, { locale }, 5))
    expect(['en', 'es', 'de'].map(compact)).toEqual(['741K', '741 mil', '740.741'])
  })

  it('[PAGE-4] long amounts drop their cents first, then become compact', () => {
    expect(money(68_621, 'USD', 'en', 8)).toBe('$686.21')
    expect(money(219_300, 'USD', 'en', 8)).toBe('$2,193')
    expect(money(123_456_789, 'USD', 'en', 8)).toBe('$1.23M')
    expect(money(123_456_789, 'USD')).toBe('$1,234,567.89')
  })

  it('[PAGE-4] the amounts of one column all have cents or none do', () => {
    const dollars = { locale: 'en', currency: 'USD' }
    const written = (amounts: number[], characters: number) =>
      amounts.map(moneyColumn(amounts, dollars, characters))
    expect(written([257_600, 91_533], 9)).toEqual(['$2,576.00', '$915.33'])
    expect(written([257_600, 91_533], 8)).toEqual(['$2,576', '$915'])
    expect(written([12_345_678_900, 91_533], 8)).toEqual(['$123M', '$915'])
    expect(written([], 8)).toEqual([])
    expect(moneyColumn([5], { ...dollars, hidden: true }, 8)(5)).not.toMatch(/\d/)
  })

  it('[PAGE-13] in streamer mode every amount looks the same, whatever its size', () => {
    const hidden = (minor: number, characters?: number) =>
      formatMoney(minor, { currency: 'USD', locale: 'en', hidden: true }, characters)
    expect(hidden(5)).not.toMatch(/\d/)
    expect(hidden(123_456_789, 4)).toBe(hidden(5))
  })

  it('[PAGE-4] an average in fractions of a minor unit is rounded only for display', () => {
    expect(money(3874.6, 'USD')).toBe('$38.75')
  })

  it('[PAGE-4] the parts join into the same text', () => {
    const parts = moneyParts(829_140, { currency: 'USD', locale: 'en' })
    expect(parts[0]).toEqual({ type: 'currency', value: '$' })
    expect(parts.map(({ value }) => value).join('')).toBe('$8,291.40')
  })

  it('[PAGE-4] shares, counts, durations and ages are formatted', () => {
    expect(formatRatio(0.3194, { locale: 'en' })).toBe('31.9%')
    expect(formatRatio(0.0035, { locale: 'en' })).toBe('0.35%')
    expect(formatRatio(0, { locale: 'en' })).toBe('0.0%')
    expect(formatCount(61_240, { locale: 'en' })).toBe('61,240')
    expect(formatCount(12_345_678, { locale: 'en' }, 8)).toBe('12.3M')
    expect(formatDuration(5_025)).toBe('1:23:45')
    expect(formatDuration(65.9)).toBe('01:05')
    expect([-5, 1_000, 59_999, 60_000, 7_200_000, 200_000_000].map(formatAge)).toEqual([
      'now',
      'now',
      '59 s',
      '1 min',
      '2 h',
      '2 d',
    ])
  })

  it('[PAGE-4] times are in the creator’s zone, even zones off the hour', () => {
    const ts = Date.UTC(2026, 10, 20, 20, 3, 12)
    expect(formatClock(ts, { locale: 'de', timeZone: 'Europe/Berlin' }, true)).toBe('21:03:12')
    expect(formatClock(ts, { locale: 'en-GB', timeZone: 'Asia/Kathmandu' })).toBe('01:48')
  })

  it.each(['en', 'en-GB', 'de', 'ja', 'ar', 'th', 'pt-BR'])(
    '[PAGE-4] cockpit and settings use the same clock, that of the language: %s',
    (locale) => {
      const ts = Date.UTC(2026, 10, 20, 20, 3, 12)
      expect(formatClock(ts, { locale, timeZone: 'UTC' })).toBe(formatTime(ts, locale, 'UTC'))
      expect(formatMoment(ts, locale, 'UTC')).toContain(formatTime(ts, locale, 'UTC'))
    },
  )

  it('[PAGE-4] American English uses a 12-hour clock', () => {
    const ts = Date.UTC(2026, 10, 20, 20, 3, 12)
    expect(plain(formatClock(ts, { locale: 'en-US', timeZone: 'UTC' }))).toBe('8:03 PM')
    expect(plain(formatHour(3, { locale: 'en' }))).toBe('3 AM')
  })

  it('[PAGE-4] orders and people are whole numbers', () => {
    const counts = [30.1, 121.8, 0.4, 999.6, 12_345.5]
    expect(counts.map((count) => formatCount(count, { locale: 'en' }))).toEqual([
      '30',
      '122',
      '0',
      '1,000',
      '12,346',
    ])
  })

  const any = { locale: 'en', currency: 'USD', timeZone: 'UTC' }

  it.each([
    ['money', 4_606.8, 5_688.6, '10.82'],
    ['money', 5_688.6, 4_606.8, '10.82'],
    ['money', 100.4, 100.3, '0.00'],
  ] as const)('[COMPARE-2] %s of %d and %d differ by %s, as displayed', (unit, a, b, words) => {
    const difference = differenceAsShown(a, b, unit, any)
    expect(formatMoney(Math.abs(difference), any)).toBe(`$${words}`)
  })

  it('[COMPARE-2] a displayed difference equals the difference of the two displayed numbers', () => {
    const units = ['money', 'ratio', 'count'] as const
    const digits = (text: string) => Number(text.replace(/[^\d.-]/g, ''))
    const value = fc.double({ min: 0, max: 5e6, noNaN: true })
    fc.assert(
      fc.property(fc.constantFrom(...units), value, value, (unit, a, b) => {
        const [x, y] = unit === 'ratio' ? [a / 5e6, b / 5e6] : [a, b]
        const difference = differenceAsShown(x, y, unit, any)
        const written =
          unit === 'ratio'
            ? digits(formatPoints(difference, any))
            : digits(formatValue(difference, unit, any))
        const subtracted = digits(formatValue(x, unit, any)) - digits(formatValue(y, unit, any))
        expect(written).toBeCloseTo(subtracted, 6)
      }),
      { numRuns: 2_000 },
    )
  })

  it('[COMPARE-2] differences match even when amounts are shown without cents', () => {
    const difference = differenceAsShown(123_456_750, 100_000_049, 'money', any, 12)
    expect(formatMoney(123_456_750, any, 12)).toBe('$1,234,568')
    expect(formatMoney(100_000_049, any, 12)).toBe('$1,000,000')
    expect(formatMoney(difference, any, 12)).toBe('$234,568.00')
  })

  it('[COMPARE-2] a change that would display as 0% is no change', () => {
    const growth = [0, 0.004, -0.0049, 0.005, -0.006].map((ratio) => formatGrowth(ratio, any))
    expect(growth).toEqual(['no change', 'no change', 'no change', '+1%', '-1%'])
  })

  it('[COUNT-2] a LIVE lasts from its start to its end', () => {
    const live = { started_at: 0, ended_at: 83 * 60_000 }
    expect(formatLength(live, 1e9)).toBe('1 h 23 min')
    expect(formatLength({ ...live, ended_at: null }, 19.4 * 60_000)).toBe('19 min')
  })

  it('[COMPARE-4] an estimated amount has three digits', () => {
    const about = [2_150_295, 126_44, 435, 0].map((minor) => formatAbout(minor, any))
    expect(about).toEqual(['$21,500', '$126', '$4.35', '$0'])
  })
})
