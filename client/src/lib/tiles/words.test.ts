import { compare } from '@creatorflow/shared/insights/compare'
import { describe, expect, it } from 'vitest'
import { changeOf, comparisonInWords } from './words.ts'

const convention = { locale: 'en', currency: 'USD', timeZone: 'UTC' }

describe('a comparison', () => {
  it('[COMPARE-2] is a percentage for sums, points for ratios, and a factor for tenfold growth', () => {
    expect(changeOf('ctr', compare('ctr', 0.3, 0.314), convention)).toBe('1.4 pts')
    expect(changeOf('gmv', compare('gmv', 120, 100), convention)).toBe('20%')
    expect(changeOf('gmv', compare('gmv', 1_099, 100), convention)).toBe('999%')
    expect(changeOf('gmv', compare('gmv', 1_100, 100), convention)).toBe('×11')
    expect(changeOf('gmv', compare('gmv', 200_000, 100), convention)).toBe('×999+')
    expect(changeOf('gmv', compare('gmv', 120, 0), convention)).toBe('from 0')
    expect(changeOf('gmv', compare('gmv', 100, 100), convention)).toBe('no change')
  })

  it('[COMPARE-2] is worded without relying on arrow or color', () => {
    const say = (metric: 'gmv' | 'ctr', value: number, reference: number) =>
      comparisonInWords(metric, compare(metric, value, reference), 'the last LIVE', convention)
    expect(say('gmv', 12_000, 10_000)).toBe('20% above the last LIVE ($100.00)')
    expect(say('gmv', 110_000, 10_000)).toBe('11 times the last LIVE ($100.00)')
    expect(say('ctr', 0.3, 0.314)).toBe('1.4 percentage points below the last LIVE (31.4%)')
    expect(say('gmv', 100, 100)).toBe('the same as the last LIVE ($1.00)')
    expect(say('gmv', 100, 0)).toBe('above the last LIVE (0)')
  })
})
