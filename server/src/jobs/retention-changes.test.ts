import { sql } from '@creatorflow/db/sql'
import type { IncomingEvent } from '@creatorflow/shared/events'
import type { LiveEntry } from '@creatorflow/shared/live-state'
import { shuffle } from '@creatorflow/shared/simulator/disorder'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../scripts/test/backends.ts'
import { scaled } from '../../../scripts/test/long-run.ts'
import {
  freshState,
  historyAnswers,
  liveOf,
  livesAroundMark,
  markOf,
  RETENTION_DAYS,
  withoutOrder,
} from '../../test/dropped-log.ts'
import { ask, startApp, type TestApp, type TestCreator } from '../../test/harness.ts'
import { rowOf } from '../../test/log-rows.ts'
import { createInProcessBus } from '../bus/in-process.ts'
import { silentLog } from '../core/log.ts'
import { serverTenant } from '../core/rights/authorize.ts'
import { createTelemetry } from '../core/telemetry.ts'
import { resettleCreator } from '../resettle/resettle.ts'
import { resettleNoted } from './resettle.ts'
import { retain } from './retention.ts'

const log = silentLog()
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const lives = ['live-0', 'live-1', 'live-2', 'live-3', 'live-4']
/** A LIVE's totals; without those that depend on who saw somebody first. */
const sums = ['gmv', 'main_orders', 'items_sold', 'likes', 'diamonds', 'views', 'refunds'] as const

