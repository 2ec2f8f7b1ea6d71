import { randomBytes } from 'node:crypto'
import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { openTestDatabase } from '@creatorflow/db/testing'
import { shuffle, withDuplicates } from '@creatorflow/shared/simulator/disorder'
import { createRandom } from '@creatorflow/shared/simulator/random'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { databases } from '../../../scripts/test/backends.ts'
import { scaled } from '../../../scripts/test/long-run.ts'
import { type AppOptions, ask, startApp, type TestApp, type TestCreator } from '../harness.ts'
import { createKeptLog } from '../kept-log.ts'
import { logOf } from '../log-rows.ts'
import {
  connectShop,
  deliver,
  deliveriesOf,
  delivery,
  envFor,
  lettersOf,
  reconnect,
  secretKey,
  shownOf,
  waitingOf,
} from './connected.ts'
import { modelShop, type Truth } from './model.ts'
import { startStandIn } from './stand-in.ts'

const patience = { timeout: 60_000, interval: 250 }

const DELIVERIES = scaled(250, 1_000)

describe.each(databases())('TikTok Shop on $name', (backend) => {
  let shared: Database
  beforeAll(async () => {
    shared = await openTestDatabase(backend)
  })
  afterAll(() => shared?.[Symbol.asyncDispose]())

  async function place(options: AppOptions = {}) {
    const opened = new AsyncDisposableStack()
    onTestFinished(() => opened.disposeAsync())
    // The app of the next test must not hold this one's shop.
    opened.defer(async () => void (await shared.query(sql`delete from sources`)))
    const shop = opened.use(await startStandIn())
    const app = opened.use(
      await startApp({
        database: shared,
        ...options,
        env: { ...envFor(shop), MAX_REQUESTS_PER_S_PER_CREATOR: '0', ...options.env },
      }),
    )
    const creator = await app.newCreator()
    return { app, shop, creator, database: app.database }
  }

  /** REST's values of the creator, over all days. */
  async function totals(app: TestApp, creator: TestCreator, truth: Truth): Promise<Partial<Truth>> {
    const from = new Date(Date.now() - 3 * 86_400_000).toISOString()
    const to = new Date(Date.now() + 86_400_000).toISOString()
    const query = new URLSearchParams({ from, to, bucket: 'total' })
    const shown: Partial<Truth> = {}
    for (const id of Object.keys(truth) as (keyof Truth)[]) {
      const { json } = await app.get(
        `/api/v1/creators/${creator.id}/metrics/${id}?${query}`,
        creator,
      )
      shown[id] = json.series[0]?.points[0]?.value ?? 0
    }
    return shown
  }

  const state = async (database: Database, id: string) => {
    const { state, problem } = await shownOf(database, id)
    return [state, problem]
  }

  test(`[TTSHOP-1] ${DELIVERIES} deliveries in any order with copies, some lost, under load, are exact`, {
    timeout: 180_000,
  }, async () => {
    const { app, shop, creator, database } = await place()
    const { orders, truth } = modelShop('thousand', scaled(70, 260), Date.now() - 60_000)
    shop.know(orders)
    shop.behaviour.shuffles = true
    shop.behaviour.mostPageSize = 40
    const id = await connectShop(database, creator.id, shop)
    const all = deliveriesOf(shop.shopId, orders)
    // A hold is over after an hour: only its own delivery reports it for sure.
    const random = createRandom('lost')
    const sent = all.filter((body) => body.includes('ON_HOLD') || !random.chance(0.05))
    const mixed = shuffle(1, withDuplicates(1, sent, 0.2)).concat(shuffle(2, sent).slice(0, 100))
    expect(mixed.length).toBeGreaterThan(DELIVERIES)

    const flooded = await app.newCreator()
    let isFlooding = true
    const flood = (async () => {
      for (let n = 0; isFlooding; n++) {
        const events = Array.from({ length: 500 }, (_, i) => ({
          id: `flood-${n}-${i}`,
          type: 'like',
          session_id: 'flood',
        }))
        await app.post(events, flooded)
      }
    })()
    const answers: [number, string][] = []
    const queue = [...mixed]
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        for (let body = queue.pop(); body !== undefined; body = queue.pop()) {
          const { status, text } = await deliver(app.port, id, body, shop.keys)
          // What a slow machine could not store in time: the shop keeps it and retries.
          if (status === 503) queue.unshift(body)
          else answers.push([status, text])
        }
      }),
    )
    isFlooding = false
    await flood
    expect(answers.filter(([status, text]) => status !== 200 || text !== '')).toEqual([])
    expect(answers).toHaveLength(mixed.length)
    await expect.poll(() => waitingOf(database, id), patience).toBe(0)
    await expect.poll(() => totals(app, creator, truth), patience).toEqual(truth)
    expect(await lettersOf(database, creator.id)).toEqual([])
    expect(shop.complaints).toEqual([])
    expect(await state(database, id)).toEqual(['receiving', null])
    // If many wait they are requested together.
    const details = shop.asked.filter(({ path }) => path === '/order/202507/orders')
    expect(details.length).toBeLessThan(mixed.length / 5)
  })

  test('[TTSHOP-4] without any delivery the poll alone finds everything the details still show', async () => {
    const { app, shop, creator, database } = await place()
    const { orders, truth } = modelShop('polled', 60, Date.now() - 60_000)
    shop.know(orders)
    const id = await connectShop(database, creator.id, shop)
    const { on_hold_orders: _, ...lasting } = truth
    await expect.poll(() => totals(app, creator, truth), patience).toMatchObject(lasting)
    expect(await state(database, id)).toEqual(['receiving', null])
    // Nothing changed: the overlap is not read again.
    const looks = () => shop.asked.filter(({ path }) => path === '/order/202507/orders').length
    const [before, polls] = [looks(), shop.asked.length]
    await expect.poll(() => shop.asked.length, patience).toBeGreaterThan(polls + 6)
    expect(looks()).toBe(before)
  })

  test("[TTSHOP-2] an order belongs to its room's LIVE, else to the LIVE on air, as an estimate", async () => {
    const { app, shop, creator, database } = await place()
    const at = Math.floor(Date.now() / 1_000) - 600
    const sold = (id: string, seconds: number, more: object = {}) => ({
      id,
      status: 'AWAITING_SHIPMENT',
      create_time: seconds,
      paid_time: seconds,
      update_time: seconds,
      payment: { currency: 'USD' },
      line_items: [{ id: `${id}1`, product_id: '1', sale_price: '5.00', ...more }],
    })
    await app.post(
      [
        { id: 'a', type: 'live_started', session_id: 'room-a', ts: (at - 50) * 1_000 },
        { id: 'b', type: 'viewer_joined', session_id: 'room-a', ts: (at + 200) * 1_000 },
      ],
      creator,
    )
    shop.orders.set('1', sold('1', at + 10))
    shop.orders.set('2', sold('2', at + 20, { room_id: 'room-b' }))
    shop.orders.set('3', sold('3', at - 7_200))
    await connectShop(database, creator.id, shop)
    const attributed = async () => {
      const rows = await logOf(database, creator.id)
      return Object.fromEntries(
        rows
          .filter(({ type }) => type === 'order_created' || type === 'payment_completed')
          .map(({ type, order_id, session_id, attribution }) => [
            `${order_id} ${type}`,
            [session_id, attribution],
          ]),
      )
    }
    await expect.poll(attributed, patience).toEqual({
      '1 order_created': ['room-a', 'time'],
      '1 payment_completed': ['room-a', 'order'],
      '2 order_created': ['room-b', 'session'],
      '2 payment_completed': ['room-b', 'session'],
      '3 order_created': [null, null],
      '3 payment_completed': [null, null],
    })
  })

  test('[TTSHOP-5] throttling, failures, a hanging API and a wrong clock only cost time', {
    timeout: 60_000,
  }, async () => {
    // Late answers are requested again, so it does no harm if a busy machine looks like a hanging one.
    const { app, shop, creator, database } = await place({ env: { TIKTOK_SHOP_TIMEOUT_MS: '500' } })
    const { orders, truth } = modelShop('faults', 20, Date.now() - 60_000)
    shop.know(orders)
    Object.assign(shop.behaviour, { throttled: 1, retryAfterS: 1, throttledByCode: 1, failing: 1 })
    const id = await connectShop(database, creator.id, shop)
    await expect.poll(() => state(database, id), patience).toEqual(['retrying', 'rate_limited'])
    const { on_hold_orders: _, ...lasting } = truth
    await expect.poll(() => totals(app, creator, truth), patience).toMatchObject(lasting)
    shop.behaviour.hangs = true
    await expect.poll(() => state(database, id), patience).toEqual(['retrying', 'api_unavailable'])
    const more = modelShop('later', 5, Date.now() - 60_000)
    const asked = more.orders.map((order) => ({ ...order, id: order.id.replace('5764', '5765') }))
    for (const { id, looks } of asked) shop.orders.set(id, { ...looks.at(-1), id })
    for (const { id: order } of asked) {
      const data = { order_id: order, order_status: 'AWAITING_SHIPMENT', update_time: 1 }
      await deliver(app.port, id, delivery(shop.shopId, 1, data), shop.keys)
    }
    shop.behaviour.aheadMs = 20 * 60_000
    shop.behaviour.hangs = false
    await expect.poll(() => state(database, id), patience).toEqual(['receiving', null])
    await expect.poll(() => waitingOf(database, id), patience).toBe(0)
    const created = truth.created_orders + more.truth.created_orders
    await expect
      .poll(() => totals(app, creator, truth), patience)
      .toMatchObject({ created_orders: created })
    expect(shop.complaints).toEqual([])
  })

  test('[TTSHOP-4] circular pages end, and the orders they hide are found in shorter windows', {
    timeout: 60_000,
  }, async () => {
    const { app, shop, creator, database } = await place()
    const { orders, truth } = modelShop('circle', 40, Date.now() - 60_000)
    shop.know(orders)
    Object.assign(shop.behaviour, { circles: true, mostPageSize: 7 })
    await connectShop(database, creator.id, shop)
    const { on_hold_orders: _, ...lasting } = truth
    await expect.poll(() => totals(app, creator, truth), patience).toMatchObject(lasting)
  })

  test('[TTSHOP-5] an expired token is renewed once for all callers, and stored before use', async () => {
    const { app, shop, creator, database } = await place()
    const { orders } = modelShop('tokens', 12, Date.now() - 60_000)
    shop.know(orders)
    const id = await connectShop(database, creator.id, shop)
    await expect.poll(() => state(database, id), patience).toEqual(['receiving', null])
    shop.expireAccess()
    for (const body of deliveriesOf(shop.shopId, orders)) {
      await deliver(app.port, id, body, shop.keys)
    }
    await expect.poll(() => waitingOf(database, id), patience).toBe(0)
    const granted = () => shop.tokens.granted.length / 2
    expect(granted()).toBe(1)
    // After a restart it continues with what was stored: the first refresh token no longer works.
    await reconnect(database, creator.id, id, {})
    const asked = shop.asked.length
    await expect.poll(() => shop.asked.length, patience).toBeGreaterThan(asked)
    await expect.poll(() => state(database, id), patience).toEqual(['receiving', null])
    expect(granted()).toBe(1)
  })

  test('[TTSHOP-5] a token that expires within the hour is renewed before it does', async () => {
    const { shop, creator, database } = await place()
    const id = await connectShop(database, creator.id, shop, {
      ...shop.keys,
      access_token: 'old',
      refresh_token: shop.tokens.refresh,
      access_token_expires_at: String(Date.now() + 60_000),
    })
    await expect.poll(() => state(database, id), patience).toEqual(['receiving', null])
    expect(shop.asked[0]?.path).toBe('/api/v2/token/refresh')
  })

  test('[TTSHOP-5] a code buys tokens once, and the shop is found by its id', async () => {
    const { shop, creator, database } = await place()
    const { app_key, app_secret } = shop.keys
    const auth_code = shop.authorize()
    const id = await connectShop(database, creator.id, shop, { app_key, app_secret, auth_code })
    await expect.poll(() => state(database, id), patience).toEqual(['receiving', null])
    await reconnect(database, creator.id, id, {})
    const asked = shop.asked.length
    await expect.poll(() => shop.asked.length, patience).toBeGreaterThan(asked + 3)
    expect(await state(database, id)).toEqual(['receiving', null])
    const paths = shop.asked.map(({ path }) => path)
    expect(paths.filter((path) => path === '/api/v2/token/get')).toHaveLength(1)
    expect(paths.filter((path) => path === '/authorization/202309/shops')).toHaveLength(1)
  })

  test('[TTSHOP-5] when the refresh token fails too, the page asks for a reconnect; deliveries wait, and nothing is lost', async () => {
    const { app, shop, creator, database } = await place()
    const id = await connectShop(database, creator.id, shop)
    await expect.poll(() => state(database, id), patience).toEqual(['receiving', null])
    shop.withdraw()
    await expect.poll(() => state(database, id), patience).toEqual(['needs_you', 'reconnect'])
    const { orders, truth } = modelShop('stuck', 15, Date.now() - 60_000)
    shop.know(orders)
    const sent = deliveriesOf(shop.shopId, orders)
    for (const body of sent) await deliver(app.port, id, body, shop.keys)
    expect(await waitingOf(database, id)).toBe(sent.length)
    const asked = shop.asked.length
    const auth_code = shop.authorize()
    expect(shop.asked.length).toBe(asked)
    await reconnect(database, creator.id, id, { auth_code })
    await expect.poll(() => state(database, id), patience).toEqual(['receiving', null])
    await expect.poll(() => totals(app, creator, truth), patience).toEqual(truth)
  })

  test('[TTSHOP-5] a withdrawn permission counts once the API confirms it', async () => {
    const { app, shop, creator, database } = await place({ env: { TIKTOK_SHOP_POLL_S: '3600' } })
    const id = await connectShop(database, creator.id, shop)
    await expect.poll(() => state(database, id), patience).toEqual(['receiving', null])
    await deliver(app.port, id, delivery(shop.shopId, 6, { message: 'late' }), shop.keys)
    await expect.poll(() => waitingOf(database, id), patience).toBe(0)
    expect(await state(database, id)).toEqual(['receiving', null])
    shop.withdraw()
    await deliver(app.port, id, delivery(shop.shopId, 6, { message: 'now' }), shop.keys)
    await expect.poll(() => state(database, id), patience).toEqual(['needs_you', 'reconnect'])
  })

  test('[TTSHOP-1] wrong signatures show on the page, while signed deliveries are accepted', async () => {
    const { app, shop, creator, database } = await place()
    const id = await connectShop(database, creator.id, shop)
    await expect.poll(() => state(database, id), patience).toEqual(['receiving', null])
    const body = delivery(shop.shopId, 5, {})
    expect((await deliver(app.port, id, body, { ...shop.keys, app_secret: 'x' })).status).toBe(401)
    await expect.poll(() => state(database, id), patience).toEqual(['receiving', 'bad_signature'])
  })

  test('[TTSHOP-5] without tokens deliveries count for what they say, and the page asks for the rest', async () => {
    const { app, shop, creator, database } = await place()
    const { app_key, app_secret } = shop.keys
    const id = await connectShop(database, creator.id, shop, { app_key, app_secret })
    await expect.poll(() => state(database, id), patience).toEqual(['needs_you', 'reconnect'])
    const data = { order_id: '1', update_time: Math.floor(Date.now() / 1_000) - 60 }
    for (const order_status of ['CANCEL', 'UNPAID', 'ON_HOLD', 'CANCEL']) {
      await deliver(app.port, id, delivery(shop.shopId, 1, { ...data, order_status }), shop.keys)
    }
    await expect.poll(() => waitingOf(database, id), patience).toBe(0)
    const types = (await logOf(database, creator.id)).map(({ type }) => type).sort()
    expect(types).toEqual(['order_cancelled', 'order_created', 'order_on_hold'])
    expect(shop.asked).toEqual([])
  })

  test('[TTSHOP-2] an order the API does not know is retried, then set aside', async () => {
    const { app, shop, creator, database } = await place({ env: { DELIVERY_ATTEMPTS: '1' } })
    const id = await connectShop(database, creator.id, shop)
    const data = { order_id: '404', order_status: 'UNPAID', update_time: 1_760_000_000 }
    await deliver(app.port, id, delivery(shop.shopId, 1, data), shop.keys)
    await expect
      .poll(() => lettersOf(database, creator.id), patience)
      .toMatchObject([
        { topic: '1', reason: expect.stringContaining('order 404: TikTok Shop doesn’t know it') },
      ])
  })

  test('[TTSHOP-3] an unreadable order is its own dead letter, and the others count', async () => {
    const { app, shop, creator, database } = await place()
    const { orders, truth } = modelShop('flawed', 10, Date.now() - 60_000)
    shop.know(orders)
    shop.orders.set('13', {
      id: '13',
      status: 'UNPAID',
      update_time: Math.floor(Date.now() / 1_000),
    })
    await connectShop(database, creator.id, shop)
    await expect
      .poll(() => lettersOf(database, creator.id), patience)
      .toMatchObject([
        { topic: 'order', key: 'order:13', reason: expect.stringContaining('create_time') },
      ])
    const { created_orders, gmv } = truth
    await expect
      .poll(() => totals(app, creator, truth), patience)
      .toMatchObject({ created_orders, gmv })
  })

  test('[ACCESS-13] secrets, tokens and codes of a shop are in no log line, failure, metric, or word about it', async () => {
    const { log, lines } = createKeptLog()
    const { app, shop, creator, database } = await place({
      log,
    })
    const { app_key, app_secret } = shop.keys
    const auth_code = shop.authorize()
    const id = await connectShop(database, creator.id, shop, { app_key, app_secret, auth_code })
    await expect.poll(() => state(database, id), patience).toEqual(['receiving', null])
    const used = [auth_code, app_secret, shop.keys.shop_cipher, secretKey, ...shop.tokens.granted]
    const bad = randomBytes(8).toString('hex')
    const refusals = [
      await deliver(app.port, id, `{"x":"${bad}"}`, { app_key, app_secret: bad }),
      await deliver(app.port, id, `{"x":"${bad}`, shop.keys),
    ]
    shop.behaviour.failing = 2
    shop.expireAccess()
    await expect.poll(() => shop.tokens.granted.length, patience).toBe(4)
    shop.withdraw()
    await expect.poll(() => state(database, id), patience).toEqual(['needs_you', 'reconnect'])
    // The API repeats the token it refuses, whichever of the two was used last.
    expect((await shownOf(database, id)).detail).toMatch(/(?:unknown|Expired): …/)
    const metrics = await ask(app.port, 'GET', '/metrics')
    const shown = JSON.stringify(await shownOf(database, id))
    const texts = [...lines, ...refusals.map(({ text }) => text), metrics.text, shown]
    for (const secret of [...used, ...shop.tokens.granted, bad]) {
      expect(texts.filter((text) => text.includes(secret))).toEqual([])
    }
    // The log has entries, so the search was not empty.
    expect(lines.join('')).toContain(id)
  })
})
