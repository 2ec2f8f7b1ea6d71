import { MINUTE_MS } from '@creatorflow/shared/live-state'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HEAT_LEVELS } from '#lib/ui/heat.ts'
import { activities, calculateHeatMap, HEAT_MINUTES } from './calculate.ts'

const minutes = (likes: readonly number[], minutes_from: number) => ({
  minutes: { likes: [...likes] },
  minutes_from,
})

describe('heat map', () => {
  it('[PAGE-10] shows the last 30 minutes, each row by its own busiest minute', () => {
    const rows = calculateHeatMap(minutes([9, 1, 0, 100], 1_000), 1_003.5 * MINUTE_MS)
    expect(rows.map(({ label }) => label)).toEqual(activities.map(({ label }) => label))
    const likes = rows.find(({ metric }) => metric === 'likes')
    expect(likes?.greatest).toBe(100)
    expect(likes?.cells).toHaveLength(HEAT_MINUTES)
    expect(likes?.cells.slice(-4)).toEqual([
      { ts: 1_000 * MINUTE_MS, value: 9, level: 1 },
      { ts: 1_001 * MINUTE_MS, value: 1, level: 1 },
      { ts: 1_002 * MINUTE_MS, value: 0, level: 0 },
      { ts: 1_003 * MINUTE_MS, value: 100, level: HEAT_LEVELS },
    ])
  })

  it('[PAGE-10] zero is level 0, anything above is visible, the busiest minute is full', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(10_000), { minLength: 1, maxLength: 30 }), (likes) => {
        const until = (2_000 + likes.length - 1) * MINUTE_MS
        const row = calculateHeatMap(minutes(likes, 2_000), until)[3]
        for (const { value, level } of row?.cells ?? []) {
          expect(level > 0).toBe(value > 0)
          expect(level === HEAT_LEVELS || value < (row?.greatest ?? 0) || value === 0).toBe(true)
          expect(level).toBeLessThanOrEqual(HEAT_LEVELS)
        }
      }),
    )
  })
})
