import type { PinMark } from '@creatorflow/shared/live-state'
import { columnsOf } from '@creatorflow/shared/test/cells'
import { describe, expect, it } from 'vitest'
import { calculateProducts, pinnedProduct } from '#lib/products/table.ts'
import {
  columnPixels,
  columnsFor,
  NAME_PIXELS,
  nextSorting,
  pathOfPins,
  type Sorting,
  sortRows,
} from './calculate.ts'

const products = {
  product_rows: { coat: 0, ring: 1, scarf: 2 },
  product_names: ['Wool coat', '', 'Silk scarf'],
  products: columnsOf([
    { gmv: 900, product_clicks: 10, sku_orders: 3 },
    { product_clicks: 4 },
    { gmv: 100 },
  ]),
  products_other: {},
}
const marks: PinMark[] = [
  { ts: 100, id: 'a', product_id: 'coat' },
  { ts: 150, id: 'b', product_id: 'ring' },
  { ts: 160, id: 'c', product_id: null },
  { ts: 180, id: 'd', product_id: 'ring' },
]
const pins = {
  pin_rows: { a: 0, d: 1 },
  pins: columnsOf([
    { product_impressions: 400, product_clicks: 8, sku_orders: 3, gmv: 900 },
    { product_clicks: 1 },
  ]),
}
const live = { ...products, ...pins, pin_marks: marks }
const onAir = { started_at: 100, ended_at: null }
const stock = { coat: 9 }

describe('products', () => {
  it('[PAGE-10] the pinned product leads, then GMV decides, then clicks', () => {
    const { rows, other } = calculateProducts(live, stock, onAir, 200)
    expect(rows.map(({ id }) => id)).toEqual(['ring', 'coat', 'scarf'])
    expect(rows.map(({ pinnedNow }) => pinnedNow)).toEqual([true, false, false])
    expect(other).toBeNull()
  })

  it('[PAGE-10] unreported values are null, and a product without a name shows its id', () => {
    const [ring, coat, scarf] = calculateProducts(live, stock, onAir, 200).rows
    expect(ring).toMatchObject({ name: 'ring', stock: null, coRate: 0 })
    expect(coat).toMatchObject({ name: 'Wool coat', stock: 9, coRate: 0.3, gmv: 900, clicks: 10 })
    expect(scarf?.coRate).toBeNull()
  })

  it('[PAGE-10] a pin lasts until the next mark, the last one until the end or now', () => {
    const { rows } = calculateProducts(live, stock, onAir, 200)
    expect(rows[0]?.pins).toEqual([
      { from: 0.5, to: 0.6 },
      { from: 0.8, to: 1 },
    ])
    expect(rows[1]?.pins).toEqual([{ from: 0, to: 0.5 }])
  })

  it('[PAGE-10] after the end nothing is pinned now', () => {
    expect(pinnedProduct(marks, onAir)).toBe('ring')
    expect(pinnedProduct(marks, { ...onAir, ended_at: 190 })).toBeNull()
    expect(pinnedProduct([], onAir)).toBeNull()
  })

  it('[PAGE-10] products beyond the limit are one row', () => {
    const products_other = { gmv: 50, product_clicks: 2 }
    const { other } = calculateProducts({ ...live, products_other }, stock, onAir, 200)
    expect(other).toEqual({ clicks: 2, gmv: 50 })
  })

  it("[PAGE-10] a row has the fold's counts of the product", () => {
    const tea = {
      product_impressions: 900,
      product_clicks: 40,
      add_to_carts: 9,
      sku_orders: 4,
      items_sold: 6,
      gmv: 12_00,
    }
    const [row] = calculateProducts(
      { ...live, products: columnsOf([tea]), product_rows: { tea: 0 } },
      {},
      onAir,
      200,
    ).rows
    expect(row).toMatchObject({ impressions: 900, clicks: 40, carts: 9, orders: 4, sold: 6 })
    expect(row).toMatchObject({ gmv: 12_00, coRate: 0.1, stock: null })
  })

  it('[PAGE-10] each pin is a segment with its own numbers, the newest first', () => {
    const { rows } = calculateProducts(live, stock, onAir, 200)
    expect(rows[0]?.segments).toEqual([
      { id: 'd', from: 180, to: null, clicks: 1, orders: 0, gmv: 0, gpm: null },
      { id: 'b', from: 150, to: 160, clicks: 0, orders: 0, gmv: 0, gpm: null },
    ])
    expect(rows[1]?.segments).toEqual([
      { id: 'a', from: 100, to: 150, clicks: 8, orders: 3, gmv: 900, gpm: 2_250 },
    ])
    const ended = calculateProducts(live, stock, { ...onAir, ended_at: 190 }, 200)
    expect(ended.rows.find(({ id }) => id === 'ring')?.segments[0]?.to).toBe(190)
  })

  it('[PAGE-10] a column sorts best first, then worst first, then not at all', () => {
    const { rows } = calculateProducts(live, stock, onAir, 200)
    const ids = (sorting: Sorting | null) => sortRows(rows, sorting).map(({ id }) => id)
    const first = nextSorting(null, 'gmv')
    expect(ids(first)).toEqual(['coat', 'scarf', 'ring'])
    const second = nextSorting(first, 'gmv')
    expect(ids(second)).toEqual(['ring', 'scarf', 'coat'])
    expect(nextSorting(second, 'gmv')).toBeNull()
    expect(ids(null)).toEqual(['ring', 'coat', 'scarf'])
    expect(nextSorting(first, 'name')).toEqual({ column: 'name', descending: false })
    expect(ids({ column: 'name', descending: false })).toEqual(['ring', 'scarf', 'coat'])
  })

  it('[PAGE-10] unknown values come last in either direction', () => {
    const { rows } = calculateProducts(live, stock, onAir, 200)
    for (const descending of [true, false]) {
      const sorted = sortRows(rows, { column: 'stock', descending })
      expect(sorted.map(({ id }) => id)).toEqual(['coat', 'ring', 'scarf'])
    }
  })
})

it('[PAGE-10] even a pin of seconds is visible, and none leaves its box', () => {
  expect(pathOfPins([])).toBe('')
  expect(pathOfPins([{ from: 0.25, to: 0.5 }])).toBe('M250 0h250v10h-250z')
  expect(pathOfPins([{ from: 0.999, to: 1 }])).toBe('M970 0h30v10h-30z')
})

it('[PAGE-10] a narrower table drops the least needed columns, never the names', () => {
  expect([...columnsFor(1_200, true)]).toHaveLength(6)
  expect([...columnsFor(560, true)]).toEqual(['orders', 'coRate'])
  expect([...columnsFor(362, true)]).toEqual([])
  for (let width = 480; width < 1_400; width++) {
    const chosen = [...columnsFor(width, true)]
    const { gmv, stock, act } = columnPixels
    const taken = chosen.reduce((sum, column) => sum + columnPixels[column], gmv + stock + act)
    expect(width - taken).toBeGreaterThanOrEqual(NAME_PIXELS)
    // What a wider one has, it has too.
    expect(columnsFor(width + 1, true).size).toBeGreaterThanOrEqual(chosen.length)
  }
})
