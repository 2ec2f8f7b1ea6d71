import type { Database } from '@creatorflow/db/database'
import { openTestDatabase } from '@creatorflow/db/testing'
import type { IncomingEvent } from '@creatorflow/shared/events'
import { isLater } from '@creatorflow/shared/numbered-event'
import { shuffle, withDuplicates } from '@creatorflow/shared/simulator/disorder'
import { createRandom, type Random } from '@creatorflow/shared/simulator/random'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../scripts/test/backends.ts'
import { scaled } from '../../../scripts/test/long-run.ts'
import { logOf } from '../../test/log-rows.ts'
import { catalogueTotalsBy } from '../../test/sql-oracle.ts'
import { createInProcessBus } from '../bus/in-process.ts'
import { loadConfig } from '../config.ts'
import { silentLog } from '../core/log.ts'
import { serverTenant } from '../core/rights/authorize.ts'
import { createTelemetry } from '../core/telemetry.ts'
import { insertCreator } from '../identity/creators/creators.ts'
import { resettleNoted } from '../jobs/resettle.ts'
import { acceptedEvent } from '../pipeline/accept.ts'
import { createPipeline, type Pipeline } from '../pipeline/pipeline.ts'
import { readNoted, readRecounting } from '../pipeline/recount-notes.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** Midnight of the creator's zone, UTC. */
const MIDNIGHT = Date.UTC(2026, 9, 20)

type Event = IncomingEvent & { readonly ts: number }
let made = 0

