import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../scripts/test/backends.ts'
import { ask, startApp, type TestApp } from '../harness.ts'
import { logOf } from '../log-rows.ts'
import {
  connectShop,
  deliver,
  delivery,
  envFor,
  lettersOf,
  reconnect,
  shownOf,
  waitingOf,
} from './connected.ts'
import { type StandIn, startStandIn } from './stand-in.ts'

const stock = (left: number, sku = '74') => ({
  product_id: '73',
  sku_id: sku,
  inventory_distribution: { available_quantity: left },
  update_time: Math.floor(Date.now() / 1_000) - 5,
})

describe.each(databases())('the receiver of TikTok Shop on $name', (backend) => {
  let app: TestApp
  let shop: StandIn
  beforeAll(async () => {
    shop = await startStandIn()
    app = await startApp({
      database: backend,
      env: { ...envFor(shop), MAX_WEBHOOK_BYTES: '2000', MAX_WAITING_DELIVERIES: '3' },
    })
  })
  afterAll(async () => {
    await app?.[Symbol.asyncDispose]()
    await shop?.[Symbol.asyncDispose]()
  })

  /** A shop for one test, with deliveries only. */
  async function connected(account: string, keys = shop.keys) {
    const creator = await app.newCreator()
    const { app_key, app_secret } = keys
    const secrets = { app_key, app_secret }
    return {
      creator,
      keys: secrets,
      id: await connectShop(app.database, creator.id, shop, secrets, account),
    }
  }

  test('[TTSHOP-1] a signed delivery is durable, answered with an empty 200, and counts once', async () => {
    const { creator, id, keys } = await connected('100')
    const body = delivery('100', 27, stock(5))
    for (let n = 0; n < 3; n++) {
      const reply = await deliver(app.port, id, body, keys)
      expect([reply.status, reply.text]).toEqual([200, ''])
    }
    await expect.poll(async () => (await shownOf(app.database, id)).messages).toBe(1)
    const log = await logOf(app.database, creator.id)
    expect(log).toMatchObject([{ type: 'stock_level', product_id: '73', sku_id: '74', level: 5 }])
  })

  test('[TTSHOP-1] a wrong signature and an unknown source get the same answer, and are recorded', async () => {
    const { id, keys } = await connected('101')
    const body = delivery('101', 27, stock(5))
    const wrong = [
      await deliver(app.port, id, body, { ...keys, app_secret: 'wrong' }),
      await deliver(app.port, randomUUID(), body, keys),
      await deliver(app.port, 'no-id', body, keys),
      await ask(app.port, 'POST', `/api/v1/webhooks/tiktok-shop/${id}`, {}, body),
    ]
    for (const { status, json } of wrong)
      expect([status, json.error.code]).toEqual([401, 'unauthorized'])
    expect(new Set(wrong.map(({ text }) => text)).size).toBe(1)
    expect(await waitingOf(app.database, id)).toBe(0)
  })

  test('[TTSHOP-1] a signed but unreadable delivery is kept as received', async () => {
    const { creator, id, keys } = await connected('102')
    // The published example of this type has no commas after its first fields.
    const body = '{"type": 27, "shop_id": "102", "data": {"product_id": "7"\n"sku_id": "8"}}'
    expect((await deliver(app.port, id, body, keys)).status).toBe(200)
    expect((await deliver(app.port, id, body, keys)).status).toBe(200)
    await expect.poll(() => lettersOf(app.database, creator.id)).toHaveLength(1)
    const [letter] = await lettersOf(app.database, creator.id)
    expect(letter?.reason).toContain('It is not valid JSON')
    expect(Buffer.from(letter?.raw ?? []).toString()).toBe(body)
  })

  test('[TTSHOP-1] a delivery for an unconnected shop is kept, and the page says so', async () => {
    const { creator, id, keys } = await connected('103')
    await deliver(app.port, id, delivery('999999', 27, stock(1)), keys)
    await expect.poll(() => lettersOf(app.database, creator.id)).toHaveLength(1)
    const [letter] = await lettersOf(app.database, creator.id)
    expect(letter?.reason).toBe('The delivery is for the shop 999999, which is not connected.')
    expect(await logOf(app.database, creator.id)).toEqual([])
  })

  test('[TTSHOP-1] a delivery for another shop of the same app goes there, never by another secret', async () => {
    const at = await connected('104')
    const other = await connected('105')
    const foreign = await connected('106', { ...shop.keys, app_secret: 'theirs' })
    await deliver(app.port, at.id, delivery('105', 27, stock(7)), at.keys)
    await expect.poll(() => logOf(app.database, other.creator.id)).toHaveLength(1)
    await deliver(app.port, at.id, delivery('106', 27, stock(7)), at.keys)
    await expect.poll(() => lettersOf(app.database, at.creator.id)).toHaveLength(1)
    expect(await logOf(app.database, foreign.creator.id)).toEqual([])
    expect(await logOf(app.database, at.creator.id)).toEqual([])
  })

  test('[TTSHOP-1] an oversized body is refused, and so is one past the limit of waiting deliveries', async () => {
    const creator = await app.newCreator()
    const keys = shop.keys
    const id = await connectShop(app.database, creator.id, shop, undefined, '107')
    await reconnect(app.database, creator.id, id, { access_token: 'stale', refresh_token: 'stale' })
    await expect.poll(() => shownOf(app.database, id)).toMatchObject({ state: 'needs_you' })
    const reply = await deliver(app.port, id, 'x'.repeat(2_001), keys)
    expect(reply.status).toBe(413)
    const statuses: number[] = []
    const data = { order_id: '1', order_status: 'UNPAID', update_time: 1_760_000_000 }
    for (let n = 0; n < 5; n++) {
      const { status, headers } = await deliver(app.port, id, delivery('107', 1, data), keys)
      statuses.push(status)
      if (status !== 200) expect(headers['retry-after']).toBe('60')
    }
    expect(statuses).toEqual([200, 200, 200, 429, 429])
    expect(await waitingOf(app.database, id)).toBe(3)
  })

  test('[TTSHOP-5] unknown types are counted by name, and irrelevant ones are done', async () => {
    const { creator, id, keys } = await connected('108')
    for (const type of [987, 987, 5, 3, 6]) {
      expect((await deliver(app.port, id, delivery('108', type, {}), keys)).status).toBe(200)
      await expect.poll(() => waitingOf(app.database, id)).toBe(0)
    }
    await expect
      .poll(async () => (await shownOf(app.database, id)).unknown)
      .toEqual({ 'type 987': 2 })
    expect(await lettersOf(app.database, creator.id)).toEqual([])
  })
})
