import { describe, expect, it } from 'vitest'
import { differenceInWords } from './words.ts'

describe('funnel', () => {
  it('[METRIC-4] the difference between two steps is worded as counts, not people', () => {
    const words = (value: number, base: number) =>
      differenceInWords('Product clicks', value, 'Views', base, { locale: 'en' })
    expect(words(1_200, 1_484)).toBe('284 fewer product clicks than views')
    expect(words(3_000, 1_484)).toBe('1,516 more product clicks than views')
    expect(words(5, 5)).toBe('As many product clicks as views')
  })
})
