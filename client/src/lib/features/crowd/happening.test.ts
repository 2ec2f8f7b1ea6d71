import type { Happening } from '@creatorflow/shared/live-state'
import { describe, expect, it } from 'vitest'
import { calculateHappening } from './happening.ts'

function recent(happenings: readonly Omit<Happening, 'id'>[]): Record<string, Happening> {
  return Object.fromEntries(
    happenings.map((happening, at) => [`e${at}`, { ...happening, id: `e${at}` }]),
  )
}

const products = { product_rows: { p1: 0 }, product_names: ['Silk scarf'] }

describe('happening', () => {
  it('[PAGE-11] newest first, with the product’s name if the event has none', () => {
    const rows = calculateHappening(
      {
        ...products,
        recent: recent([
          { ts: 1, type: 'payment_completed', product_id: 'p1', quantity: 2, money: 4_900 },
          { ts: 2, type: 'gift', label: 'Rose', quantity: 50 },
          { ts: 3, type: 'product_pinned', product_id: 'p9' },
        ]),
      },
      30,
    )
    expect(rows.map(({ subject }) => subject)).toEqual(['p9', 'Rose', 'Silk scarf'])
    expect(rows[2]).toMatchObject({ quantity: 2, money: 4_900 })
    expect(rows[1]?.money).toBeNull()
  })

  it('[PAGE-11] neighboring counts merge into one row, orders never do', () => {
    const rows = calculateHappening(
      {
        ...products,
        recent: recent([
          { ts: 1, type: 'payment_completed' },
          { ts: 2, type: 'payment_completed' },
          { ts: 3, type: 'comment' },
          { ts: 4, type: 'comment', quantity: 3 },
          { ts: 5, type: 'gift', label: 'Rose', quantity: 2 },
          { ts: 6, type: 'gift', label: 'Rose' },
          { ts: 7, type: 'gift', label: 'Petal' },
        ]),
      },
      30,
    )
    expect(rows.map(({ type, quantity }) => [type, quantity])).toEqual([
      ['gift', 1],
      ['gift', 3],
      ['comment', 4],
      ['payment_completed', 1],
      ['payment_completed', 1],
    ])
  })

  it('[PAGE-11] a row names who did it, unless it stands for several', () => {
    const gift = { type: 'gift', label: 'Rose' }
    const rows = (users: readonly string[]) =>
      calculateHappening(
        { ...products, recent: recent(users.map((user_id, ts) => ({ ...gift, ts, user_id }))) },
        30,
      ).map(({ userId, quantity }) => [userId, quantity])
    expect(rows(['anna', 'anna'])).toEqual([['anna', 2]])
    expect(rows(['anna', 'ben', 'anna'])).toEqual([[null, 3]])
  })

  it('[PAGE-11] a row that grows stays the same row', () => {
    const comments = recent([1, 2, 3].map((ts) => ({ ts, type: 'comment' })))
    const { e0, e1, ...rest } = comments
    const idOf = (held: Record<string, Happening>) =>
      calculateHappening({ ...products, recent: held }, 30).map(({ id, ts }) => [id, ts])
    expect(idOf({ e0, e1 } as Record<string, Happening>)).toEqual([['e0', 2]])
    expect(idOf({ e0, e1, ...rest } as Record<string, Happening>)).toEqual([['e0', 3]])
  })

  it('[PAGE-11] is bounded', () => {
    const many = Array.from({ length: 50 }, (_, ts) => ({ ts, type: 'payment_completed' }))
    expect(calculateHappening({ ...products, recent: recent(many) }, 30)).toHaveLength(30)
  })
})
