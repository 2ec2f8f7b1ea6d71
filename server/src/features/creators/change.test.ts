import { type Sql, sql } from '@creatorflow/db/sql'
import type { IncomingEvent } from '@creatorflow/shared/events'
import { localDay } from '@creatorflow/shared/present'
import { shuffle } from '@creatorflow/shared/simulator/disorder'
import { simulateLive } from '@creatorflow/shared/simulator/simulate-live'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../../scripts/test/backends.ts'
import { ask, type Reply, startApp, type TestApp } from '../../../test/harness.ts'
import { logOf } from '../../../test/log-rows.ts'
import { createInProcessBus } from '../../bus/in-process.ts'
import { silentLog } from '../../core/log.ts'
import { serverTenant } from '../../core/rights/authorize.ts'
import { createTelemetry } from '../../core/telemetry.ts'
import type { EventRow } from '../../eventlog/event-row.ts'
import { resettleNoted } from '../../jobs/resettle.ts'
import { follow } from '../../live/follow.ts'
import { resettleCreator } from '../../resettle/resettle.ts'

const EVENING = Date.UTC(2026, 9, 20, 21, 58)
const zones = ['Europe/Berlin', 'Asia/Kathmandu', 'America/New_York', 'UTC', 'Asia/Kolkata']

describe.each(databases())('changing a creator on $name', (backend) => {
  const log = silentLog()
  const telemetry = createTelemetry()
  const bus = createInProcessBus({ log, telemetry })
  let app: TestApp

  beforeAll(async () => {
    app = await startApp({ database: backend, bus })
  })
  afterAll(() => app?.[Symbol.asyncDispose]())

  /** As the owner, unless a key is given. */
  function change(id: string, body: object, headers: Record<string, string> = {}): Promise<Reply> {
    return ask(
      app.port,
      'PATCH',
      `/api/v1/creators/${id}`,
      { ...app.owner, ...headers },
      JSON.stringify(body),
    )
  }

  async function send(creator: { key: string }, events: readonly object[]): Promise<void> {
    const { json } = await app.post(events, { key: creator.key })
    expect(json).toMatchObject({ accepted: events.length, rejected: [] })
  }

  /** The decision about each event, by its id. */
  async function decided(id: string): Promise<Record<string, Partial<EventRow>>> {
    const rows = await logOf(app.database, id)
    return Object.fromEntries(
      rows.map(({ creator_id: _, received_at: _at, ...row }) => [row.id, row]),
    )
  }

  async function claims(id: string) {
    return app.database.query(
      sql`select kind, key, value, ref, at from claims where creator_id = ${id} order by kind, key`,
    )
  }

  async function generation(id: string): Promise<number> {
    const [row] = await app.database.query<{ generation: number }>(
      sql`select generation from counters where creator_id = ${id}`,
    )
    return row?.generation ?? 0
  }

  test.each(zones)(
    '[COUNT-5] in %s days are as if that had always been the zone',
    async (timeZone) => {
      const events = lateEvening(zones.indexOf(timeZone))
      const changed = await app.newCreator({ timeZone: 'Australia/Sydney' })
      const always = await app.newCreator({ timeZone })
      await send(changed, events)
      await send(always, events)
      const reply = await change(changed.id, { time_zone: timeZone })
      expect(reply).toMatchObject({ status: 200, json: { id: changed.id, time_zone: timeZone } })
      expect(await decided(changed.id)).toEqual(await decided(always.id))
      expect(await claims(changed.id)).toEqual(await claims(always.id))
      expect(await generation(changed.id)).toBe(2)
    },
  )

  test('[COUNT-5] after a currency change, money counts as if that had always been the currency', async () => {
    const currencies = ['EUR', 'USD', undefined]
    const events = lateEvening(7).map(({ currency: _, ...event }, index) => {
      const currency = event.amount === undefined ? undefined : currencies[index % 3]
      return { ...event, ...(currency !== undefined && { currency }) }
    })
    const changed = await app.newCreator({ currency: 'USD' })
    const always = await app.newCreator({ currency: 'EUR' })
    await send(changed, events)
    await send(always, events)
    const before = await decided(changed.id)
    expect(await change(changed.id, { currency: 'EUR' })).toMatchObject({ status: 200 })
    const after = await decided(changed.id)
    expect(after).toEqual(await decided(always.id))
    expect(await claims(changed.id)).toEqual(await claims(always.id))
    expect(after).not.toEqual(before)
    // And back: given and filled-in values are still distinguished.
    await change(changed.id, { currency: 'USD' })
    expect(await decided(changed.id)).toEqual(before)
  })

  test('[COUNT-5] a screen that follows shows the new days and settings', async () => {
    const creator = await app.newCreator({ timeZone: 'UTC' })
    await send(creator, [paid('a', EVENING), paid('b', EVENING + 3_600_000)])
    const deps = { database: app.database, bus, log, telemetry }
    await using follower = await follow(deps, serverTenant(creator.id))
    expect(Object.keys(follower.state.days)).toEqual(['2026-10-20'])
    await change(creator.id, { time_zone: 'Europe/Berlin' })
    await expect
      .poll(() => follower.ready && Object.keys(follower.state.days))
      .toEqual(['2026-10-20', '2026-10-21'])
    expect(follower.creator.time_zone).toBe('Europe/Berlin')
    await change(creator.id, { name: 'Another name' })
    await expect.poll(() => follower.ready && follower.creator.name).toBe('Another name')
    await send(creator, [paid('c', EVENING)])
    await expect.poll(() => follower.ready && follower.state.seq).toBe(3)
    expect(follower.state.days['2026-10-20']?.totals.gmv).toBe(200)
  })

  test('[COUNT-5] an empty, invalid or unauthorized change changes nothing', async () => {
    const creator = await app.newCreator({ timeZone: 'UTC' })
    await send(creator, [paid('a', EVENING)])
    expect(await change(creator.id, {})).toMatchObject({ status: 400 })
    expect(await change(creator.id, { time_zone: 'Berlin' })).toMatchObject({ status: 400 })
    expect(await change(creator.id, { currency: 'euro' })).toMatchObject({ status: 400 })
    expect(await change(creator.id, { id: 'other' })).toMatchObject({ status: 400 })
    const key = { authorization: `Bearer ${app.masterKey}` }
    expect(await change(creator.id, { name: 'x' }, key)).toMatchObject({ status: 403 })
    expect(await change('nobody', { name: 'x' })).toMatchObject({ status: 404 })
    expect(await change(creator.id, { time_zone: 'UTC' })).toMatchObject({ status: 200 })
    expect(await generation(creator.id)).toBe(1)
  })

  describe('while a recount takes longer than an answer', () => {
    let slow: TestApp
    const settle = () =>
      resettleNoted({ database: slow.database, bus, config: { resettleDelayMs: 0 }, log })
    const patch = (id: string, body: object) =>
      ask(slow.port, 'PATCH', `/api/v1/creators/${id}`, slow.owner, JSON.stringify(body))

    beforeAll(async () => {
      // The job waits forever: the tests decide when.
      const env = { RECOUNT_ANSWER_MS: '0', RESETTLE_DELAY_MS: '86400000' }
      slow = await startApp({ database: backend, bus, env })
    })
    afterAll(() => slow?.[Symbol.asyncDispose]())

    async function newLog(): Promise<string> {
      const { id, key } = await slow.newCreator({ timeZone: 'UTC' })
      await slow.post([paid('a', EVENING), paid('b', EVENING + 3_600_000)], { key })
      return id
    }

    test('[COUNT-5] the answer says so, and the zone changes when the recount is over', async () => {
      const id = await newLog()
      const answer = await patch(id, { time_zone: 'Europe/Berlin', name: 'Berlin' })
      expect(answer).toMatchObject({
        status: 202,
        json: { time_zone: 'UTC', name: 'Berlin', recounting: { problem: null } },
      })
      const progress = async () => {
        const path = `/api/v1/creators/${id}/recount`
        return (await ask(slow.port, 'GET', path, slow.owner)).json
      }
      expect(await progress()).toMatchObject({
        recounting: { problem: null, percent: null },
        settings: { time_zone: 'Europe/Berlin', currency: 'USD' },
      })
      await slow.database.query(sql`
        update resettle set rows_done = 1, rows_total = 4, beat_at = clock_timestamp()
        where creator_id = ${id}`)
      expect(await progress()).toMatchObject({ recounting: { percent: 25 } })
      await slow.database.query(sql`update resettle set beat_at = null where creator_id = ${id}`)
      await settle()
      expect(await progress()).toEqual({ recounting: null, settings: null })
      const after = await patch(id, { time_zone: 'Europe/Berlin' })
      expect(after.json).toMatchObject({ time_zone: 'Europe/Berlin', recounting: null })
      const days = (await logOf(slow.database, id)).map(({ day }) => day)
      expect(days).toEqual(['2026-10-20', '2026-10-21'])
    })

    test('[COUNT-5] of changes that wait the last one counts', async () => {
      const id = await newLog()
      await patch(id, { time_zone: 'Asia/Tokyo' })
      await patch(id, { currency: 'EUR' })
      await patch(id, { time_zone: 'Europe/Berlin' })
      await settle()
      const { json } = await patch(id, { name: 'Done' })
      expect(json).toMatchObject({ time_zone: 'Europe/Berlin', currency: 'EUR', recounting: null })
    })

    test('[COUNT-5] a change that comes during the recount of another one is counted after it', async () => {
      const id = await newLog()
      await patch(id, { time_zone: 'Asia/Tokyo' })
      let isAsked = false
      const query = async <R>(statement: Sql): Promise<R[]> => {
        const isPage = statement.text.includes('order by ts')
        if (isPage && !isAsked) {
          isAsked = true
          await patch(id, { time_zone: 'Europe/Berlin' })
        }
        return slow.database.query<R>(statement)
      }
      await resettleCreator({ ...slow.database, query }, serverTenant(id))
      expect(isAsked).toBe(true)
      expect((await patch(id, {})).status).toBe(400)
      expect((await patch(id, { name: 'x' })).json).toMatchObject({
        time_zone: 'Asia/Tokyo',
        recounting: { problem: null },
      })
      await settle()
      expect((await patch(id, { name: 'y' })).json).toMatchObject({
        time_zone: 'Europe/Berlin',
        recounting: null,
      })
    })
  })

  test('[COUNT-5] events that arrive during changes get the final zone', async () => {
    const creator = await app.newCreator({ timeZone: 'UTC' })
    const events = shuffle(1, lateEvening(1))
    const sending = async () => {
      for (let at = 0; at < events.length; at += 40) await send(creator, events.slice(at, at + 40))
    }
    const changing = async () => {
      for (const time_zone of [...zones, ...zones]) {
        expect(await change(creator.id, { time_zone })).toMatchObject({ status: 200 })
      }
    }
    await Promise.all([sending(), changing()])
    const rows = await logOf(app.database, creator.id)
    expect(rows.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
    for (const row of rows) expect(row.day).toBe(localDay(row.ts, 'Asia/Kolkata'))
    const joined = rows.filter((row) => row.type === 'viewer_joined' && row.user_id !== null)
    const people = new Set(joined.map((row) => `${row.day} ${row.user_id}`))
    const firsts = joined.reduce((sum, row) => sum + row.day_first, 0)
    expect(firsts).toBe(people.size)
  })
})

const paid = (id: string, ts: number) => ({ id, type: 'payment_completed', ts, amount: 100 })

/** A LIVE around midnight in Berlin, without its aftermath. */
function lateEvening(seed: number): IncomingEvent[] {
  const { events } = simulateLive({
    seed,
    sessionId: 'evening',
    startAt: EVENING,
    durationMs: 240_000,
    rate: 0.3,
    currency: 'USD',
    timeZone: 'Europe/Berlin',
  })
  return events.filter(({ ts }) => ts < Date.now()).map((event) => ({ ...event }))
}
