import { describe, expect, it } from 'vitest'
import {
  bestOf,
  calculatePowerHours,
  type Hour,
  LEAST_LIVES,
  LEAST_SECONDS,
} from './power-hours.ts'

const hour = (weekday: number, at: number, more: Partial<Hour>): Hour => ({
  weekday,
  hour: at,
  seconds: 3_600,
  lives: 2,
  gmv: 0,
  main_orders: 0,
  average_viewers: null,
  ...more,
})

describe('power hours', () => {
  it('[COMPARE-4] an hour of the week is rated by its sales per hour on air', () => {
    const hours = [
      // Four LIVEs there sold most in total, and least per hour.
      hour(1, 20, { gmv: 40_000, seconds: 4 * 3_600, lives: 4 }),
      hour(4, 21, { gmv: 15_000, seconds: 1_800, average_viewers: 80 }),
      hour(7, 0, { gmv: 0 }),
    ]
    const rows = calculatePowerHours(hours, 'gmv')
    expect(rows).toHaveLength(7)
    expect(rows.every((cells) => cells.length === 24)).toBe(true)
    expect(rows[0]?.[20]).toMatchObject({ value: 10_000 })
    expect(rows[3]?.[21]).toMatchObject({ value: 30_000 })
    expect(rows[6]?.[0]).toMatchObject({ value: 0 })
    expect(rows[2]?.[2]).toMatchObject({ value: null, known: undefined })
    expect(bestOf(rows)).toMatchObject({ weekday: 4, hour: 21 })
    expect(calculatePowerHours(hours, 'average_viewers')[3]?.[21]?.value).toBe(80)
  })

  it.each([
    ['a moment on air', { seconds: LEAST_SECONDS - 1 }],
    ['a single LIVE', { lives: LEAST_LIVES - 1 }],
  ])('[COMPARE-4] %s is unknown, which differs from no sales', (_, more) => {
    const rows = calculatePowerHours([hour(1, 20, { gmv: 9_000, ...more })], 'gmv')
    expect(rows[0]?.[20]).toMatchObject({ value: null, known: { gmv: 9_000 } })
    expect(bestOf(rows)).toBeUndefined()
  })

  it('[COMPARE-4] without a LIVE no hour is the best', () => {
    expect(bestOf(calculatePowerHours([], 'gmv'))).toBeUndefined()
  })
})
