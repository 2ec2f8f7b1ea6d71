import type { Totals } from '@creatorflow/shared/live-state'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestApp } from '../../../test/harness.ts'
import { logOf } from '../../../test/log-rows.ts'
import { catalogueTotals, withoutZeros } from '../../../test/sql-oracle.ts'
import {
  connectShop,
  type Delivery,
  lettersOf,
  startShopApp,
  type TestShop,
} from './test/connect.ts'
import { DAY, type ModelDelivery, sales, tell } from './test/model.ts'

const names = [
  'gmv',
  'items_sold',
  'main_orders',
  'created_orders',
  'cancelled_orders',
  'refunds',
  'returned_items',
  'fulfilled_orders',
  'shipped_orders',
  'delivered_orders',
] as const

let app: TestApp
beforeAll(async () => {
  app = await startShopApp()
})
afterAll(() => app?.[Symbol.asyncDispose]())

/** As a shop does: what could not be stored in time is retried under the same id. */
async function sendUntilTaken(shop: TestShop, delivery: Delivery & { id: string }) {
  for (;;) {
    const reply = await shop.deliver(delivery)
    if (reply.status !== 503) return reply
  }
}

async function totalsOf(creatorId: string): Promise<Totals> {
  const all: Readonly<Record<string, number | undefined>> = await catalogueTotals(
    app.database,
    creatorId,
    { day: DAY },
  )
  return withoutZeros(Object.fromEntries(names.map((name) => [name, all[name] ?? 0])))
}

test('[SHOPIFY-4] any deliveries of a shop, in any order and with duplicates, give the right totals', async () => {
  const logs = fc.tuple(sales, fc.constantFrom('USD', 'JPY', 'KWD')).chain(([given, currency]) => {
    const { log, totals } = tell(given, currency)
    const numbered = log.map((delivery, n) => ({ ...delivery, id: `delivery ${n}` }))
    // The same delivery again, and the same news under another id.
    const again = fc
      .tuple(fc.subarray(numbered), fc.subarray(numbered))
      .map(([same, other]) => [
        ...numbered,
        ...same,
        ...other.map((delivery) => ({ ...delivery, id: `${delivery.id} anew` })),
      ])
    return fc.record({
      currency: fc.constant(currency),
      totals: fc.constant(totals),
      sent: again.chain((all) => fc.shuffledSubarray(all, { minLength: all.length })),
    })
  })
  await fc.assert(
    fc.asyncProperty(logs, async ({ currency, totals, sent }) => {
      const shop = await connectShop(app, { currency })
      const replies = await Promise.all(sent.map((delivery) => sendUntilTaken(shop, delivery)))
      expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]))
      await shop.settled()
      expect(await lettersOf(app, shop)).toEqual([])
      expect(await totalsOf(shop.creatorId)).toEqual(withoutZeros(totals))
    }),
    { numRuns: 6, endOnFailure: true },
  )
}, 240_000)

test('[SHOPIFY-1] hundreds of deliveries at once are all answered and all counted', async () => {
  const shop = await connectShop(app)
  const deliveries = Array.from(
    { length: 300 },
    (_, n): ModelDelivery => ({
      topic: 'orders/paid',
      body: {
        id: 7_000_000_000_000 + n,
        created_at: `${DAY}T10:00:00Z`,
        currency: 'USD',
        line_items: [{ id: n + 1, quantity: 2, price: '1.50' }],
      },
    }),
  )
  const replies = await Promise.all(
    deliveries.map((delivery, n) => sendUntilTaken(shop, { ...delivery, id: `burst ${n}` })),
  )
  expect(replies.filter(({ status, text }) => status !== 200 || text !== '')).toEqual([])
  await shop.settled()
  expect(await totalsOf(shop.creatorId)).toMatchObject({
    gmv: 90_000,
    items_sold: 600,
    main_orders: 300,
  })
}, 240_000)

test('[SHOPIFY-2] only ids of people are taken from a payload', async () => {
  const shop = await connectShop(app)
  const log = tell(fc.sample(sales, { seed: 1, numRuns: 1 })[0] ?? [], 'USD').log
  expect(JSON.stringify(log)).toContain('bob@example.com')
  for (const delivery of log) await shop.deliver(delivery)
  await shop.settled()
  const rows = JSON.stringify(await logOf(app.database, shop.creatorId))
  expect(rows).toContain('order_created')
  expect(rows.toLowerCase()).not.toContain('bob')
})
