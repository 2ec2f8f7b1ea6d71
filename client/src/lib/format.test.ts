import { exponentOf } from '@creatorflow/shared/currency'
import { describe, expect, it } from 'vitest'
import {
  formatAge,
  formatClock,
  formatCount,
  formatDuration,
  formatMoney,
  formatRatio,
  moneyParts,
} from './format.ts'

const money = (minor: number, currency: string, locale = 'en', characters?: number) =>
  formatMoney(minor, { currency, locale }, characters)
// Intl separates with spaces that do not break.
const plain = (text: string) => text.replaceAll(/\s/g, ' ')

describe('format', () => {
  it('[CLI-10] money has the digits of its own currency', () => {
    expect(['USD', 'JPY', 'KWD', 'IDR'].map(exponentOf)).toEqual([2, 0, 3, 2])
    expect(money(829_140, 'USD')).toBe('$8,291.40')
    expect(money(829_140, 'JPY')).toBe('¥829,140')
    expect(plain(money(829_140, 'KWD'))).toBe('KWD 829.140')
    expect(plain(money(829_140, 'EUR', 'de'))).toBe('8.291,40 €')
    expect(money(-5, 'USD')).toBe('-$0.05')
  })

  it('[CLI-10] a compact count is never a rounded one that looks whole', () => {
    const compact = (locale: string) => plain(formatCount(740_741, { locale }, 5))
    expect(['en', 'es', 'de'].map(compact)).toEqual(['741K', '741 mil', '740.741'])
  })

  it('[CLI-10] money that is too long loses its cents first, then becomes compact', () => {
    expect(money(68_621, 'USD', 'en', 8)).toBe('$686.21')
    expect(money(219_300, 'USD', 'en', 8)).toBe('$2,193')
    expect(money(123_456_789, 'USD', 'en', 8)).toBe('$1.23M')
    expect(money(123_456_789, 'USD')).toBe('$1,234,567.89')
  })

  it('[STREAM-1] in streamer mode every amount is the same, whatever its size', () => {
    const hidden = (minor: number, characters?: number) =>
      formatMoney(minor, { currency: 'USD', locale: 'en', hidden: true }, characters)
    expect(hidden(5)).not.toMatch(/\d/)
    expect(hidden(123_456_789, 4)).toBe(hidden(5))
  })

  it('[CLI-10] an average in fractions of a minor unit is rounded for the eye alone', () => {
    expect(money(3874.6, 'USD')).toBe('$38.75')
  })

  it('[CLI-10] parts join to the same text', () => {
    const parts = moneyParts(829_140, { currency: 'USD', locale: 'en' })
    expect(parts[0]).toEqual({ type: 'currency', value: '$' })
    expect(parts.map(({ value }) => value).join('')).toBe('$8,291.40')
  })

  it('[CLI-11] shares, counts, lengths and ages', () => {
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

  it('[CLI-11] times are of the creator’s zone, also off the hour', () => {
    const ts = Date.UTC(2026, 10, 20, 20, 3, 12)
    expect(formatClock(ts, { locale: 'en', timeZone: 'Europe/Berlin' }, true)).toBe('21:03:12')
    expect(formatClock(ts, { locale: 'en', timeZone: 'Asia/Kathmandu' })).toBe('01:48')
  })
})
