import { describe, expect, it } from 'vitest'
import { formatDate, formatMoment, formatTime, formatWhen } from './when.ts'

const now = Date.UTC(2026, 10, 20, 21, 30)
const minute = 60_000
const day = 86_400_000

describe('times of settings', () => {
  it.each([
    [0, 'now'],
    [-20_000, 'now'],
    [-3 * minute, '3 minutes ago'],
    [-5 * 60 * minute, '5 hours ago'],
    [-day, 'yesterday'],
    [7 * day, 'in 7 days'],
    [40 * day, 'Dec 30, 2026'],
    [-400 * day, 'Oct 16, 2025'],
  ])('[PAGE-4] %i ms away is %s', (away, words) => {
    expect(formatWhen(now + away, now, 'en-US')).toBe(words)
  })

  it('[PAGE-4] follows the language of the reader', () => {
    expect(formatWhen(now - 3 * minute, now, 'de')).toBe('vor 3 Minuten')
    expect(formatDate(now, 'de', 'Asia/Tokyo')).toBe('Samstag, 21. November 2026')
    expect(formatMoment(now, 'de', 'UTC')).toBe('20.11.2026, 21:30')
    expect(formatTime(now, 'en-GB', 'UTC')).toBe('21:30')
  })
})
