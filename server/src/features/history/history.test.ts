import { sql } from '@creatorflow/db/sql'
import type { Totals } from '@creatorflow/shared/live-state'
import {
  derive,
  type MetricId,
  type MetricScope,
  metricIds,
  metricOf,
} from '@creatorflow/shared/metrics'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../../scripts/test/backends.ts'
import { startApp, type TestApp, type TestCreator } from '../../../test/harness.ts'
import { logOf } from '../../../test/log-rows.ts'
import { catalogueTotals } from '../../../test/sql-oracle.ts'
import { liveAcrossMidnight, sendInHalves } from './test/live-across-midnight.ts'

const MINUTE_MS = 60_000

describe.each(databases())('history on $name', (database) => {
  let app: TestApp
  beforeAll(async () => {
    const env = { MAX_REQUESTS_PER_S_PER_CREATOR: '0', RESETTLE_DELAY_MS: '0' }
    app = await startApp({ database, env })
  })
  afterAll(() => app?.[Symbol.asyncDispose]())

  const ask = (creator: TestCreator, metric: string, query: Record<string, string>) =>
    app.get(
      `/api/v1/creators/${creator.id}/metrics/${metric}?${new URLSearchParams(query)}`,
      creator,
    )

  const send = (creator: TestCreator, events: readonly object[]) =>
    sendInHalves({ app, creator }, events)

  describe('one LIVE across midnight', () => {
    const sessionId = 'friday'
    const range = { from: '2026-03-01T00:00:00Z', to: '2026-04-30T00:00:00Z' }
    let creator: TestCreator

    beforeAll(async () => {
      creator = await app.newCreator({ timeZone: 'Asia/Kolkata' })
      await send(creator, liveAcrossMidnight(sessionId))
    })

    const expected = (id: MetricId, totals: Totals, scope: MetricScope): unknown => {
      const metric = metricOf(id)
      if (metric.merge !== 'derived') return totals[id] ?? (metric.merge === 'max' ? null : 0)
      if (!metric.scopes.includes(scope)) return undefined
      return derive(metric.derive, (base) => totals[base as MetricId] ?? 0).value
    }

    // Average viewers is not a sum of the log: [METRIC-3] covers it.
    test.each(metricIds.filter((id) => id !== 'average_viewers'))(
      '[PAST-1] %s equals the log, of a LIVE and of each local day',
      async (id) => {
        const metric = metricOf(id)
        const name = 'average_viewing_duration'
        if (metric.scopes.includes('live') && metric.merge !== 'last' && id !== name) {
          const { json } = await ask(creator, id, { ...range, bucket: 'total', by: 'session' })
          const totals = await catalogueTotals(app.database, creator.id, { session_id: sessionId })
          expect(json.series[0]).toMatchObject({
            key: sessionId,
            points: [{ value: expected(id, totals, 'live') }],
          })
        }
        if (!metric.scopes.includes('day')) return
        const { json } = await ask(creator, id, { ...range, bucket: '1d' })
        expect(json.series).toHaveLength(1)
        expect(json.series[0].points).toHaveLength(61)
        for (const day of ['2026-03-12', '2026-03-13', '2026-03-20']) {
          const point = json.series[0].points.find((p: { day: string }) => p.day === day)
          const totals = await catalogueTotals(app.database, creator.id, { day })
          expect(point.value, day).toEqual(expected(id, totals, 'day'))
          expect(point.value === null, day).toBe(typeof point.reason === 'string')
        }
      },
    )

    test('[PAST-1] average viewing duration uses the LIVE’s own length', async () => {
      const get = (id: string) =>
        ask(creator, id, { ...range, bucket: 'total', by: 'session' }).then(
          ({ json }) => json.series[0].points[0].value,
        )
      const rows = await logOf(app.database, creator.id)
      const at = (type: string) => rows.find((row) => row.type === type)?.ts ?? 0
      const paused = at('live_resumed') - at('live_paused')
      const seconds = (at('live_ended') - at('live_started') - paused) / 1000
      const value = ((await get('average_viewers')) * seconds) / (await get('views'))
      expect(await get('average_viewing_duration')).toBeCloseTo(value, 9)
    })

    test('[PAST-1] buckets and groups add up to the total', async () => {
      const total = async (by?: string) => {
        const query = { ...range, bucket: 'total', ...(by && { by }) }
        const { json } = await ask(creator, 'gmv', query)
        const values = json.series.map((s: { points: { value: number }[] }) => s.points[0]?.value)
        return values.reduce((sum: number, value: number) => sum + value, 0)
      }
      const whole = await total()
      expect(whole).toBeGreaterThan(0)
      for (const by of ['product', 'channel', 'traffic_source', 'session'])
        expect(await total(by), by).toBe(whole)
      const hours = await ask(creator, 'views', {
        from: '2026-03-12T00:00:00Z',
        to: '2026-03-14T00:00:00Z',
        bucket: '1h',
        by: 'channel',
      })
      const keys = hours.json.series.map((s: { key: string | null }) => s.key)
      expect(keys).toEqual([...keys.filter(Boolean).sort(), null])
    })

    test("[PAST-1] a LIVE's opening is in totals and days, not in shorter buckets", async () => {
      const sum = async (bucket: string) => {
        const { json } = await ask(creator, 'likes', {
          from: '2026-03-12T18:30:00Z',
          to: '2026-03-13T18:30:00Z',
          bucket,
        })
        return json.series[0].points.reduce((all: number, p: { value: number }) => all + p.value, 0)
      }
      await app.post(
        {
          id: 'opening',
          type: 'like',
          ts: '2026-03-13T10:00:00Z',
          session_id: 'second',
          properties: { total: 700 },
        },
        creator,
      )
      const [day, total, hours, minutes] = [
        await sum('1d'),
        await sum('total'),
        await sum('1h'),
        await sum('1m'),
      ]
      expect(day).toBe(total)
      expect(day - hours).toBeGreaterThanOrEqual(700)
      expect(minutes).toBe(hours)
    })

    test('[PAST-1] distinct people are distinct in every range', async () => {
      const rows = (await logOf(app.database, creator.id)).filter((r) => r.type === 'viewer_joined')
      const distinct = (from: string, to: string) =>
        new Set(
          rows
            .filter((r) => r.ts >= Date.parse(from) && r.ts < Date.parse(to) && r.user_id)
            .map((r) => r.user_id),
        ).size
      const ranges = [
        // Whole local days, and half of a LIVE.
        ['2026-03-11T18:30:00.000Z', '2026-03-14T18:30:00.000Z'],
        ['2026-03-12T18:28:00.000Z', '2026-03-12T18:32:00.000Z'],
        // A whole day and some minutes after it, or before it.
        ['2026-03-11T18:30:00.000Z', '2026-03-12T18:32:00.000Z'],
        ['2026-03-12T18:28:00.000Z', '2026-03-14T18:30:00.000Z'],
      ] as const
      for (const [from, to] of ranges) {
        const { json } = await ask(creator, 'viewers', { from, to, bucket: 'total' })
        expect(json.series).toEqual([{ points: [{ at: from, value: distinct(from, to) }] }])
        expect(distinct(from, to)).toBeGreaterThan(3)
      }
      const { json } = await ask(creator, 'viewers', {
        from: '2026-03-12T18:26:00Z',
        to: '2026-03-12T18:34:00Z',
        bucket: '1m',
      })
      for (const { at, value } of json.series[0].points) {
        expect(value, at).toBe(distinct(at, new Date(Date.parse(at) + MINUTE_MS).toISOString()))
      }
    })
  })

  test.each([
    ['Europe/Berlin', '2026-03-28T22:00:00Z'],
    ['Europe/Berlin', '2025-10-25T22:00:00Z'],
    ['Asia/Kolkata', '2026-03-28T22:00:00Z'],
    ['Asia/Kathmandu', '2026-03-28T22:00:00Z'],
    ['Australia/Lord_Howe', '2026-04-04T12:00:00Z'],
    ['Australia/Lord_Howe', '2025-10-04T12:00:00Z'],
  ])('[PAST-3] hours and days follow %s around %s', async (timeZone, around) => {
    const creator = await app.newCreator({ timeZone })
    const from = Date.parse(around) - 30 * 60 * MINUTE_MS
    const to = Date.parse(around) + 30 * 60 * MINUTE_MS
    const events = []
    for (let ts = from; ts < to; ts += 7 * MINUTE_MS) {
      const amount = 100 + (ts % 977)
      events.push({ id: `p${ts}`, type: 'payment_completed', ts, amount, product_id: 'p' })
    }
    await send(creator, events)
    // Local time computed in another way than the one under test.
    const label = (ts: number, bucket: string) => {
      const text = new Date(ts).toLocaleString('sv-SE', { timeZone, timeZoneName: 'longOffset' })
      const local = new Date(ts).toLocaleString('sv-SE', { timeZone })
      return bucket === '1d'
        ? local.slice(0, 10)
        : `${local.slice(0, 13)} ${text.split(' ').at(-1)}`
    }
    for (const bucket of ['1h', '1d']) {
      const { json } = await ask(creator, 'gmv', {
        from: new Date(from).toISOString(),
        to: new Date(to).toISOString(),
        bucket,
      })
      const wanted: Record<string, number> = {}
      for (const { ts, amount } of events) {
        wanted[label(ts, bucket)] = (wanted[label(ts, bucket)] ?? 0) + amount
      }
      const points: { at: string; value: number }[] = json.series[0].points
      const shown = points.map(({ at, value }) => [label(Date.parse(at), bucket), value] as const)
      expect(Object.fromEntries(shown.filter(([, value]) => value > 0)), bucket).toEqual(wanted)
      expect(new Set(shown.map(([name]) => name)).size, bucket).toBe(points.length)
    }
  })

  test('[PAST-5] an answer states its unit, range and age, and what it left out', async () => {
    const creator = await app.newCreator({ currency: 'EUR', timeZone: 'Asia/Kathmandu' })
    const ts = '2026-03-12T10:07:00Z'
    const paid = (id: string, currency: string) => ({
      id,
      type: 'payment_completed',
      ts,
      amount: 500,
      currency,
      order_id: id,
    })
    await send(creator, [paid('a', 'EUR'), paid('b', 'USD'), paid('c', 'USD')])
    const query = { from: '2026-03-12T10:00:00Z', to: '2026-03-12T10:20:00Z', bucket: '1h' }
    const { status, json } = await ask(creator, 'gmv', query)
    expect(status).toBe(200)
    expect(json).toMatchObject({
      metric: 'gmv',
      name: 'GMV',
      unit: 'money',
      currency: 'EUR',
      time_zone: 'Asia/Kathmandu',
      stage: 'estimate',
      from: '2026-03-12T09:15:00.000Z',
      to: '2026-03-12T11:15:00.000Z',
      excluded: { orders: 2, entries: 0 },
      series: [
        {
          points: [
            { at: '2026-03-12T09:15:00.000Z', value: 500 },
            { at: '2026-03-12T10:15:00.000Z', value: 0 },
          ],
        },
      ],
    })
    const aov = await ask(creator, 'aov', query)
    expect(aov.json.series[0].points).toMatchObject([
      { value: 500 },
      { value: null, reason: 'no orders yet' },
    ])
    const peak = await ask(creator, 'peak_viewers', query)
    expect(peak.json).toMatchObject({ currency: null, unit: 'count' })
    expect(peak.json.series[0].points[0]).toMatchObject({
      value: null,
      reason: 'not reported in this time',
    })
    const future = await ask(creator, 'gmv', {
      from: '2099-01-01T00:00:00Z',
      to: '2099-02-01T00:00:00Z',
    })
    expect(future.json.series).toEqual([{ points: [] }])
  })

  test.each([
    ['nonsense', {}, 'metric'],
    ['gmv', { bucket: '2h' }, 'bucket'],
    ['gmv', { by: 'colour' }, 'by'],
    ['gmv', { from: 'yesterday' }, 'from'],
    ['gmv', { colour: 'red' }, 'colour'],
    ['gmv', { to: '2026-03-01T00:00:00Z' }, '`to` must be after `from`'],
    ['gmv', { bucket: '1m', to: '2026-03-09T00:00:00Z' }, 'at most 2000 buckets'],
    ['gmv', { from: '2001-01-01T00:00:00Z', bucket: 'total' }, 'at most 3660 days'],
    ['viewers_now', {}, 'level of this moment'],
    ['total_users', {}, 'number of one LIVE'],
    ['average_viewing_duration', { bucket: 'total' }, 'number of one LIVE'],
    ['profit_margin', { bucket: '1h' }, 'number of days'],
    ['daily_revenue', { bucket: 'total', by: 'session' }, 'number of days'],
    ['views', { by: 'product' }, 'not kept by product'],
    ['aov', { by: 'product' }, 'not kept by product'],
    ['gmv', { limit: '3' }, 'ask with `by`'],
    ['gmv', { by: 'product', limit: '0' }, 'limit'],
    ['viewers', { by: 'channel', limit: '3' }, 'distinct people'],
  ])('[PAST-4] %s with %o is refused with the reason: %s', async (metric, query, words) => {
    const creator = await app.newCreator()
    const range = { from: '2026-03-01T00:00:00Z', to: '2026-03-02T00:00:00Z' }
    const { status, text } = await ask(creator, metric, { ...range, ...query })
    expect(status).toBe(400)
    expect(text).toContain(words)
  })

  test('[PAST-4] past the limit, the largest groups over the range are listed, with how many are not', async () => {
    const creator = await app.newCreator()
    const noon = Date.UTC(2026, 2, 12, 12)
    const products = 1_700
    const click = (product: number, minute: number, quantity: number) => ({
      id: `${product}-${minute}`,
      type: 'product_click',
      product_id: `p${product}`,
      quantity,
      ts: noon + minute * MINUTE_MS,
    })
    // The busiest minute is p7's, but p3 has most overall.
    const some = [click(7, 4, 10), click(3, 0, 6), click(3, 29, 6), click(5, 2, 9), click(4, 2, 9)]
    const each = Array.from({ length: products }, (_, product) => click(product, 1, 1))
    await send(creator, [...some, ...each])
    const range = { from: new Date(noon).toISOString(), to: '2026-03-12T12:30:00Z', bucket: '1m' }
    const query = { ...range, by: 'product' }
    expect((await ask(creator, 'product_clicks', query)).status).toBe(400)
    const { json } = await ask(creator, 'product_clicks', { ...query, limit: '3' })
    const told = json.series.map((s: { key: string; points: { value: number }[] }) => [
      s.key,
      s.points.map(({ value }) => value).filter((value) => value > 0),
    ])
    expect(told).toEqual([
      ['p3', [6, 1, 6]],
      ['p7', [1, 10]],
      ['p4', [1, 9]],
    ])
    expect(json.left_out).toBe(products - 3)
  })

  test('[PAST-4] groups are ordered by the whole ratio, and a maximum by itself', async () => {
    const creator = await app.newCreator()
    const ts = '2026-03-12T12:00:00Z'
    const orders = (channel: string, amounts: readonly number[]) =>
      amounts.map((amount, at) => ({
        id: `${channel}-${at}`,
        type: 'payment_completed',
        channel,
        amount,
        order_id: `${channel}-${at}`,
        ts: at === 0 ? ts : '2026-03-13T12:00:00Z',
      }))
    const counts = [9, 2].map((quantity, at) => ({
      id: `count-${at}`,
      type: 'viewer_count',
      channel: at === 0 ? 'few' : 'many',
      quantity,
      ts,
    }))
    const abroad = orders('abroad', [5]).map((order) => ({ ...order, currency: 'EUR' }))
    const sold = [...orders('few', [900]), ...orders('many', [800, 700, 600]), ...abroad]
    await send(creator, [...sold, ...counts])
    const range = { from: '2026-03-12T00:00:00Z', to: '2026-03-14T00:00:00Z', bucket: '1d' }
    const keysOf = async (metric: string, more: Record<string, string>) =>
      (await ask(creator, metric, { ...range, by: 'channel', ...more })).json.series.map(
        ({ key }: { key: string }) => key,
      )
    expect(await keysOf('gmv', { limit: '1' })).toEqual(['many'])
    expect(await keysOf('aov', { limit: '1' })).toEqual(['few'])
    expect(await keysOf('peak_viewers', { limit: '1' })).toEqual(['few'])
    const one = await ask(creator, 'gmv', { ...range, by: 'channel', limit: '1' })
    expect(one.json).toMatchObject({ left_out: 2, excluded: { orders: 1, entries: 0 } })
    expect(await keysOf('gmv', {})).toEqual(['abroad', 'few', 'many'])
    // With a limit, ordered by value, however few groups there are.
    expect(await keysOf('gmv', { limit: '5' })).toEqual(['many', 'few', 'abroad'])
  })

  describe('by LIVE in total', () => {
    const at = (time: string) => `2026-03-12T${time}:00Z`
    const paid = (id: string, ts: string, amount: number, more: object = {}) => ({
      id,
      type: 'payment_completed',
      ts,
      amount,
      order_id: id,
      ...more,
    })
    const joined = (id: string, ts: string, user_id: string, more: object = {}) => ({
      id,
      type: 'viewer_joined',
      ts,
      user_id,
      ...more,
    })
    const live = { session_id: 'noon' }
    let creator: TestCreator
    beforeAll(async () => {
      creator = await app.newCreator()
      await send(creator, [
        { id: 's', type: 'live_started', ts: at('12:00'), ...live },
        { id: 'e', type: 'live_ended', ts: at('13:00'), ...live },
        { id: 'pause', type: 'live_paused', ts: at('12:20'), ...live },
        { id: 'on', type: 'live_resumed', ts: at('12:40'), ...live },
        joined('a', at('12:05'), 'ann', live),
        joined('b', at('12:35'), 'ann', live),
        joined('c', at('12:45'), 'bob', live),
        joined('d', at('12:50'), 'bob', live),
        joined('out', at('18:00'), 'ann'),
        { id: 'v1', type: 'viewer_count', ts: at('12:10'), quantity: 30, ...live },
        { id: 'v2', type: 'viewer_count', ts: at('12:45'), quantity: 10, ...live },
        paid('first', at('12:10'), 500, live),
        paid('last', at('12:50'), 700, live),
        paid('shop', at('18:00'), 900),
        { id: 'ads', type: 'ad_spend_incurred', ts: at('09:00'), amount: 220_166 - 2_122 },
        { id: 'ads2', type: 'ad_spend_incurred', ts: at('12:00'), amount: 2_122, ...live },
        { id: 'back', type: 'order_refunded', ts: '2026-03-14T10:00:00Z', amount: 700, ...live },
      ])
    })
    const groups = async (metric: string, from: string, to: string, more = {}) => {
      const query = { from, to, bucket: 'total', by: 'session', ...more }
      const { json } = await ask(creator, metric, query)
      const values = json.series.map((s: { key: string; points: { value: number }[] }) => [
        s.key,
        s.points[0]?.value,
      ])
      return { groups: values, left_out: json.left_out }
    }
    const day = ['2026-03-12T00:00:00Z', '2026-03-13T00:00:00Z'] as const

    test('[PAST-6] events without a LIVE are a group, and groups add up to the total', async () => {
      expect(await groups('gmv', ...day)).toEqual({
        groups: [
          ['noon', 1_200],
          [null, 900],
        ],
        left_out: 0,
      })
      expect((await groups('ad_spend', ...day)).groups).toEqual([
        ['noon', 2_122],
        [null, 218_044],
      ])
      expect(await groups('ad_spend', ...day, { limit: '1' })).toEqual({
        groups: [[null, 218_044]],
        left_out: 1,
      })
    })

    test('[PAST-6] a LIVE that the range cuts counts with the part inside', async () => {
      const late = [at('12:30'), at('20:00')] as const
      expect((await groups('gmv', ...late)).groups).toEqual([
        ['noon', 700],
        [null, 900],
      ])
      expect((await groups('gmv', at('12:00'), at('12:30'))).groups).toEqual([['noon', 500]])
      expect((await groups('peak_viewers', ...late)).groups).toEqual([['noon', 10]])
      // A refund belongs to its LIVE, on the day it is paid back.
      expect(
        (await groups('refunds', '2026-03-14T00:00:00Z', '2026-03-15T00:00:00Z')).groups,
      ).toEqual([['noon', 700]])
      // On air, even without sales.
      expect((await groups('gmv', at('12:15'), at('12:30'))).groups).toEqual([['noon', 0]])
    })

    test('[PAST-6] people are distinct in each part, and time on air is that inside', async () => {
      expect((await groups('viewers', ...day)).groups).toEqual([
        ['noon', 2],
        [null, 1],
      ])
      expect((await groups('viewers', at('12:30'), at('13:30'))).groups).toEqual([['noon', 2]])
      expect((await groups('viewers', at('12:40'), at('13:30'))).groups).toEqual([['noon', 1]])
      // 10 viewers for 20 min, of which none is a pause, over 2 views; nothing of this kind outside of LIVEs.
      expect((await groups('average_viewing_duration', at('12:40'), at('20:00'))).groups).toEqual([
        ['noon', (10 * 1_200) / 2],
      ])
    })
  })

  test('[PAST-1] short buckets say how many likes they leave out', async () => {
    const creator = await app.newCreator()
    const like = (id: string, minute: string, total: number) => ({
      id,
      type: 'like',
      ts: `2026-03-12T12:${minute}:00Z`,
      session_id: 'x',
      properties: { total },
    })
    const range = { from: '2026-03-12T12:00:00Z', to: '2026-03-12T13:00:00Z' }
    expect((await app.post([like('a', '00', 5_000)], creator)).json.rejected).toEqual([])
    await send(creator, [like('b', '10', 5_040)])
    const sumOf = async (bucket: string) => {
      const { json } = await ask(creator, 'likes', { ...range, bucket })
      const points: { value: number }[] = json.series[0].points
      return [points.reduce((sum, { value }) => sum + value, 0), json.before_first_report]
    }
    expect(await sumOf('1m')).toEqual([40, 5_000])
    expect(await sumOf('1h')).toEqual([40, 5_000])
    expect(await sumOf('1d')).toEqual([5_040, 0])
    expect(await sumOf('total')).toEqual([5_040, 0])
  })

  test('[P5][ACCESS-2] a key reads the history of its own creator alone', async () => {
    const [own, other] = [await app.newCreator(), await app.newCreator()]
    await send(other, [
      { id: 'a', type: 'payment_completed', ts: '2026-03-01T10:00:00Z', amount: 900 },
    ])
    const range = { from: '2026-03-01T00:00:00Z', to: '2026-03-02T00:00:00Z', bucket: 'total' }
    expect((await ask({ ...other, key: own.key }, 'gmv', range)).status).toBe(403)
    expect((await ask(own, 'gmv', range)).json.series).toMatchObject([{ points: [{ value: 0 }] }])
    expect((await ask(other, 'gmv', range)).json.series).toMatchObject([
      { points: [{ value: 900 }] },
    ])
    const [row] = await app.database.query(
      sql`select count(*)::int as n from events where creator_id = ${own.id}`,
    )
    expect(row).toEqual({ n: 0 })
  })
})