describe.each(databases())('changes of a log with dropped events on $name', (backend) => {
  const bus = createInProcessBus({ log, telemetry: createTelemetry() })
  let app: TestApp

  beforeAll(async () => {
    app = await start()
  })
  afterAll(() => app?.[Symbol.asyncDispose]())

  const start = () =>
    startApp({
      database: backend,
      bus,
      env: { ROLES: 'pipeline,gateway', MAX_REQUESTS_PER_S_PER_CREATOR: '0' },
    })
  const round = (of: TestApp) =>
    retain({ database: of.database, bus, config: { retentionDays: RETENTION_DAYS }, log })
  const settle = (of: TestApp) =>
    resettleNoted({ database: of.database, bus, config: { resettleDelayMs: 0 }, log })

  async function send(of: TestApp, creator: TestCreator, events: readonly object[], size = 200) {
    for (let at = 0; at < events.length; at += size) {
      const { json } = await of.post(events.slice(at, at + size), creator)
      expect(json.rejected).toEqual([])
    }
  }

  test('[KEEP-3][RECOUNT-1] kept events are re-attributed as if nothing had been dropped', {
    timeout: 240_000,
  }, async () => {
    for (let seed = 1; seed <= scaled(1, 3); seed++) {
      // Marks belong to a database: the log that keeps everything is in another one.
      await using own = await start()
      const creator = await own.newCreator({ timeZone: 'Asia/Kolkata' })
      const whole = await app.newCreator({ timeZone: 'Asia/Kolkata' })
      const events = onlyStartsNamed(livesAroundMark(seed, 0.06))
      const old = events.filter(({ ts = 0 }) => ts < markOf())
      const young = events.filter(({ ts = 0 }) => ts >= markOf())
      await send(app, whole, [...old, ...young])
      await settle(app)
      await send(own, creator, old)
      await round(own)
      await send(own, creator, shuffle(seed, young), 100)
      const { generation } = await counterOf(own, creator)
      await settle(own)
      expect((await counterOf(own, creator)).generation, `seed ${seed}`).toBe(generation + 1)

      const state = await freshState(own.database, creator.id)
      const wanted = await freshState(app.database, whole.id)
      expect(withoutFirsts(state.days)).toEqual(withoutFirsts(wanted.days))
      expect(state.stock).toEqual(wanted.stock)
      for (const id of lives) {
        const found = comparable(await liveOf(own, creator, id))
        expect(found, `seed ${seed} ${id}`).toEqual(comparable(await liveOf(app, whole, id)))
        const held = state.lives[id] as LiveEntry
        expect(comparable(held), `seed ${seed} ${id}`).toEqual(found)
      }
      const [mine, theirs] = [
        await historyAnswers(own, creator, sums, ['1d', 'total']),
        await historyAnswers(app, whole, sums, ['1d', 'total']),
      ]
      for (const [question, points] of theirs) {
        // Which event of a streak or an order has the increment depends on the order of arrival.
        if (!/ (undefined|session)$/.test(question)) continue
        expect(mine.get(question), `seed ${seed} ${question}`).toEqual(points)
      }
      expect(await resettleCreator(own.database, serverTenant(creator.id))).toEqual({
        rewritten: 0,
        raised: false,
      })
    }
  })

  describe('after a round', () => {
    let own: TestApp
    let creator: TestCreator

    beforeAll(async () => {
      own = await start()
      creator = await own.newCreator()
      await send(own, creator, livesAroundMark(9, 0.05))
      await round(own)
    }, 240_000)
    afterAll(() => own?.[Symbol.asyncDispose]())

    test('[KEEP-3] the order of a dropped payment stays with its LIVE, and late evidence brings others there', async () => {
      const of = await own.newCreator()
      const at = markOf() + 5 * DAY_MS
      const live = (id: string, ts: number) => ({ id, type: 'live_started', ts, session_id: id })
      await send(own, of, [live('a', at), live('b', at + 60 * MINUTE_MS)])
      const refund = (id: string, order_id: string, ts: number) => ({
        id,
        type: 'order_refunded',
        order_id,
        ts,
        amount: 100,
      })
      await send(own, of, [refund('r', 'o', at + DAY_MS)])
      await send(own, of, [
        { id: 'p', type: 'order_fulfilled', order_id: 'o', ts: at + 1, session_id: 'a' },
      ])
      await settle(own)
      expect(await rowOf(own.database, of.id, 'r')).toMatchObject({
        session_id: 'a',
        attribution: 'order',
      })
      // The same where the LIVE itself was dropped.
      await send(own, creator, [refund('late', 'unknown', at)])
      await send(own, creator, [
        { id: 'name', type: 'order_fulfilled', order_id: 'unknown', ts: at, session_id: 'live-0' },
      ])
      const before = await liveOf(own, creator, 'live-0')
      await settle(own)
      const after = await liveOf(own, creator, 'live-0')
      expect(after.totals.refunds).toBe((before.totals.refunds ?? 0) + 100)
      expect({ ...after.totals, refunds: 0 }).toEqual({ ...before.totals, refunds: 0 })
      const known = await own.database.query<{ ref: string }>(sql`
        select ref from claims where creator_id = ${creator.id} and kind = 'order' and ref = 'live-0'`)
      expect(known.length).toBeGreaterThan(1)
    })

    test('[KEEP-3] another zone or currency is refused with the reason; the same one or a new name is not', async () => {
      const path = `/api/v1/creators/${creator.id}`
      const change = (body: object) => ask(own.port, 'PATCH', path, own.owner, JSON.stringify(body))
      for (const body of [{ time_zone: 'Asia/Tokyo' }, { currency: 'EUR' }]) {
        const { status, json } = await change(body)
        expect(status).toBe(409)
        expect(json.error).toMatchObject({ code: 'conflict' })
        expect(json.error.message).toMatch(/no longer kept.*Add another creator/)
      }
      const { status, json } = await change({ time_zone: 'UTC', name: 'Anna' })
      expect(status).toBe(200)
      expect(json).toMatchObject({ name: 'Anna', time_zone: 'UTC', currency: 'USD' })
    })

    test('[PRIVACY-1] an erased person is in nothing kept of dropped events, and numbers stay', async () => {
      const happened = await freshState(own.database, creator.id)
      const people = Object.values(happened.lives['live-0']?.recent ?? {})
      const person = people.find(({ user_id }) => user_id !== undefined)?.user_id as string
      const traces = async () => {
        const rows = await own.database.query<{ state: string }>(sql`
          select state::text as state from frozen_lives where creator_id = ${creator.id}
          union all select state::text from log_bases where creator_id = ${creator.id}
          union all select state::text from checkpoints where creator_id = ${creator.id}`)
        return rows.filter(({ state }) => state.includes(JSON.stringify(person))).length
      }
      expect(await traces()).toBeGreaterThan(1)
      const { generation } = await counterOf(own, creator)
      const { status } = await ask(
        own.port,
        'DELETE',
        `/api/v1/creators/${creator.id}/people/${encodeURIComponent(person)}`,
        own.owner,
      )
      expect(status).toBe(200)
      expect(await traces()).toBe(0)
      expect((await counterOf(own, creator)).generation).toBe(generation + 1)
      const after = await freshState(own.database, creator.id)
      expect(JSON.stringify(after)).not.toContain(JSON.stringify(person))
      expect(after.days).toEqual(happened.days)
      for (const [id, live] of Object.entries(happened.lives)) {
        expect(after.lives[id]?.totals, id).toEqual(live.totals)
      }
    })
  })

  test('[KEEP-1] a log that is re-attributed while being prepared is prepared again', async () => {
    await using own = await start()
    const creator = await own.newCreator()
    await send(own, creator, livesAroundMark(10, 0.05))
    let raised = 0
    // Someone raises the generation right before the counters are locked.
    const database = {
      ...own.database,
      transaction: async (work: Parameters<typeof own.database.transaction>[0]) => {
        const isStill = raised < 2 && (await stagedOf(own)) > 0
        if (isStill) {
          raised++
          await own.database.query(sql`
            update events set money = money + 1 where creator_id = ${creator.id} and money > 0`)
          await own.database.query(sql`
            update counters set generation = generation + 1 where creator_id = ${creator.id}`)
        }
        return own.database.transaction(work)
      },
    } as typeof own.database
    await retain({ database, bus, config: { retentionDays: RETENTION_DAYS }, log })
    expect(raised).toBe(2)
    const { totals } = await liveOf(own, creator, 'live-0')
    const [archived] = await own.database.query<{ money: number }>(sql`
      select sum(money)::bigint as money from archive_1d
      where creator_id = ${creator.id} and session_id = 'live-0' and type = 'payment_completed'`)
    const before = livesAroundMark(10, 0.05).filter(
      (e) => e.type === 'payment_completed' && e.session_id === 'live-0',
    )
    expect(before.length).toBeGreaterThan(0)
    expect(archived?.money).toBe(totals.gmv)
    // Each time every sum of money grew by one.
    const sent = before.reduce((all, { amount = 0 }) => all + amount, 0)
    expect((totals.gmv ?? 0) - sent).toBeGreaterThanOrEqual(before.length)
  })

  async function stagedOf(of: TestApp): Promise<number> {
    const rows = await of.database.query(
      sql`select from log_bases where until > (select kept_since from retention)`,
    )
    return rows.length
  }

  async function counterOf(of: TestApp, { id }: TestCreator): Promise<{ generation: number }> {
    const [row] = await of.database.query<{ generation: number }>(
      sql`select generation from counters where creator_id = ${id}`,
    )
    return row ?? { generation: 0 }
  }
})

/** Only its start names a LIVE: everything else is attributed by order or time. */
function onlyStartsNamed(events: readonly IncomingEvent[]): IncomingEvent[] {
  return events.map(({ session_id, pin_id: _, ...event }) =>
    event.type === 'live_started' && session_id !== undefined ? { ...event, session_id } : event,
  )
}

/** Which of several LIVEs or days saw somebody first depends on the order of arrival. */
function withoutFirsts<T>(value: T): T {
  return JSON.parse(
    JSON.stringify(value, (key, inner) =>
      ['new_customers', 'estimated'].includes(key) ? undefined : inner,
    ),
  )
}

const comparable = (live: LiveEntry) => withoutFirsts(withoutOrder(live))
