import { MINUTE_MS } from '@creatorflow/shared/live-state'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HEAT_LEVELS } from '#lib/ui/heat.ts'
import {
  askedFor,
  calculateProductHeat,
  HEAT_PRODUCTS,
  pageOf,
  productMinutesOf,
} from './product-minutes.ts'

const none = { product_rows: {}, product_names: [] }
const running = { started_at: 100 * MINUTE_MS, ended_at: null }
const iso = (minute: number) => new Date(minute * MINUTE_MS).toISOString()

describe('products by minute', () => {
  test('[PAGE-10] pages cover 30 whole minutes each, back to the start of the LIVE', () => {
    expect(pageOf(running, 100.9 * MINUTE_MS, 0)).toBeNull()
    expect(pageOf(running, 150.5 * MINUTE_MS, 0)).toEqual({ first: 120, last: 149 })
    expect(pageOf(running, 150.5 * MINUTE_MS, 1)).toEqual({ first: 90, last: 119 })
    expect(pageOf(running, 150.5 * MINUTE_MS, 2)).toBeNull()
    const ended = { ...running, ended_at: 130.2 * MINUTE_MS }
    expect(pageOf(ended, 900 * MINUTE_MS, 0)).toEqual({ first: 101, last: 130 })
  })

  test('[PAGE-10] a replay requests a range that covers its page and changes twice an hour', () => {
    const asked = new Set<number>()
    for (let last = 1_000; last < 1_060; last++) {
      const page = { first: last - 29, last }
      const { first, last: end } = askedFor(page, true)
      asked.add(first)
      expect(first <= page.first && end >= page.last).toBe(true)
    }
    expect(asked.size).toBeLessThanOrEqual(3)
    expect(askedFor({ first: 1, last: 30 }, false)).toEqual({ first: 1, last: 30 })
  })

  test('[PAGE-10] only the minutes shown count, for the order too', () => {
    const products = productMinutesOf([
      { key: 'mug', points: [{ at: iso(120), value: 2 }] },
      { key: 'pot', points: [{ at: iso(121), value: 4 }] },
      { key: 'late', points: [{ at: iso(150), value: 99 }] },
      { key: 'none', points: [{ at: iso(120), value: 0 }] },
      { key: null, points: [{ at: iso(120), value: 7 }] },
    ])
    const rows = calculateProductHeat(
      products,
      { product_rows: { mug: 0 }, product_names: ['Mug'] },
      { first: 120, last: 149 },
    )
    expect(rows.map(({ id, name }) => [id, name])).toEqual([
      ['pot', 'pot'],
      ['mug', 'Mug'],
    ])
    expect(rows[1]?.cells[0]).toEqual({ ts: 120 * MINUTE_MS, value: 2, level: 3 })
    expect(rows[0]?.cells).toHaveLength(30)
  })

  test('[PAGE-10] the top 40 products are shown, and only the busiest cell is full', () => {
    const counts = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(counts, (values) => {
        const products = new Map(values.map((value, at) => [`p${at}`, new Map([[5, value]])]))
        const rows = calculateProductHeat(products, none, { first: 0, last: 29 })
        expect(rows).toHaveLength(Math.min(values.length, HEAT_PRODUCTS))
        const shown = rows.map(({ cells }) => cells[5]?.value ?? 0)
        expect(shown).toEqual(values.toSorted((a, b) => b - a).slice(0, HEAT_PRODUCTS))
        expect(rows[0]?.cells[5]?.level).toBe(HEAT_LEVELS)
      }),
    )
  })
})