describe.each(databases())('any order of arrival on $name', (backend) => {
  const log = silentLog()
  const telemetry = createTelemetry()
  const bus = createInProcessBus({ log, telemetry })
  const config = loadConfig({ RESETTLE_DELAY_MS: '0' })
  let database: Database
  let pipeline: Pipeline

  beforeAll(async () => {
    database = await openTestDatabase(backend)
    pipeline = createPipeline({ database, bus, config, log, telemetry })
  })
  afterAll(async () => {
    await pipeline?.[Symbol.asyncDispose]()
    await database?.[Symbol.asyncDispose]()
  })

  async function newCreator(): Promise<string> {
    const id = `order-${++made}`
    const creator = { id, name: id, time_zone: 'UTC', currency: 'USD', locale: 'en' } as const
    await database.transaction((tx) => insertCreator(tx, { ...creator, kind: 'real' }))
    return id
  }

  /** Sends events in this order, each part as a separate request. */
  async function send(creatorId: string, parts: readonly (readonly Event[])[]): Promise<void> {
    for (const part of parts) {
      const batch = part.map((event) => acceptedEvent(creatorId, event, event, Date.now()))
      const outcomes = await pipeline.submit(batch, 'live')
      expect(outcomes.filter(({ kind }) => kind === 'rejected')).toEqual([])
    }
  }

  async function settleNoted(): Promise<void> {
    while ((await readNoted(database, 0)).length > 0) {
      await resettleNoted({ database, bus, config, log })
    }
  }

  const isNoted = async (creatorId: string) => (await readNoted(database, 0)).includes(creatorId)

  /** Every total of every LIVE and day, and the sums of history's groups. */
  async function totalsOf(creatorId: string): Promise<Record<string, unknown>> {
    const totals: Record<string, unknown> = {}
    for (const by of ['session_id', 'day'] as const) {
      for (const [of, found] of await catalogueTotalsBy(database, creatorId, by)) {
        totals[`${by} ${of}`] = found
      }
    }
    for (const row of await logOf(database, creatorId)) {
      if (row.type === 'viewer_joined') continue
      // For a running total both together: a first total is where its earliest report is.
      const added = { ...row, units: row.units + row.opening }
      for (const by of ['channel', 'traffic_source', 'product_id', 'day'] as const) {
        for (const column of ['units', 'diamonds', 'excluded', 'sku_order'] as const) {
          const of: string = `${by} ${row[by]} ${row.type} ${column}`
          totals[of] = ((totals[of] as number | undefined) ?? 0) + added[column]
        }
      }
    }
    return totals
  }

  /** Sends the same events in order and in each other order; all must end with the same totals. */
  async function expectSame(events: readonly Event[], orders: readonly (readonly Event[])[]) {
    const inOrder = await newCreator()
    await send(inOrder, [events])
    expect(await isNoted(inOrder)).toBe(false)
    const wanted = await totalsOf(inOrder)
    const others: string[] = []
    for (const order of orders) {
      const creatorId = await newCreator()
      await send(
        creatorId,
        order.map((event) => [event]),
      )
      others.push(creatorId)
    }
    await settleNoted()
    for (const [n, creatorId] of others.entries()) {
      const where = orders[n]?.map(({ id }) => id).join(' ')
      expect(await totalsOf(creatorId), where).toEqual(wanted)
    }
    return wanted as Record<string, Record<string, number>>
  }

  const of = (id: string, ts: number, type: string, more: object = {}) =>
    ({ id, ts, type, ...more }) as Event
  const paid = (id: string, ts: number, more: object = {}) =>
    of(id, ts, 'payment_completed', { amount: 500, ...more })

  test('[RECOUNT-1] importing old orders makes no old customer new today; the old day gets the new customer', async () => {
    const today = MIDNIGHT + 20 * HOUR_MS
    const old = MIDNIGHT - 200 * DAY_MS
    const events = [
      paid('old', old, { customer_id: 'ana', order_id: 'o1' }),
      of('spent', today - HOUR_MS, 'ad_spend_incurred', { amount: 9_000 }),
      of('start', today, 'live_started', { session_id: 'evening' }),
      paid('now', today + 1, { customer_id: 'ana', order_id: 'o2', session_id: 'evening' }),
      paid('new', today + 2, { customer_id: 'ben', order_id: 'o3', session_id: 'evening' }),
    ]
    const wanted = await expectSame(events, [
      [...events.slice(1), ...events.slice(0, 1)],
      events.toReversed(),
    ])
    expect(wanted['day 2026-10-20']).toMatchObject({ new_customers: 1, customers: 2 })
    expect(wanted['session_id evening']).toMatchObject({ new_customers: 1 })
    expect(wanted['day 2026-04-03']).toMatchObject({ new_customers: 1 })
  })

  test('[RECOUNT-1] likes, shares and streaks of a LIVE across midnight count on the day they happened', async () => {
    const live = { session_id: 'night' }
    const likes = (id: string, ts: number, total: number) =>
      of(id, ts, 'like', { ...live, properties: { total } })
    const gift = (id: string, ts: number, quantity: number) => {
      const properties = { gift_id: 'rose', diamond_count: 2, streak_id: 's' }
      return of(id, ts, 'gift', { ...live, user_id: 'u', quantity, properties })
    }
    const events = [
      of('start', MIDNIGHT - HOUR_MS, 'live_started', live),
      likes('l1', MIDNIGHT - 20, 1_000),
      of('s1', MIDNIGHT - 15, 'share', { ...live, properties: { total: 4 } }),
      gift('g1', MIDNIGHT - 10, 3),
      gift('g2', MIDNIGHT + 10, 8),
      likes('l2', MIDNIGHT + 20, 1_500),
      likes('l3', MIDNIGHT + 30, 1_400),
      of('s2', MIDNIGHT + 40, 'share', { ...live, properties: { total: 10 } }),
    ]
    const orders = [1, 2, 3, 4, 5, 6].map((seed) => shuffle(seed, events))
    const wanted = await expectSame(events, [events.toReversed(), ...orders])
    expect(wanted['day 2026-10-19']).toMatchObject({
      likes: 1_000,
      shares: 4,
      diamonds: 6,
      gifts: 3,
    })
    expect(wanted['day 2026-10-20']).toMatchObject({
      likes: 500,
      shares: 6,
      diamonds: 10,
      gifts: 5,
    })
    expect(wanted['session_id night']).toMatchObject({ likes: 1_500, shares: 10, diamonds: 16 })
  })

  test('[RECOUNT-1] an order paid in two lines around midnight counts on the day of its first line, each step on its first report', async () => {
    const line = { order_id: 'o', sku_id: 'mug-red', product_id: 'mug' }
    const events = [
      of('c1', MIDNIGHT - 3 * MINUTE_MS, 'order_created', { order_id: 'o' }),
      paid('p1', MIDNIGHT - MINUTE_MS, line),
      paid('f1', MIDNIGHT - MINUTE_MS + 1, { order_id: 'f', currency: 'EUR' }),
      of('c2', MIDNIGHT + 1, 'order_created', { order_id: 'o' }),
      paid('p2', MIDNIGHT + MINUTE_MS, { ...line, channel: 'shop' }),
      paid('f2', MIDNIGHT + MINUTE_MS + 1, { order_id: 'f', currency: 'EUR' }),
    ]
    const orders = [1, 2, 3].map((seed) => shuffle(seed, events))
    const wanted = await expectSame(events, [events.toReversed(), ...orders])
    expect(wanted['day 2026-10-19']).toMatchObject({
      main_orders: 1,
      sku_orders: 1,
      created_orders: 1,
    })
    expect(wanted['day 2026-10-20']).toEqual({ gmv: 500, items_sold: 1 })
    expect(wanted['day 2026-10-19 payment_completed excluded']).toBe(1)
    expect(wanted['day 2026-10-20 payment_completed excluded']).toBe(0)
  })

  test('[RECOUNT-1] an order whose lines name two LIVEs counts in the one of its first line', async () => {
    const line = (id: string, ts: number, session_id: string) =>
      paid(id, ts, { order_id: 'o', customer_id: 'ana', session_id })
    const events = [line('a', MIDNIGHT, 'one'), line('b', MIDNIGHT + 1, 'two')]
    const wanted = await expectSame(events, [events.toReversed()])
    expect(wanted['session_id one']).toMatchObject({ main_orders: 1, new_customers: 1 })
    expect(wanted['session_id two']).toEqual({
      gmv: 500,
      items_sold: 1,
      sku_orders: 1,
      customers: 1,
    })
  })

  test('[RECOUNT-1] a product that sold out twice did so twice in any order', async () => {
    const left = (id: string, minute: number, quantity: number, sku_id = 'red') =>
      of(id, MIDNIGHT + minute * MINUTE_MS, 'stock_level', { product_id: 'mug', sku_id, quantity })
    const events = [left('a', 1, 5), left('b', 2, 0), left('c', 3, 3), left('d', 4, 0)]
    const orders = [1, 2, 3, 4].map((seed) => shuffle(seed, events))
    const wanted = await expectSame(events, [events.toReversed(), ...orders])
    expect(wanted['day 2026-10-20']).toEqual({ stock_outs: 2 })
    const two = [left('e', 1, 5, 'blue'), left('f', 2, 0), left('g', 3, 0, 'blue'), left('h', 4, 7)]
    const both = await expectSame(two, [two.toReversed(), shuffle(1, two), shuffle(2, two)])
    expect(both['day 2026-10-20']).toEqual({ stock_outs: 1 })
  })

  test('[RECOUNT-1] a late event that changes nothing asks for no recount', async () => {
    const creatorId = await newCreator()
    const live = { session_id: 'live' }
    const likes = (id: string, ts: number, total: number) =>
      of(id, MIDNIGHT + ts, 'like', { ...live, properties: { total } })
    const stock = (id: string, ts: number, quantity: number) =>
      of(id, MIDNIGHT + ts, 'stock_level', { product_id: 'mug', quantity })
    await send(creatorId, [
      [of('start', MIDNIGHT, 'live_started', live)],
      [likes('b', 20, 200), likes('a', 10, 100)],
      [paid('d', MIDNIGHT + 40, { ...live, order_id: 'o', customer_id: 'ana' })],
      [paid('c', MIDNIGHT + 30, { ...live, order_id: 'o', customer_id: 'ana', sku_id: 'x' })],
      [stock('f', 60, 3), stock('e', 50, 4)],
    ])
    expect(await isNoted(creatorId)).toBe(false)
  })

  /** What each minute of a LIVE adds, by type. */
  async function minutesOf(creatorId: string): Promise<Record<string, number>> {
    const minutes: Record<string, number> = {}
    for (const row of await logOf(database, creatorId)) {
      for (const column of ['units', 'opening', 'diamonds', 'main_order'] as const) {
        if (row[column] === 0) continue
        const of = `${Math.floor((row.ts - MIDNIGHT) / MINUTE_MS)} ${row.type} ${column}`
        minutes[of] = (minutes[of] ?? 0) + row[column]
      }
    }
    return minutes
  }

  const liveSeeds = scaled(4, 20)
  test(`[RECOUNT-2][P4] ${liveSeeds} shuffled LIVEs have the same minutes as in order once they are over`, {
    timeout: 300_000,
  }, async () => {
    const cases: { readonly inOrder: string; readonly creatorId: string; seed: number }[] = []
    for (let seed = 1; seed <= liveSeeds; seed++) {
      const events = randomLive(createRandom(`minutes/${seed}`))
      const inOrder = await newCreator()
      await send(inOrder, [events])
      expect(await isNoted(inOrder), `seed ${seed}`).toBe(false)
      const creatorId = await newCreator()
      await send(
        creatorId,
        shuffle(seed, withDuplicates(seed, events)).map((event) => [event]),
      )
      cases.push({ inOrder, creatorId, seed })
    }
    await settleNoted()
    for (const { inOrder, creatorId, seed } of cases) {
      expect(await minutesOf(creatorId), `seed ${seed}`).toEqual(await minutesOf(inOrder))
    }
  })

  test('[RECOUNT-2] a late event within a LIVE waits for its end, and no LIVE says recounting meanwhile', async () => {
    const creatorId = await newCreator()
    const live = { session_id: 'live' }
    const likes = (id: string, minute: number, total: number) =>
      of(id, MIDNIGHT + minute * MINUTE_MS, 'like', { ...live, properties: { total } })
    const tenant = serverTenant(creatorId)
    const recounting = () => database.readAs(tenant, (read) => readRecounting(read, tenant))
    const minutes = async () => {
      const { '1 like opening': first, '2 like units': second } = await minutesOf(creatorId)
      return [first, second]
    }
    await send(creatorId, [[of('start', MIDNIGHT, 'live_started', live), likes('a', 1, 100)]])
    await send(creatorId, [[likes('c', 3, 300)], [likes('b', 2, 250)]])
    expect(await isNoted(creatorId)).toBe(false)
    expect(await recounting()).toBeNull()
    expect(await minutes()).toEqual([100, undefined])
    await send(creatorId, [[of('end', MIDNIGHT + 4 * MINUTE_MS, 'live_ended', live)]])
    expect(await recounting()).toMatchObject({ problem: null })
    await settleNoted()
    expect(await minutes()).toEqual([100, 150])
    // After the end there is nothing to wait for.
    await send(creatorId, [[{ ...likes('first', 1, 90), ts: MIDNIGHT + 1 }]])
    expect(await isNoted(creatorId)).toBe(true)
    await settleNoted()
    expect((await minutesOf(creatorId))['0 like opening']).toBe(90)
  })

  const seeds = scaled(5, 20)
  test(`[RECOUNT-1][P4] ${seeds} shuffled random logs give the same totals of LIVEs, days and groups as in order`, {
    timeout: 300_000,
  }, async () => {
    const cases: { readonly inOrder: string; readonly creatorId: string; seed: number }[] = []
    for (let seed = 1; seed <= seeds; seed++) {
      const random = createRandom(`arrival/${seed}`)
      const events = randomLog(random)
      const inOrder = await newCreator()
      await send(inOrder, partsOf(events, random))
      const creatorId = await newCreator()
      await send(creatorId, partsOf(shuffle(seed, withDuplicates(seed, events)), random))
      cases.push({ inOrder, creatorId, seed })
    }
    await settleNoted()
    // In order too, a LIVE may turn out to continue in a silence.
    for (const { inOrder, creatorId, seed } of cases) {
      expect(await totalsOf(creatorId), `seed ${seed}`).toEqual(await totalsOf(inOrder))
    }
  })
})

