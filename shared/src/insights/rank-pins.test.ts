import { describe, expect, it } from 'vitest'
import { emptyLive } from '../fold-live.ts'
import { columnsOf } from '../test/cells.ts'
import { rankPins } from './rank-pins.ts'

const start = Date.UTC(2026, 9, 20, 12)
const end = start + 83 * 60_000

describe('pins', () => {
  it('[PAST-9] are ranked by sales, each until the next mark, GPM only with impressions', () => {
    const live = emptyLive('a', start)
    live.product_rows = { mug: 0 }
    live.product_names = ['Mug']
    live.pin_marks = [
      { ts: start, id: 'one', product_id: 'mug' },
      { ts: start + 60_000, id: 'two', product_id: 'teapot' },
      { ts: start + 90_000, id: 'off', product_id: null },
      { ts: end - 1_000, id: 'last', product_id: 'mug' },
    ]
    live.pin_rows = { one: 0, two: 1 }
    live.pins = columnsOf([
      { gmv: 900, product_clicks: 4, sku_orders: 2, product_impressions: 300 },
      { gmv: 1_200, product_clicks: 3, sku_orders: 1 },
    ])
    const [best, second, none] = rankPins(live, end)
    expect(best).toEqual({
      id: 'two',
      name: 'teapot',
      from: start + 60_000,
      to: start + 90_000,
      clicks: 3,
      orders: 1,
      gmv: 1_200,
      gpm: null,
    })
    expect(second).toMatchObject({ id: 'one', name: 'Mug', to: start + 60_000, gpm: 3_000 })
    expect(none).toMatchObject({ id: 'last', to: end, clicks: 0, gmv: 0 })
  })
})
