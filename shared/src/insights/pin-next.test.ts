import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Candidate, pinNext } from './pin-next.ts'

const NOW = 100 * 60_000
const product = (id: string, more: Partial<Candidate> = {}): Candidate => ({
  id,
  clicks: 200,
  orders: 10,
  stock: null,
  pinnedNow: false,
  unpinnedAt: null,
  rising: null,
  ...more,
})
const ids = (products: readonly Candidate[]) => pinNext(products, NOW).map(({ id }) => id)

describe('what to pin next', () => {
  it('[COMPARE-7] the best rate leads, and rising clicks lift a product', () => {
    const steady = [product('a', { orders: 12 }), product('b', { orders: 20 }), product('c')]
    expect(ids(steady)).toEqual(['b', 'a', 'c'])
    expect(ids([product('a', { orders: 12, rising: true }), product('b', { orders: 14 })])).toEqual(
      ['a', 'b'],
    )
  })

  it('[COMPARE-7] a few lucky clicks do not lead', () => {
    const lucky = product('lucky', { clicks: 20, orders: 3 })
    const proven = product('proven', { clicks: 900, orders: 100 })
    expect(ids([lucky, proven, product('c', { clicks: 900, orders: 10 })])[0]).toBe('proven')
    expect(ids([product('a', { clicks: 19, orders: 19 })])).toEqual([])
  })

  it('[COMPARE-7] never the current pin, a recent pin, or a nearly sold-out product', () => {
    const lately = NOW - 9 * 60_000
    expect(
      ids([
        product('now', { pinnedNow: true }),
        product('lately', { unpinnedAt: lately }),
        product('few', { stock: 4 }),
      ]),
    ).toEqual([])
    expect(ids([product('long ago', { unpinnedAt: NOW - 10 * 60_000, stock: 5 })])).toHaveLength(1)
  })

  it('[COMPARE-7] says why', () => {
    const silk = product('silk', {
      orders: 18,
      rising: true,
      stock: 38,
      unpinnedAt: NOW - 24 * 60_000,
    })
    const [best] = pinNext([silk, product('other', { orders: 2 })], NOW)
    expect(best).toEqual({
      id: 'silk',
      reasons: [
        { kind: 'rising' },
        { kind: 'rate', rate: 0.09, all: 0.05 },
        { kind: 'unpinned', minutes: 24 },
        { kind: 'stock', left: 38 },
      ],
    })
    expect(pinNext([product('a')], NOW)[0]?.reasons).toContainEqual({
      kind: 'unpinned',
      minutes: null,
    })
  })

  it('[COMPARE-7] the order of products changes nothing; at most three are suggested', () => {
    const candidate = fc.record({
      clicks: fc.integer({ min: 0, max: 60 }),
      orders: fc.integer({ min: 0, max: 5 }),
      stock: fc.option(fc.integer({ min: 0, max: 10 })),
      pinnedNow: fc.boolean(),
      unpinnedAt: fc.option(fc.integer({ min: 0, max: NOW })),
      rising: fc.option(fc.boolean()),
    })
    fc.assert(
      fc.property(fc.array(candidate, { maxLength: 12 }), (made) => {
        const products = made.map((one, at) => ({ ...one, id: `p${at}` }))
        const next = pinNext(products, NOW)
        expect(next.length).toBeLessThanOrEqual(3)
        expect(pinNext(products.toReversed(), NOW)).toEqual(next)
        for (const { id } of next) {
          const one = products.find((product) => product.id === id)
          expect(one?.pinnedNow).toBe(false)
          expect(one?.stock ?? 5).toBeGreaterThanOrEqual(5)
        }
      }),
    )
  })
})