/** Running totals, streaks and orders of one LIVE that ends, in order of time. */
function randomLive(random: Random): Event[] {
  const live = { session_id: 'live' }
  const within = () => MIDNIGHT + random.between(1, 59 * 60) * 1_000
  const streaks = ['s', 't'] as const
  const events = Array.from({ length: random.between(10, 40) }, (_, n): Event => {
    const type = random.pick(['like', 'like', 'share', 'gift', 'payment_completed'] as const)
    const id = `${random.between(100, 999)}-${n}`
    const total = { total: random.between(1, 100) }
    const streak = { gift_id: 'rose', diamond_count: 3, streak_id: random.pick(streaks) }
    const order = { order_id: random.pick(['o1', 'o2', 'o3']), amount: 100 }
    const more = {
      like: { properties: total },
      share: { properties: total },
      gift: { properties: streak, quantity: random.between(1, 20), user_id: 'u' },
      payment_completed: order,
    }[type]
    return { id, ts: within(), type, ...live, ...more } as Event
  })
  events.sort((a, b) => (isLater(a, b) ? 1 : -1))
  const edge = (id: string, ts: number, type: string) => ({ id, ts, type, ...live }) as Event
  return [
    edge('start', MIDNIGHT, 'live_started'),
    ...events,
    edge('end', MIDNIGHT + HOUR_MS, 'live_ended'),
  ]
}

