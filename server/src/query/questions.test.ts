import { sql } from '@creatorflow/db/sql'
import type { Answer } from '@creatorflow/shared/query'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../scripts/test/backends.ts'
import { ask, startApp, type TestApp, type TestCreator } from '../../test/harness.ts'

const march = (day: number, time = '12:00') => `2026-03-${String(day).padStart(2, '0')}T${time}:00Z`
const range = { from: march(9, '00:00'), to: march(16, '00:00') }
let id = 0
const paid = (ts: string, amount: number, more: object = {}) => {
  const order = `order-${++id}`
  return { id: order, type: 'payment_completed', ts, amount, order_id: order, ...more }
}

describe.each(databases())('one question on $name', (database) => {
  let app: TestApp
  let creator: TestCreator
  const askOf = async (of: TestCreator, body: object, path = 'query') => {
    const headers = { authorization: `Bearer ${of.key}`, 'content-type': 'application/json' }
    const url = `/api/v1/creators/${of.id}/${path}`
    return ask(app.port, 'POST', url, headers, JSON.stringify(body))
  }
  const answerOf = async (body: object): Promise<Answer> => {
    const { status, json } = await askOf(creator, { range, ...body })
    expect(status, JSON.stringify(json)).toBe(200)
    return json
  }
  const rowsOf = async (body: object) =>
    (await answerOf(body)).rows.map(({ keys, values }) => [
      ...keys,
      ...Object.values(values).map((v) => v?.[0]),
    ])

  beforeAll(async () => {
    app = await startApp({
      database,
      env: { MAX_REQUESTS_PER_S_PER_CREATOR: '0', RESETTLE_DELAY_MS: '0' },
    })
    creator = await app.newCreator()
    const live = { session_id: 'noon' }
    const { json } = await app.post(
      [
        { id: 's', type: 'live_started', ts: march(10), ...live },
        { id: 'p1', type: 'live_paused', ts: march(10, '12:20'), ...live },
        { id: 'p2', type: 'live_resumed', ts: march(10, '12:40'), ...live },
        { id: 'e', type: 'live_ended', ts: march(10, '13:30'), ...live },
        { id: 's2', type: 'live_started', ts: march(12), session_id: 'next' },
        { id: 'e2', type: 'live_ended', ts: march(12, '12:30'), session_id: 'next' },
        paid(march(10, '12:10'), 500, {
          ...live,
          channel: 'TikTok',
          product_id: 'a',
          customer_id: 'ann',
        }),
        paid(march(10, '13:10'), 700, {
          ...live,
          channel: 'tiktok shop',
          product_id: 'b',
          customer_id: 'bob',
        }),
        paid(march(11), 900, { channel: 'shopify', product_id: 'a', customer_id: 'ann' }),
        paid(march(13), 40, { product_id: 'c', customer_id: 'cy' }),
        paid(march(3), 100, { product_id: 'a' }),
        paid(march(5), 60, { product_id: 'gone' }),
        paid('2025-03-11T12:00:00Z', 30, { product_id: 'a' }),
      ],
      creator,
    )
    expect(json.rejected).toEqual([])
  })
  afterAll(() => app?.[Symbol.asyncDispose]())

  test('[PAST-4] filters keep exactly the matching rows', async () => {
    const gmvWhere = async (...where: object[]) =>
      (await rowsOf({ metrics: ['gmv'], where }))[0]?.[0]
    const by = (dimension: string, op: string, values?: unknown[]) => ({
      dimension,
      op,
      ...(values && { values }),
    })
    expect(await gmvWhere()).toBe(2_140)
    expect(await gmvWhere(by('channel', 'in', ['TikTok', 'shopify']))).toBe(1_400)
    expect(await gmvWhere(by('channel', 'in', [null]))).toBe(40)
    expect(await gmvWhere(by('channel', 'not_in', ['shopify']))).toBe(1_240)
    expect(await gmvWhere(by('channel', 'not_in', ['shopify', null]))).toBe(1_200)
    expect(await gmvWhere(by('channel', 'contains', ['tiktok']))).toBe(1_200)
    expect(await gmvWhere(by('session', 'set'))).toBe(1_200)
    expect(await gmvWhere(by('day', 'gte', ['2026-03-11']))).toBe(940)
    expect(await gmvWhere(by('day', 'lt', ['2026-03-11']), by('product', 'in', ['a']))).toBe(500)
    expect(await gmvWhere(by('hour', 'in', [13]))).toBe(700)
    expect(await gmvWhere(by('weekday', 'not_in', [2]))).toBe(940)
    const customers = async (value: string) =>
      rowsOf({ metrics: ['customers'], where: [by('channel', 'contains', [value])] })
    expect(await customers('tiktok')).toEqual([[2]])
    expect(await customers("' or true --")).toEqual([[0]])
  })

  test('[PAST-4] rows come in the requested order, and those past the limit are one row', async () => {
    expect(await rowsOf({ metrics: ['gmv'], by: ['product'] })).toEqual([
      ['a', 1_400],
      ['b', 700],
      ['c', 40],
    ])
    const asc = { metrics: ['gmv'], by: ['product'], order: { by: 'gmv', direction: 'asc' } }
    expect(await rowsOf(asc)).toEqual([
      ['c', 40],
      ['b', 700],
      ['a', 1_400],
    ])
    const byKey = { metrics: ['gmv'], by: ['channel'], order: { by: 'channel', direction: 'desc' } }
    expect((await rowsOf(byKey)).map(([key]) => key)).toEqual([
      'tiktok shop',
      'shopify',
      'TikTok',
      null,
    ])
    const { rows, other } = await answerOf({
      metrics: ['gmv', 'average_price'],
      by: ['product'],
      limit: 1,
    })
    expect(rows).toMatchObject([{ keys: ['a'], values: { gmv: [1_400], average_price: [700] } }])
    expect(other).toMatchObject({ rows: 2, values: { gmv: [740], average_price: [370] } })
    const people = await answerOf({ metrics: ['gmv', 'customers'], by: ['channel'], limit: 1 })
    expect(people.other).toMatchObject({
      rows: 3,
      values: { gmv: [1_240], customers: [null] },
      reasons: { customers: ['rows of distinct people or LIVEs do not add up'] },
    })
  })

  test('[PAST-4] a period is compared with the previous one or a year earlier', async () => {
    const { rows, compared } = await answerOf({
      metrics: ['gmv'],
      by: ['product'],
      compare: 'previous_period',
    })
    expect(compared).toEqual({ from: '2026-03-02T00:00:00.000Z', to: '2026-03-09T00:00:00.000Z' })
    expect(
      rows.map(({ keys, values, before }) => [keys[0], values.gmv?.[0], before?.gmv?.[0]]),
    ).toEqual([
      ['a', 1_400, 100],
      ['b', 700, 0],
      ['c', 40, 0],
      ['gone', 0, 60],
    ])
    const days = await answerOf({ metrics: ['gmv'], bucket: 'day', compare: 'previous_year' })
    expect(days.rows[0]?.values.gmv).toEqual([0, 1_200, 900, 0, 40, 0, 0])
    expect(days.rows[0]?.before?.gmv).toEqual([0, 0, 30, 0, 0, 0, 0])
  })

  test('[PAST-4] a day in progress is compared with the same part of an earlier one', async () => {
    const own = await app.newCreator()
    const now = Date.now()
    const DAY_MS = 86_400_000
    const today = Math.floor(now / DAY_MS) * DAY_MS
    const at = (ms: number) => new Date(ms).toISOString()
    await app.post(
      [
        paid(at(today), 5),
        paid(at(today - DAY_MS), 7),
        paid(at(now - DAY_MS + 600_000), 1_000),
      ].filter(({ ts }) => Date.parse(ts) < today || ts === at(today)),
      own,
    )
    const body = {
      metrics: ['gmv'],
      bucket: 'day',
      compare: 'previous_period',
      range: { from: at(today), to: at(today + DAY_MS) },
    }
    const { json } = await askOf(own, body)
    expect(json.rows[0]).toMatchObject({ values: { gmv: [5] }, before: { gmv: [7] } })
  })

  test('[PAST-6] LIVEs are counted and timed, in total and by hour of the week', async () => {
    expect(await rowsOf({ metrics: ['lives', 'live_seconds', 'average_live_seconds'] })).toEqual([
      [2, 6_000, 3_000],
    ])
    expect(await rowsOf({ metrics: ['live_seconds', 'gmv'], by: ['session'] })).toEqual([
      ['noon', 4_200, 1_200],
      ['next', 1_800, 0],
      [null, 0, 940],
    ])
    expect(await rowsOf({ metrics: ['lives', 'live_seconds'], by: ['weekday', 'hour'] })).toEqual([
      [2, 12, 1, 2_400],
      [2, 13, 1, 1_800],
      [4, 12, 1, 1_800],
    ])
  })

  test('[PAST-3] weeks begin on Monday, and months on their first day', async () => {
    const long = { from: march(1, '00:00'), to: '2026-04-01T00:00:00Z' }
    const weeks = await answerOf({ metrics: ['gmv'], bucket: 'week', range: long })
    expect(weeks.buckets[0]).toEqual({ at: '2026-02-23T00:00:00.000Z', day: '2026-02-23' })
    expect(weeks.rows[0]?.values.gmv?.slice(0, 3)).toEqual([0, 160, 2_140])
    const months = await answerOf({ metrics: ['gmv', 'customers'], bucket: 'month', range: long })
    expect(months.rows[0]?.values).toEqual({ gmv: [2_300], customers: [3] })
  })

  test('[PAST-5] an answer states its moment, log number, and what its metrics are', async () => {
    const { as_of, metrics, range: told, time_zone } = await answerOf({ metrics: ['gmv', 'views'] })
    const [row] = await app.database.query(
      sql`select seq from counters where creator_id = ${creator.id}`,
    )
    expect(as_of.seq).toBe(row?.seq)
    expect(metrics).toEqual([
      { id: 'gmv', name: 'GMV', unit: 'money', currency: 'USD', stage: 'estimate' },
      { id: 'views', name: 'Views', unit: 'count', currency: null, stage: 'estimate' },
    ])
    expect(told).toEqual({ from: '2026-03-09T00:00:00.000Z', to: '2026-03-16T00:00:00.000Z' })
    expect(time_zone).toBe('UTC')
  })

  test('[PAST-4] a refused question leaves the others their answers', async () => {
    const questions = [
      { metrics: ['viewers_now'], range },
      { metrics: ['gmv'], range },
    ]
    const { json } = await askOf(creator, { questions }, 'queries')
    expect(json.answers).toMatchObject([
      { refused: expect.stringContaining('level of this moment') },
      { rows: [{ values: { gmv: [2_140] } }] },
    ])
    const many = Array.from({ length: 25 }, () => questions[1])
    expect((await askOf(creator, { questions: many }, 'queries')).status).toBe(400)
  })

  test('[P5][ACCESS-2] a key asks about its own creator alone', async () => {
    const other = await app.newCreator()
    expect((await askOf({ ...creator, key: other.key }, { metrics: ['gmv'], range })).status).toBe(
      403,
    )
    expect((await askOf(other, { metrics: ['gmv'], range })).json.rows[0].values).toEqual({
      gmv: [0],
    })
  })

  test.each([
    [{ metrics: [] }, 'metrics'],
    [{ metrics: ['nonsense'] }, 'metrics'],
    [{ by: ['colour'] }, 'by'],
    [{ by: ['day', 'hour', 'weekday', 'product'] }, 'by'],
    [{ bucket: 'quarter' }, 'bucket'],
    [{ range: { from: range.to, to: range.from } }, '`to` must be after `from`'],
    [{ range: { from: '2001-01-01T00:00:00Z', to: range.to } }, 'at most 3660 days'],
    [{ bucket: 'minute' }, 'at most 2000 buckets'],
    [
      { by: ['hour'], range: { from: '2020-01-01T00:00:00Z', to: range.to } },
      'at most 20000 hours',
    ],
    [{ sql: 'select 1' }, 'sql'],
  ])('[PAST-4] %o is refused in words', async (more, words) => {
    const { status, text } = await askOf(creator, { metrics: ['gmv'], range, ...more })
    expect(status).toBe(400)
    expect(text).toContain(words)
  })
})
