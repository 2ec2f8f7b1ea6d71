import { describe, expect, it } from 'vitest'
import { localeChoices, recountWords } from './locales.ts'

describe('settings of a creator', () => {
  it('[COUNT-5] each format is shown by an example, and the current one is among them', () => {
    const choices = localeChoices('de-AT', 'EUR', false)
    expect(choices[0]).toMatchObject({ tag: 'de-AT' })
    expect(choices.find(({ tag }) => tag === 'en-US')?.words).toContain('€1,234.50 · 12/31/26')
    expect(new Set(choices.map(({ tag }) => tag)).size).toBe(choices.length)
    expect(localeChoices('en-US', 'USD', true)).toHaveLength(choices.length - 1)
    expect(localeChoices('en-US', 'USD', true)[0]?.words).toBe('American English')
  })

  it('[COUNT-5] what is recounted is said before it is saved', () => {
    const before = { time_zone: 'UTC', currency: 'USD' }
    expect(recountWords(before, before)).toBe('')
    expect(recountWords(before, { ...before, time_zone: 'Asia/Tokyo' })).toContain('midnight')
    expect(recountWords(before, { ...before, currency: 'EUR' })).toContain('aren’t converted')
    expect(recountWords(before, { time_zone: 'Asia/Tokyo', currency: 'EUR' })).toContain(
      'All past LIVEs are recounted',
    )
  })
})
