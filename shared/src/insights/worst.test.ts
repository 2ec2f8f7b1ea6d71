import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MetricId } from '../metrics.ts'
import { type Candidate, spreadsBelow, WORST_AFTER_MINUTES, worstOf } from './worst.ts'

const usual = { q1: 80, median: 100, q3: 120 }
const candidate = (metric: MetricId, value: number): Candidate => ({ metric, value, usual })

describe('the worst metric', () => {
  it('[COMPARE-3] is the one most usual spreads below its median', () => {
    expect(spreadsBelow(60, usual)).toBe(1)
    expect(spreadsBelow(140, usual)).toBe(-1)
    expect(
      worstOf([candidate('gmv', 55), candidate('ctr', 40), candidate('likes', 130)], 20),
    ).toEqual({
      metric: 'ctr',
      spreads: 1.5,
    })
  })

  it('[COMPARE-3] is none in the first minutes, or while all are near their usual', () => {
    expect(worstOf([candidate('ctr', 0)], WORST_AFTER_MINUTES - 1)).toBeNull()
    expect(worstOf([candidate('ctr', 0)], WORST_AFTER_MINUTES)?.metric).toBe('ctr')
    expect(worstOf([candidate('gmv', 61), candidate('ctr', 200)], 20)).toBeNull()
    expect(worstOf([], 20)).toBeNull()
  })

  it('[COMPARE-3] three similar LIVEs do not make a small difference bad', () => {
    const alike = { q1: 100, median: 100, q3: 100 }
    expect(worstOf([{ metric: 'gmv', value: 95, usual: alike }], 20)).toBeNull()
    expect(worstOf([{ metric: 'gmv', value: 89, usual: alike }], 20)?.metric).toBe('gmv')
    expect(spreadsBelow(0, { q1: 0, median: 0, q3: 0 })).toBe(0)
  })

  it('[COMPARE-3] does not switch to one that is hardly worse, and stays a little longer', () => {
    const both = [candidate('gmv', 58), candidate('ctr', 55)]
    expect(worstOf(both, 20)?.metric).toBe('ctr')
    expect(worstOf(both, 20, 'gmv')?.metric).toBe('gmv')
    expect(worstOf([candidate('gmv', 58), candidate('ctr', 40)], 20, 'gmv')?.metric).toBe('ctr')
    expect(worstOf([candidate('gmv', 65)], 20, 'gmv')?.metric).toBe('gmv')
    expect(worstOf([candidate('gmv', 65)], 20)).toBeNull()
    expect(worstOf([candidate('gmv', 75)], 20, 'gmv')).toBeNull()
  })

  it('[COMPARE-3] is always one of those below their usual', () => {
    const value = fc.double({ min: 0, max: 1e6, noNaN: true })
    const metrics = ['gmv', 'ctr', 'likes', 'shares'] as const
    const spread = fc.tuple(value, value, value).map((values) => {
      const [q1 = 0, median = 0, q3 = 0] = values.sort((a, b) => a - b)
      return { q1, median, q3 }
    })
    const list = fc.array(fc.record({ value, usual: spread }), { maxLength: 4 })
    fc.assert(
      fc.property(list, fc.option(fc.constantFrom(...metrics)), (values, held) => {
        const candidates = values.map((one, at) => ({ ...one, metric: metrics[at] ?? 'gmv' }))
        const worst = worstOf(candidates, 30, held)
        if (!worst) return
        const found = candidates.find(({ metric }) => metric === worst.metric)
        expect(found?.value).toBeLessThan(found?.usual.median ?? 0)
        const most = Math.max(...candidates.map((one) => spreadsBelow(one.value, one.usual)))
        expect(most - worst.spreads).toBeLessThanOrEqual(0.25)
      }),
    )
  })
})
