import { randomUUID } from 'node:crypto'
import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { ask, type TestApp } from '../../../test/harness.ts'
import { logOf } from '../../../test/log-rows.ts'
import { serverTenant } from '../../core/rights/authorize.ts'
import { createSealer } from '../../core/seal.ts'
import { deleteCreator } from '../../identity/creators/creators.ts'
import { createInbox } from '../runtime/inbox.ts'
import { findSource } from '../runtime/store.ts'
import { shopify } from './index.ts'
import { signatureOf } from './signature.ts'
import { connectShop, lettersOf, startShopApp, type TestShop } from './test/connect.ts'

const patient = { timeout: 30_000 }
const at = '2025-06-01T10:00:00Z'
const order = {
  id: 9_007_199_254,
  created_at: at,
  currency: 'USD',
  line_items: [{ id: 1, quantity: 2, price: '4.50' }],
}
const paid = { topic: 'orders/paid', body: order }

const idsOf = async (app: TestApp, { creatorId }: TestShop) =>
  (await logOf(app.database, creatorId)).map(({ id }) => id).sort()
const idsOfPaid = ['shopify:9007199254:created', 'shopify:9007199254:paid:1']

async function healthOf(app: TestApp, { sourceId }: TestShop) {
  const [row] = await app.database.query(sql`
    select state, problem, problem_detail, messages, events, set_aside, unknown from sources
    where id = ${sourceId}::uuid`)
  return row
}