function partsOf(events: readonly Event[], random: Random): Event[][] {
  const parts: Event[][] = []
  for (let at = 0; at < events.length; ) {
    const size = random.between(1, 15)
    parts.push(events.slice(at, at + size))
    at += size
  }
  return parts
}

/**
 * Everything counted once, or to its greatest total, over three days, two LIVEs and their groups, in order of
 * time.
 */
function randomLog(random: Random): Event[] {
  const events = Array.from({ length: random.between(10, 60) }, (_, n): Event => {
    const maybe = <T>(...values: readonly T[]) =>
      random.chance(0.7) ? random.pick(values) : undefined
    const type = random.pick([
      'payment_completed',
      'payment_completed',
      'order_created',
      'order_cancelled',
      'customer_acquired',
      'like',
      'share',
      'video_view',
      'gift',
      'stock_level',
      'viewer_joined',
    ])
    const total = { total: random.between(0, 50) }
    const streak = { gift_id: 'rose', diamond_count: 3, streak_id: random.pick(['s', 't']) }
    return JSON.parse(
      JSON.stringify({
        id: `${random.between(100, 999)}-${n}`,
        // Few times, so that many are the same.
        ts: MIDNIGHT - DAY_MS + random.between(0, 72) * HOUR_MS,
        type,
        session_id: type === 'video_view' ? undefined : random.pick(['one', 'two']),
        channel: maybe('tiktok', 'shop'),
        traffic_source: maybe('feed', 'search'),
        order_id: type.startsWith('order') ? random.pick(['o1', 'o2']) : maybe('o1', 'o2', 'o3'),
        product_id: type === 'stock_level' ? random.pick(['p', 'q']) : maybe('p', 'q'),
        sku_id: maybe('p1', 'p2'),
        customer_id: type === 'customer_acquired' ? 'c1' : maybe('c1', 'c2', 'c3'),
        user_id: maybe('u1', 'u2'),
        video_id: type === 'video_view' ? random.pick(['v', 'w']) : undefined,
        amount: type === 'payment_completed' ? 100 : undefined,
        currency: type === 'payment_completed' ? random.pick(['USD', 'USD', 'EUR']) : undefined,
        quantity: type === 'stock_level' ? random.between(0, 2) : maybe(1, 5, 9),
        properties:
          type === 'gift' ? streak : ['like', 'share', 'video_view'].includes(type) ? total : {},
      }),
    ) as Event
  })
  return events.sort((a, b) => (isLater(a, b) ? 1 : -1))
}
