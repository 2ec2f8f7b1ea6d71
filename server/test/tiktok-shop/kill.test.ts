import { rm } from 'node:fs/promises'
import { openDatabase } from '@creatorflow/db/open'
import { createMigratedDatabase, newDataDir } from '@creatorflow/db/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { databases } from '../../../scripts/test/backends.ts'
import { insertCreator } from '../../src/identity/creators/creators.ts'
import { readCursor } from '../../src/sources/runtime/store.ts'
import { logOf } from '../log-rows.ts'
import { type ServerProcess, startServer } from '../server-process.ts'
import { connectShop, envFor } from './connected.ts'
import { modelShop } from './model.ts'
import { startStandIn } from './stand-in.ts'

describe.each(databases())('on $name', ({ url }) => {
  test('[TTSHOP-4] kill -9 in the middle of a poll, repeatedly, loses nothing and counts nothing twice', {
    timeout: 240_000,
  }, async () => {
    const dataDir = await newDataDir()
    onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
    const own = url === undefined ? undefined : await createMigratedDatabase(url)
    if (own) onTestFinished(() => own.drop())
    const open = () => openDatabase({ dataDir, databaseUrl: own?.url })
    await using shop = await startStandIn()
    const { orders, truth } = modelShop('killed', 150, Date.now() - 60_000)
    shop.know(orders)
    let sourceId = ''
    {
      await using database = await open()
      const creator = { id: 'shop', name: 'shop', time_zone: 'UTC', currency: 'USD' }
      await database.transaction((tx) =>
        insertCreator(tx, { ...creator, locale: 'en', kind: 'real' }),
      )
      sourceId = await connectShop(database, 'shop', shop)
    }
    const env = {
      ...envFor(shop),
      DATA_DIR: dataDir,
      ...(own && { DATABASE_URL: own.url }),
      TIKTOK_SHOP_TIMEOUT_MS: '60000',
    }
    let server: ServerProcess | undefined
    onTestFinished(() => server?.[Symbol.asyncDispose]())
    const detailsAsked = () => shop.asked.filter(({ path }) => path.includes('202507')).length
    for (let kill = 0; kill < 3; kill++) {
      // The second request for details waits: the result of the first is written, the cursor has not moved.
      const gate = Promise.withResolvers<void>()
      const before = detailsAsked()
      let let_in = kill + 1
      Object.defineProperty(shop.behaviour, 'gate', {
        configurable: true,
        get: () => (let_in-- > 0 ? undefined : gate.promise),
      })
      server = await startServer(env)
      await expect
        .poll(detailsAsked, { timeout: 60_000, interval: 20 })
        .toBeGreaterThan(before + Math.min(kill + 1, 2))
      await server.end('SIGKILL')
      gate.resolve()
    }
    Object.defineProperty(shop.behaviour, 'gate', { configurable: true, value: undefined })
    const asked = shop.asked.length
    server = await startServer(env)
    // A second round has started: the first one is done.
    await expect
      .poll(
        () =>
          shop.asked.slice(asked).filter(({ path }) => path.includes('cancellations/search'))
            .length,
        { timeout: 120_000, interval: 50 },
      )
      .toBeGreaterThan(16)
    expect(await server.end('SIGTERM')).toBe(0)
    await using database = await open()
    const log = await logOf(database, 'shop')
    const sum = (key: 'money' | 'units' | 'main_order', type: string) =>
      log.filter((row) => row.type === type).reduce((total, row) => total + row[key], 0)
    expect(new Set(log.map(({ id }) => id)).size).toBe(log.length)
    expect({
      gmv: sum('money', 'payment_completed'),
      main_orders: sum('main_order', 'payment_completed'),
      items_sold: sum('units', 'payment_completed'),
      created_orders: sum('main_order', 'order_created'),
      fulfilled_orders: sum('main_order', 'order_fulfilled'),
      shipped_orders: sum('main_order', 'order_shipped'),
      delivered_orders: sum('main_order', 'order_delivered'),
      cancelled_orders: sum('main_order', 'order_cancelled'),
      refunds: sum('money', 'order_refunded'),
      returned_items: sum('units', 'order_returned'),
      on_hold_orders: truth.on_hold_orders,
    }).toEqual(truth)
    expect(await readCursor(database, sourceId)).toMatchObject({
      orders_until: expect.any(Number),
      returns_until: expect.any(Number),
      cancellations_until: expect.any(Number),
    })
    expect(shop.complaints).toEqual([])
  })
})