describe('a shop and its receiver', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await startShopApp({ env: { MAX_WEBHOOK_BYTES: '20000' } })
  })
  afterAll(() => app?.[Symbol.asyncDispose]())

  test('[SHOPIFY-1] a delivery is answered 200 with an empty body, and the source shows that it receives', async () => {
    const shop = await connectShop(app)
    await expect.poll(() => healthOf(app, shop), patient).toMatchObject({ state: 'waiting' })
    expect(await shop.deliver(paid)).toMatchObject({ status: 200, text: '' })
    await shop.settled()
    expect(await idsOf(app, shop)).toEqual(idsOfPaid)
    await expect
      .poll(() => healthOf(app, shop), patient)
      .toMatchObject({ state: 'receiving', problem: null, messages: 1, events: 2, set_aside: 0 })
  })

  test('[SHOPIFY-1] every refusal is the same 401, and nothing is stored', async () => {
    const shop = await connectShop(app)
    const other = await connectShop(app)
    const headers = (signature: string | undefined) => ({ 'x-shopify-hmac-sha256': signature })
    const bytes = JSON.stringify(order)
    const refused = [
      await shop.deliver({ ...paid, headers: headers('AAAA') }),
      await shop.deliver({ ...paid, headers: headers(undefined) }),
      await ask(app.port, 'POST', shop.path, {}, bytes),
      await ask(app.port, 'POST', shop.path, {}),
      await ask(app.port, 'POST', `/api/v1/webhooks/shopify/${randomUUID()}`, {}, bytes),
      await ask(app.port, 'POST', '/api/v1/webhooks/shopify/x', {}, bytes),
      // Signed, but with another shop's secret.
      await shop.deliver({
        ...paid,
        headers: headers(signatureOf(Buffer.from(bytes), other.secret)),
      }),
    ]
    for (const { status, text } of refused) {
      expect(status).toBe(401)
      expect(text).toBe(refused[0]?.text)
    }
    await shop.settled()
    expect(await idsOf(app, shop)).toEqual([])
  })

  test('[SHOPIFY-1] oversized or compressed bodies are refused before the signature is checked', async () => {
    const shop = await connectShop(app)
    const large = JSON.stringify({ ...order, note: 'x'.repeat(30_000) })
    expect(await shop.deliver({ ...paid, body: large })).toMatchObject({ status: 413 })
    const packed = { 'content-encoding': 'gzip' }
    expect(await shop.deliver({ ...paid, headers: packed })).toMatchObject({ status: 415 })
  })

  test('[SHOPIFY-1] the same delivery is stored once, even when both copies arrive together', async () => {
    const shop = await connectShop(app)
    const id = randomUUID()
    const replies = await Promise.all(
      Array.from({ length: 5 }, () => shop.deliver({ ...paid, id })),
    )
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    await shop.settled()
    expect((await shop.deliver({ ...paid, id })).status).toBe(200)
    await shop.settled()
    const [stored] = await app.database.query<{ n: number; bodies: number }>(sql`
      select count(*)::int as n, count(body)::int as bodies from deliveries
      where source_id = ${shop.sourceId}::uuid`)
    expect(stored).toEqual({ n: 1, bodies: 0 })
    expect(await idsOf(app, shop)).toEqual(idsOfPaid)
    // Without an id, or with one that cannot be stored, its digest is its id.
    for (const header of [undefined, 'x'.repeat(5_000)]) {
      const headers = { 'x-shopify-webhook-id': header }
      for (let n = 0; n < 2; n++) {
        expect((await shop.deliver({ ...paid, headers })).status).toBe(200)
      }
    }
    await shop.settled()
    const [then] = await app.database.query<{ n: number }>(sql`
      select count(*)::int as n from deliveries where source_id = ${shop.sourceId}::uuid`)
    expect(then).toEqual({ n: 2 })
  })

  test('[SHOPIFY-2] another shop’s delivery is a dead letter, and the page says so', async () => {
    const shop = await connectShop(app)
    const headers = { 'x-shopify-shop-domain': 'Other.myshopify.com' }
    expect(await shop.deliver({ ...paid, headers })).toMatchObject({ status: 200, text: '' })
    await shop.settled()
    expect(await idsOf(app, shop)).toEqual([])
    const reason = `The delivery is from other.myshopify.com, but this source is for ${shop.account}.`
    const [letter] = await lettersOf(app, shop)
    expect(letter).toMatchObject({ topic: 'orders/paid of other.myshopify.com', reason })
    expect(JSON.parse(Buffer.from(letter?.raw ?? '').toString())).toEqual(order)
    await expect
      .poll(() => healthOf(app, shop), patient)
      .toMatchObject({ problem: 'unknown_shop', problem_detail: reason, set_aside: 1 })
  })

  test('[SHOPIFY-2] deliveries that cannot be understood are answered 200 and become dead letters; unknown topics are counted', async () => {
    const shop = await connectShop(app)
    const bodies = ['{"name":"Bob', '', '[]', JSON.stringify({ ...order, currency: null })]
    for (const body of bodies) {
      expect((await shop.deliver({ topic: 'orders/create', body })).status).toBe(200)
    }
    for (let n = 0; n < 2; n++) await shop.deliver({ topic: 'carts/update', body: { n } })
    await shop.settled()
    const letters = await lettersOf(app, shop)
    expect(letters.map(({ raw }) => Buffer.from(raw).toString()).sort()).toEqual([...bodies].sort())
    expect(letters.some(({ reason }) => reason.startsWith('currency: '))).toBe(true)
    expect(JSON.stringify(letters.map(({ reason }) => reason))).not.toContain('Bob')
    await expect
      .poll(() => healthOf(app, shop), patient)
      .toMatchObject({
        state: 'receiving',
        problem: 'unreadable',
        set_aside: 4,
        unknown: { 'carts/update': 2 },
      })
    await shop.deliver(paid)
    await expect.poll(() => healthOf(app, shop), patient).toMatchObject({ problem: null })
  })

  test('[SHOPIFY-2] an item’s stock is the sum of its locations, each at its latest report', async () => {
    const shop = await connectShop(app)
    const tell = (location_id: number, available: number, minute: number) =>
      shop.deliver({
        topic: 'inventory_levels/update',
        body: {
          inventory_item_id: 77,
          location_id,
          available,
          updated_at: `2025-06-01T10:${minute}:00Z`,
        },
      })
    await tell(1, 3, 30)
    await tell(2, 5, 10)
    await tell(1, 9, 20)
    await tell(2, 4, 40)
    await shop.settled()
    const live = await app.get(`/api/v1/creators/${shop.creatorId}/live`)
    expect(live.json.state.stock).toEqual({ 'inventory_item:77': 7 })
  })

  test('[SHOPIFY-1] wrong signatures show a problem until one is right', async () => {
    const shop = await connectShop(app)
    await shop.deliver(paid)
    await shop.settled()
    await shop.deliver({ ...paid, headers: { 'x-shopify-hmac-sha256': 'AAAA' } })
    await expect
      .poll(() => healthOf(app, shop), patient)
      .toMatchObject({ state: 'needs_you', problem: 'bad_signature' })
    await shop.deliver(paid)
    await expect
      .poll(() => healthOf(app, shop), patient)
      .toMatchObject({ state: 'receiving', problem: null })
  })

  test('[SHOPIFY-2] a replayed letter makes the same events', async () => {
    const shop = await connectShop(app)
    // Too far in the future for the pipeline, so all of it is one letter.
    const late = { ...order, created_at: '2999-01-01T00:00:00Z' }
    await shop.deliver({ topic: 'orders/paid', body: late, id: 'd1' })
    await shop.settled()
    const letters = await lettersOf(app, shop)
    expect(letters).toMatchObject([{ topic: 'orders/paid', key: 'd1' }])
    const kind = shopify.create(depsOf(app))
    const source = await findSource(app.database, shop.sourceId)
    if (!source) throw new Error('the source is gone')
    const raw = letters[0]?.raw ?? new Uint8Array()
    const again = await kind.replay(source, { topic: 'orders/paid', raw })
    expect(again.map(({ event }) => event)).toMatchObject(idsOfPaid.map((id) => ({ id })))
    const wrong = async (topic: string, text: string) =>
      kind.replay(source, { topic, raw: Buffer.from(text) })
    await expect(wrong('orders/paid', '{')).rejects.toThrow('not valid JSON')
    await expect(wrong('carts/update', '{}')).rejects.toThrow('carts/update')
    await expect(wrong('orders/paid of other.myshopify.com', '{}')).rejects.toThrow(
      'other.myshopify.com',
    )
  })
})

