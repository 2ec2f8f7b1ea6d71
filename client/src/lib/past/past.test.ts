import type { MetricId } from '@creatorflow/shared/metrics'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { comparisonOf } from './changes.ts'
import { frameOf, pathOf, roundTop } from './curves.ts'

describe('changes', () => {
  const reading = (value: number | null) =>
    value === null
      ? ({ value, stage: 'estimate', reason: 'not reported' } as const)
      : ({ value, stage: 'estimate' } as const)
  const change = (id: MetricId, value: number | null, before: number | null) =>
    comparisonOf(id, { [id]: reading(value) }, { [id]: reading(before) })

  it('[PAST-7] more is better or worse as the catalogue says, and unknown values are no change', () => {
    expect(change('gmv', 150, 100)).toMatchObject({ change: 0.5, direction: 'up', good: true })
    expect(change('refunds', 150, 100)).toMatchObject({ direction: 'up', good: false })
    expect(change('pins', 3, 2)).toMatchObject({ direction: 'up', good: null })
    expect(change('gmv', 5, 0)).toMatchObject({ direction: 'up', good: true, reference: 0 })
    expect(change('ctr', null, 0.2)).toBeNull()
    expect(change('ctr', 0.2, null)).toBeNull()
  })
})

describe('curves', () => {
  it('[PAST-7] both curves share one scale, by minutes since each start', () => {
    const one = { name: 'one', role: 'this' as const, values: [0, 100, null, 40] }
    const other = { name: 'other', role: 'other' as const, values: [180, 0] }
    const frame = frameOf([one, other])
    expect(frame).toEqual({ minutes: 3, top: 200 })
    expect(pathOf(one, frame)).toBe('M0.0 100.00L333.3 50.00M1000.0 80.00')
    expect(pathOf(other, frame)).toBe('M0.0 10.00L333.3 100.00')
    expect(frameOf([])).toEqual({ minutes: 1, top: 1 })
  })

  it('[PAST-7] the top of the scale is round and just above the greatest value', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), (value) => {
        const top = roundTop(value)
        expect(top).toBeGreaterThanOrEqual(value)
        expect(top).toBeLessThan(value * 2.6)
        expect(String(top)).toMatch(/^[125]0*$/)
      }),
    )
  })
})
