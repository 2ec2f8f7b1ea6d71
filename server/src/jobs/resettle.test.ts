import type { Database } from '@creatorflow/db/database'
import { type Sql, sql } from '@creatorflow/db/sql'
import { shuffle } from '@creatorflow/shared/simulator/disorder'
import { simulateLive } from '@creatorflow/shared/simulator/simulate-live'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../scripts/test/backends.ts'
import { scaled } from '../../../scripts/test/long-run.ts'
import { startApp, type TestApp, type TestCreator } from '../../test/harness.ts'
import { wrongBuckets } from '../../test/history-oracle.ts'
import { logOf, rowOf } from '../../test/log-rows.ts'
import { observedDatabase } from '../../test/observed-database.ts'
import { createInProcessBus } from '../bus/in-process.ts'
import { createLog, silentLog } from '../core/log.ts'
import { serverTenant } from '../core/rights/authorize.ts'
import { createTelemetry } from '../core/telemetry.ts'
import { follow } from '../live/follow.ts'
import { refreshHistory } from './refresh-history.ts'
import { resettleNoted } from './resettle.ts'

const NOON = Date.UTC(2026, 9, 20, 12)
const at = (minute: number) => NOON + minute * 60_000

type Event = { id: string; type: string; ts: number } & Record<string, unknown>
const named = (session_id: string) => ({ session_id })
const start = (minute = 0, session_id = 'a'): Event => ({
  id: `start-${session_id}`,
  type: 'live_started',
  ts: at(minute),
  session_id,
})
const event = (id: string, type: string, minute: number, more: object = {}): Event => ({
  id,
  type,
  ts: at(minute),
  ...more,
})
const ofMug = { product_id: 'mug' }
const paid = { amount: 100, order_id: 'o' }

/** Whether a statement reads a page of a creator's log in order of time. */
const isPageOf = (creatorId: string, { text, values }: Sql) =>
  text.includes('order by ts') && values.includes(creatorId)