/** Enough to make the kind; its receiver is not mounted here. */
function depsOf({ database }: TestApp): Parameters<typeof shopify.create>[0] {
  const limits = { maxWaitingDeliveries: 1, deliveryAttempts: 1 }
  const config = { maxWebhookBytes: 1 }
  const sealer = createSealer({ secretKey: undefined, dataDir: '/nowhere' })
  // Safe: `replay` is pure, and an unmounted receiver reads only this much.
  return {
    database,
    config,
    sealer,
    inbox: createInbox(database, limits),
  } as Parameters<typeof shopify.create>[0]
}

test('[SHOPIFY-1] while the database hangs or is gone, deliveries get 503 in time, and repeats count once', async () => {
  const { promise: back, resolve: comesBack } = Promise.withResolvers<void>()
  let fault: 'none' | 'hangs' | 'gone' = 'none'
  const faulty = (database: Database): Database => ({
    ...database,
    async query(statement) {
      if (fault === 'hangs' && statement.text.includes('insert into deliveries')) await back
      if (fault === 'gone') {
        throw Object.assign(new Error('10.0.0.7 refused'), { code: 'ECONNREFUSED' })
      }
      return database.query(statement)
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  })
  const app = await startShopApp({ wrap: faulty })
  onTestFinished(() => app[Symbol.asyncDispose]())
  const shop = await connectShop(app)
  const ids = [randomUUID(), randomUUID(), randomUUID()]
  fault = 'gone'
  const refused = [await shop.deliver({ ...paid, id: ids[0] ?? '' })]
  fault = 'hangs'
  refused.push(
    ...(await Promise.all([
      shop.deliver({ ...paid, id: ids[1] ?? '' }),
      shop.deliver({ topic: 'orders/create', body: order, id: ids[2] ?? '' }),
    ])),
  )
  for (const { status, headers, json, text } of refused) {
    expect(status).toBe(503)
    expect(Number(headers['retry-after'])).toBeGreaterThan(0)
    expect(json.error.code).toBe('unavailable')
    expect(text).not.toContain('10.0.0.7')
  }
  fault = 'none'
  comesBack()
  for (const id of ids) expect((await shop.deliver({ ...paid, id })).status).toBe(200)
  await shop.settled()
  expect(await idsOf(app, shop)).toEqual(idsOfPaid)
})

test('[SHOPIFY-1] past the limit of waiting deliveries it is 429, and stored ones are still 200', async () => {
  const app = await startShopApp({
    env: { MAX_WAITING_DELIVERIES: '3', MAX_HELD_SOURCES: '0' },
  })
  onTestFinished(() => app[Symbol.asyncDispose]())
  const shop = await connectShop(app)
  const ids = Array.from({ length: 5 }, () => randomUUID())
  const replies = await Promise.all(ids.map((id) => shop.deliver({ ...paid, id })))
  expect(replies.map(({ status }) => status).sort()).toEqual([200, 200, 200, 429, 429])
  const again = await Promise.all(ids.map((id) => shop.deliver({ ...paid, id })))
  expect(again.map(({ status }) => status)).toEqual(replies.map(({ status }) => status))
})

test("[SHOPIFY-3] a refund whose order never arrives follows the shop's newest order", async () => {
  const app = await startShopApp({ env: { SHOP_REFUND_WAIT_MS: '100' } })
  onTestFinished(() => app[Symbol.asyncDispose]())
  const shop = await connectShop(app)
  const refund = {
    id: 3,
    order_id: 4,
    created_at: at,
    refund_line_items: [
      { id: 5, line_item_id: 6, quantity: 1, subtotal: '11.90', total_tax: '1.90' },
    ],
    transactions: [{ kind: 'refund', status: 'success', amount: '13.80', currency: 'USD' }],
  }
  await shop.deliver({ topic: 'refunds/create', body: refund })
  await shop.settled()
  const refunded = async () =>
    (await logOf(app.database, shop.creatorId))
      .filter(({ type }) => type === 'order_refunded')
      .map(({ amount }) => amount)
  expect(await refunded()).toEqual([1_000])
  await shop.deliver({ ...paid, body: { ...order, taxes_included: false } })
  await expect.poll(refunded, patient).toEqual([1_000, 190])
})

test('[SHOPIFY-1] stored order data is deleted with its creator', async () => {
  const app = await startShopApp()
  onTestFinished(() => app[Symbol.asyncDispose]())
  const shop = await connectShop(app)
  await shop.deliver(paid)
  await shop.settled()
  const kept = () =>
    app.database.query<{ told: string }>(sql`
      select told::text as told from shop_orders where creator_id = ${shop.creatorId}`)
  expect(await kept()).toHaveLength(1)
  await deleteCreator(app.database, serverTenant(shop.creatorId))
  expect(await kept()).toEqual([])
})