describe.each(databases())('the re-attribution job on $name', (backend) => {
  const log = silentLog()
  const telemetry = createTelemetry()
  const bus = createInProcessBus({ log, telemetry })
  let app: TestApp

  beforeAll(async () => {
    // Its own job waits forever: the tests decide when.
    app = await startApp({ database: backend, bus, env: { RESETTLE_DELAY_MS: '86400000' } })
  })
  afterAll(() => app?.[Symbol.asyncDispose]())

  async function send(creator: TestCreator, ...requests: Event[][]): Promise<void> {
    for (const events of requests) {
      const { json } = await app.post(events, { key: creator.key })
      expect(json).toMatchObject({ accepted: events.length, rejected: [] })
    }
  }

  const round = (resettleDelayMs = 0) =>
    resettleNoted({ database: app.database, bus, config: { resettleDelayMs }, log })

  async function reasonOf({ id }: TestCreator): Promise<string | undefined> {
    const [row] = await app.database.query<{ reason: string }>(
      sql`select reason from resettle where creator_id = ${id}`,
    )
    return row?.reason
  }

  async function generation({ id }: TestCreator): Promise<number> {
    const [row] = await app.database.query<{ generation: number }>(
      sql`select generation from counters where creator_id = ${id}`,
    )
    return row?.generation ?? 0
  }

  test.each<[string, string, Event[][], string, [string | null, string | null, string | null]]>([
    ['a start', 'live', [[event('x', 'share', 5)], [start()]], 'x', ['a', 'time', null]],
    [
      'an end',
      'live',
      [[start(), event('x', 'share', 20)], [event('end', 'live_ended', 10, named('a'))]],
      'x',
      [null, null, null],
    ],
    [
      'an end that names no LIVE',
      'live',
      [[start(), event('x', 'share', 20)], [event('end', 'live_ended', 10)]],
      'x',
      [null, null, null],
    ],
    [
      'an earlier sign of a LIVE without a start',
      'live',
      [
        [event('1', 'comment', 30, named('a')), event('x', 'product_click', 20, ofMug)],
        [event('2', 'comment', 10, named('a'))],
      ],
      'x',
      ['a', 'time', null],
    ],
    [
      'a start after its LIVE was inferred earlier',
      'live',
      [[event('1', 'comment', 10, named('a')), event('x', 'share', 15)], [start(20)]],
      'x',
      [null, null, null],
    ],
    [
      'a sign of life in what looked like silence',
      'live',
      [[start()], [event('x', 'share', 50)], [event('1', 'comment', 25)]],
      'x',
      ['a', 'time', null],
    ],
    [
      'a pin',
      'pin',
      [
        [start(), event('x', 'product_click', 5, ofMug)],
        [event('pin', 'product_pinned', 1, { ...ofMug, ...named('a') })],
      ],
      'x',
      ['a', 'time', 'pin'],
    ],
    [
      'a pin after all signs of life but a payment that only its order places',
      'pin',
      [
        [start(), event('pack', 'order_fulfilled', 5, { order_id: 'o', ...named('a') })],
        [
          event('x', 'payment_completed', 20, {
            ...paid,
            ...ofMug,
            properties: { unattributed: true },
          }),
        ],
        [event('pin', 'product_pinned', 10, { ...ofMug, ...named('a') })],
      ],
      'x',
      ['a', 'order', 'pin'],
    ],
    [
      'an unpin',
      'pin',
      [
        [start(), event('pin', 'product_pinned', 1, { ...ofMug, ...named('a') })],
        [event('x', 'product_click', 5, { ...ofMug, ...named('a') })],
        [event('unpin', 'product_unpinned', 3, { ...ofMug, ...named('a') })],
      ],
      'x',
      ['a', 'session', null],
    ],
    [
      'the LIVE of an order',
      'order',
      [
        [start(), start(-600, 'b')],
        [event('x', 'payment_completed', 5, paid)],
        [event('order', 'order_fulfilled', 4, { order_id: 'o', ...named('b') })],
      ],
      'x',
      ['b', 'order', null],
    ],
    [
      'an order whose refund came first',
      'order',
      [
        [start()],
        [event('x', 'order_refunded', 14_400, paid)],
        [event('pack', 'order_fulfilled', 5, { order_id: 'o', ...named('a') })],
      ],
      'x',
      ['a', 'order', null],
    ],
  ])(
    '[RECOUNT-1] a late event corrects what was guessed: %s',
    async (_, reason, requests, id, expected) => {
      const creator = await app.newCreator()
      await send(creator, ...requests)
      expect(await reasonOf(creator)).toBe(reason)
      await round()
      expect(await reasonOf(creator)).toBeUndefined()
      const { session_id, attribution, pin_id } = await rowOf(app.database, creator.id, id)
      expect([session_id, attribution, pin_id]).toEqual(expected)
      expect(await generation(creator)).toBe(2)
    },
  )

  test('[RECOUNT-2] events in order ask for no re-attribution', async () => {
    const creator = await app.newCreator()
    const { events } = simulateLive({
      seed: 5,
      sessionId: 'a',
      startAt: NOON,
      durationMs: scaled(15_000, 60_000),
      rate: 0.5,
      currency: 'USD',
      timeZone: 'UTC',
    })
    await send(
      creator,
      ...events
        .map(({ session_id: _, ...sent }) =>
          sent.type === 'live_started' ? [{ ...sent, session_id: 'a' }] : [sent],
        )
        .filter(([sent]) => sent?.type !== 'live_ended'),
    )
    expect(await reasonOf(creator)).toBeUndefined()
  })

  test('[RECOUNT-2] an earlier LIVE sent after a later one, in order, asks for no re-attribution', async () => {
    const creator = await app.newCreator()
    const live = (id: string, minutes: number) =>
      [
        start(minutes, id),
        event(`${id}-pin`, 'product_pinned', minutes + 1, { ...ofMug, ...named(id) }),
        event(`${id}-click`, 'product_click', minutes + 2, { ...ofMug, ...named(id) }),
        event(`${id}-unpin`, 'product_unpinned', minutes + 3, { ...ofMug, ...named(id) }),
      ].map((sent) => [sent])
    await send(creator, ...live('later', 0), ...live('earlier', -600))
    expect(await reasonOf(creator)).toBeUndefined()
  })

  test('[RECOUNT-2] late events within the delay are settled once, and none before it', async () => {
    const creator = await app.newCreator()
    await send(creator, [event('x', 'share', 5)])
    await send(creator, ...[4, 3, 2, 1].map((minute) => [start(minute, `live-${minute}`)]))
    await round(600_000)
    expect(await generation(creator)).toBe(1)
    await round()
    expect(await generation(creator)).toBe(2)
    await round()
    expect(await generation(creator)).toBe(2)
  })

  test('[RECOUNT-1] named LIVEs and pins stay, even on rows that do not record them', async () => {
    const creator = await app.newCreator()
    const click = (id: string, more: object) => event(id, 'product_click', 5, { ...ofMug, ...more })
    await send(creator, [
      start(),
      start(-5, 'b'),
      click('pin-given', { pin_id: 'mine' }),
      click('guessed', {}),
      click('live-given', named('b')),
    ])
    await app.database.query(
      sql`update events set given = null where creator_id = ${creator.id} and id = 'pin-given'`,
    )
    await send(creator, [event('pin', 'product_pinned', 1, ofMug)])
    await round()
    const found = await logOf(app.database, creator.id)
    expect(Object.fromEntries(found.map((r) => [r.id, [r.session_id, r.pin_id]]))).toEqual({
      'start-a': ['a', null],
      'start-b': ['b', null],
      'pin-given': ['a', 'mine'],
      guessed: ['a', 'pin'],
      'live-given': ['b', null],
      pin: ['a', 'pin'],
    })
    expect(found.map((row) => row.opens_live)).toEqual([1, 1, 0, 0, 0, 0])
  })

  test('[RECOUNT-1] history is exact at once after the log was rewritten', async () => {
    const creator = await app.newCreator({ timeZone: 'Asia/Kolkata' })
    const { events } = simulateLive({
      seed: 6,
      sessionId: 'a',
      startAt: NOON,
      durationMs: 200_000,
      rate: 0.5,
      currency: 'USD',
      timeZone: 'Asia/Kolkata',
    })
    const stripped = events.map(({ session_id, pin_id: _, ...sent }) => ({
      ...sent,
      ...(sent.type === 'live_started' && { session_id }),
    }))
    await send(creator, shuffle(6, stripped))
    await refreshHistory(app.database, log)
    await round()
    expect(await generation(creator)).toBe(2)
    expect(await wrongBuckets(app.database, [creator.id])).toEqual([])
    await refreshHistory(app.database, log)
    expect(await wrongBuckets(app.database, [creator.id])).toEqual([])
  })

  test('[RECOUNT-4] a log without its beginning is left unchanged, and others are settled', async () => {
    const broken = await app.newCreator()
    const whole = await app.newCreator()
    for (const creator of [broken, whole]) {
      await send(creator, [event('first', 'share', 1), event('x', 'share', 5)], [start(4)])
    }
    await app.database.query(
      sql`delete from events where creator_id = ${broken.id} and id = 'first'`,
    )
    await round()
    expect(await rowOf(app.database, whole.id, 'x')).toMatchObject({ session_id: 'a' })
    expect(await rowOf(app.database, broken.id, 'x')).toMatchObject({ session_id: null })
    expect(await reasonOf(broken)).toBe('live')
    expect(await generation(broken)).toBe(1)
  })

  const recountingOf = async ({ id, key }: TestCreator) =>
    (await app.get(`/api/v1/creators/${id}/lives/a`, { key })).json.recounting

  test.each(['08006', '57014', '40001', '40P01', '55P03', '25P03', 'ECONNRESET'])(
    '[RECOUNT-4] a transient failure (%s) is retried within seconds, and the LIVE says so',
    async (code) => {
      const creator = await app.newCreator()
      await send(creator, [event('x', 'share', 5)], [start()])
      expect(await recountingOf(creator)).toMatchObject({ problem: null })
      const failing = observedDatabase(app.database, {
        before(text) {
          if (text.includes('coalesce(b.holes_until, 0)'))
            throw Object.assign(new Error('away'), { code })
        },
      })
      const deps = { bus, config: { resettleDelayMs: 0 }, log }
      await resettleNoted({ ...deps, database: failing })
      expect(await reasonOf(creator)).toBe('live')
      expect(await recountingOf(creator)).toMatchObject({ problem: null })
      await expect
        .poll(
          async () => {
            await round()
            return (await rowOf(app.database, creator.id, 'x')).session_id
          },
          { timeout: 8_000, interval: 200 },
        )
        .toBe('a')
      expect(await recountingOf(creator)).toBeNull()
    },
  )

  test('[RECOUNT-3] a lasting problem is logged once and shown; later creators do not wait behind it', async () => {
    const creator = await app.newCreator()
    await send(creator, [event('first', 'share', 1), event('x', 'share', 5)], [start()])
    const broken = observedDatabase(app.database, {
      before(text) {
        if (text.includes('coalesce(b.holes_until, 0)')) throw new Error('a defect')
      },
    })
    const lines: string[] = []
    const stream = { write: (line: string) => void lines.push(line) }
    const told = createLog({ level: 'warn', stream })
    const deps = { bus, config: { resettleDelayMs: 0 }, database: broken, log: told }
    await resettleNoted(deps)
    await send(creator, [event('earlier', 'live_started', -5, named('a'))])
    await resettleNoted(deps)
    expect(lines.filter((line) => line.includes(creator.id))).toHaveLength(1)
    expect(await recountingOf(creator)).toMatchObject({ problem: 'failed' })
    const ready = (await app.get('/readyz')).json
    expect(ready).toMatchObject({ status: 'degraded', parts: { recounts: { ok: false } } })
    await send(creator, [event('earliest', 'live_started', -9, named('a'))])
    await round()
    expect(await recountingOf(creator)).toBeNull()
    expect(await rowOf(app.database, creator.id, 'x')).toMatchObject({ session_id: 'a' })
  })

  test('[RECOUNT-3] a log that cannot be recounted says so everywhere, and its owner sees why', async () => {
    const creator = await app.newCreator()
    await send(creator, [event('x', 'share', 5)], [start()])
    const moveHead = (by: number) =>
      app.database.query(
        sql`update counters set seq = seq + ${by}::bigint where creator_id = ${creator.id}`,
      )
    await moveHead(1)
    await round()
    await moveHead(-1)
    expect(await recountingOf(creator)).toMatchObject({ problem: 'failed', percent: null })
    const path = `/api/v1/creators/${creator.id}`
    for (const each of ['lives', 'overview', 'lives/a/summary']) {
      const { json } = await app.get(`${path}/${each}`, creator)
      expect(json.recounting, each).toMatchObject({ problem: 'failed' })
    }
    expect((await app.get('/readyz')).json).toMatchObject({ status: 'degraded' })
    const jobs = await fetch(`${app.url}/api/v1/jobs`, { headers: app.owner })
    expect(((await jobs.json()) as { recounts: object[] }).recounts).toContainEqual(
      expect.objectContaining({
        creator_id: creator.id,
        state: 'failed',
        error: expect.stringContaining('has a hole'),
      }),
    )
    await app.database.query(sql`delete from resettle where creator_id = ${creator.id}`)
  })

  test('[RECOUNT-3] a running recount delays no creator noted later', async () => {
    const [slow, late] = [await app.newCreator(), await app.newCreator()]
    await send(slow, [event('x', 'share', 5)], [start()])
    const isHeld = Promise.withResolvers<void>()
    const reading = Promise.withResolvers<void>()
    const held: Database = {
      ...app.database,
      async query(statement) {
        if (isPageOf(slow.id, statement)) {
          reading.resolve()
          await isHeld.promise
        }
        return app.database.query(statement)
      },
    }
    const rounds = resettleNoted({ database: held, bus, config: { resettleDelayMs: 0 }, log })
    await reading.promise
    await send(late, [event('x', 'share', 5)], [start()])
    await expect.poll(() => reasonOf(late), { timeout: 15_000 }).toBeUndefined()
    expect(await rowOf(app.database, slow.id, 'x')).toMatchObject({ session_id: null })
    isHeld.resolve()
    await rounds
    expect(await rowOf(app.database, slow.id, 'x')).toMatchObject({ session_id: 'a' })
  })

  test("[RECOUNT-4] while one creator's lock is held others are settled, and it follows once the lock is free", async () => {
    const held = await app.newCreator()
    const free = await app.newCreator()
    for (const creator of [held, free]) {
      await send(creator, [event('x', 'share', 5)], [start()])
    }
    // An embedded database has one transaction at a time: nobody can hold a lock next to it.
    if (app.database.edition === 'embedded') return round()
    const done = Promise.withResolvers<void>()
    const locked = Promise.withResolvers<void>()
    const holding = app.database.transaction(async (tx) => {
      await tx.query(sql`select 1 from counters where creator_id = ${held.id} for update`)
      locked.resolve()
      await done.promise
    })
    await locked.promise
    await round()
    expect(await rowOf(app.database, free.id, 'x')).toMatchObject({ session_id: 'a' })
    expect(await recountingOf(held)).toMatchObject({ problem: null })
    done.resolve()
    await holding
    await expect
      .poll(
        async () => {
          await round()
          return (await rowOf(app.database, held.id, 'x')).session_id
        },
        { timeout: 8_000, interval: 200 },
      )
      .toBe('a')
  })

  test('[RECOUNT-1] a running server re-attributes automatically, and followers see it', async () => {
    const creator = await app.newCreator()
    await using other = await startApp({
      database: app.database,
      bus,
      env: { RESETTLE_DELAY_MS: '100', ROLES: 'jobs' },
    })
    const deps = { database: app.database, bus, log, telemetry }
    await using follower = await follow(deps, serverTenant(creator.id))
    await send(creator, [event('x', 'share', 5)], [start()])
    await expect.poll(() => follower.ready && follower.state.lives.a?.totals.shares).toBe(1)
    expect(other.database).toBe(app.database)
  })
})
