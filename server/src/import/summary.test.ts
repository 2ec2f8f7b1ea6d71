import { expect, test } from 'vitest'
import { startApp } from '../../test/harness.ts'
import { orderEvents } from '../sources/orders/brings.ts'
import { fileOf, run } from './test/run.ts'
import { standIn } from './test/stand-in.ts'

const head = 'order_id,type,ts,amount,currency'
const rows = [
  'a,payment_completed,2026-03-01T18:30:00Z,12.50,USD',
  'b,payment_completed,2026-03-02T18:30:00Z,20.00,EUR',
  'b,payment_completed,2026-02-28T18:30:00Z,10.00,EUR',
  'c,order_refunded,2026-03-03T18:30:00Z,2.25,',
  'd,payment_completed,,1.00,USD',
]

test('[FILE-2] the summary has rows, times, money by type, and what is in no total', async () => {
  const server = await standIn()
  const file = await fileOf('orders.csv', [head, ...rows])
  const args = ['csv', file, '--creator', 'ana', '--url', server.url, '--allow-rejected']
  const { code, json, text } = await run(args)
  expect(code).toBe(0)
  expect(json).toMatchObject({
    rows: 5,
    left_out: 0,
    sent: 4,
    accepted: 4,
    duplicates: 0,
    rejected: 1,
    rejected_by_reason: { no_time: 1 },
    earliest: '2026-02-28T18:30:00.000Z',
    latest: '2026-03-03T18:30:00.000Z',
    money: { payment_completed: { USD: 1_250, EUR: 3_000 }, order_refunded: { USD: 225 } },
    excluded_by_currency: { EUR: { events: 2, amount: 3_000 } },
  })
  expect(text).toContain('5 rows\n4 sent: 4 accepted, 0 duplicates, 1 rejected')
  expect(text).toContain('From 2026-02-28T18:30:00.000Z to 2026-03-03T18:30:00.000Z')
  expect(text).toContain('payment_completed: EUR 30.00, USD 12.50')
  expect(text).toContain(
    'Warning: EUR 30.00 in 2 events is excluded from totals, because this creator’s currency is USD.',
  )
  // Nothing was accepted of a file sent before.
  const again = (await run(args)).json
  expect(again).toMatchObject({ accepted: 0, duplicates: 4, money: {}, excluded_by_currency: {} })
})

test('[FILE-2] restated money is separate, and superseded events are counted', async () => {
  await using app = await startApp()
  const { id, key } = await app.newCreator()
  const spend = (amount: number, revision?: number) => ({
    ...{ id: 'ads', type: 'ad_spend_incurred', ts: Date.UTC(2026, 2, 1), amount, revision },
  })
  const send = async (lines: object[]) => {
    const args = ['--creator', id, '--url', app.url, '--key', key]
    return run(['ndjson', await fileOf('ads.ndjson', lines), ...args])
  }
  expect((await send([spend(50_000)])).json).toMatchObject({
    money: { ad_spend_incurred: { USD: 50_000 } },
    restated: {},
  })
  const { code, json, text } = await send([spend(70_000, 2), spend(60_000, 1), spend(50_000)])
  expect(code).toBe(0)
  expect(json).toMatchObject({
    sent: 3,
    accepted: 1,
    duplicates: 1,
    superseded: 1,
    conflicts: 0,
    rejected: 0,
    money: {},
    restated: { ad_spend_incurred: { USD: 70_000 } },
  })
  expect(text).toContain('3 sent: 1 accepted, 1 duplicates, 1 superseded, 0 rejected')
  expect(text).toContain('Restated ad_spend_incurred: USD 700.00, replacing earlier figures')
})

test('[FILE-2] rejections make the exit code 1, unless allowed', async () => {
  const server = await standIn()
  const file = await fileOf('orders.csv', [head, ...rows])
  const args = ['csv', file, '--creator', 'ana', '--url', server.url]
  expect((await run(args)).code).toBe(1)
  expect((await run([...args, '--dry-run'])).code).toBe(1)
  expect((await run([...args, '--dry-run', '--allow-rejected'])).code).toBe(0)
})

test('[FILE-2] the summary of a resumed import covers all its runs', async () => {
  const server = await standIn((n) => (n === 2 ? { status: 500 } : undefined))
  const sale = (n: number) => ({
    id: `e${n}`,
    type: 'payment_completed',
    ts: Date.UTC(2026, 0, 1) + n * 1_000,
    amount: 100,
    ...(n === 0 && { currency: 'EUR' }),
  })
  const lines = Array.from({ length: 6_000 }, (_, n) => sale(n))
  const file = await fileOf('events.ndjson', [{ id: 'x', type: 'like' }, ...lines])
  const args = ['ndjson', file, '--creator', 'ana', '--url', server.url]
  expect((await run(args)).code).toBe(1)
  expect((await run(args)).json).toMatchObject({
    rows: 6_001,
    accepted: 6_000,
    rejected_by_reason: { no_time: 1 },
    earliest: '2026-01-01T00:00:00.000Z',
    latest: new Date(sale(5_999).ts).toISOString(),
    money: { payment_completed: { USD: 599_900, EUR: 100 } },
    excluded_by_currency: { EUR: { events: 1, amount: 100 } },
  })
})

test('[FILE-2] amounts and times without a currency or zone take the creator’s, unless the command names one', async () => {
  const send = async (...more: string[]) => {
    const server = await standIn(undefined, undefined, {
      currency: 'JPY',
      time_zone: 'Asia/Tokyo',
    })
    server.creators.add('ana')
    const file = await fileOf('orders.csv', [
      'type,ts,amount',
      'payment_completed,2026-03-01 09:00,1200',
    ])
    const { json } = await run(['csv', file, '--creator', 'ana', '--url', server.url, ...more])
    return { json, event: server.events[0] }
  }
  const own = await send()
  expect(own.event).toMatchObject({ amount: 1_200, ts: Date.UTC(2026, 2, 1) })
  expect(own.event).not.toHaveProperty('currency')
  expect(own.json.money).toEqual({ payment_completed: { JPY: 1_200 } })
  const other = await send('--currency', 'USD', '--time-zone', 'UTC')
  expect(other.event).toMatchObject({
    amount: 120_000,
    currency: 'USD',
    ts: Date.UTC(2026, 2, 1, 9),
  })
  expect(other.json.excluded_by_currency).toEqual({ USD: { events: 1, amount: 120_000 } })
})

test('[FILE-3] a dry run checks the times and the currency that the server would', async () => {
  const server = await standIn(undefined, undefined, {
    now: '2026-03-10T00:00:00.000Z',
    accepts_since: '2026-02-01T00:00:00.000Z',
    currency: 'EUR',
  })
  server.creators.add('ana')
  const times = ['2026-03-09', '2026-01-31', '2015-12-31', '2026-03-11', '1970-01-01']
  const file = await fileOf('orders.csv', [
    'id,type,ts,amount,currency',
    ...times.map((ts, n) => `${n},payment_completed,${ts}T12:00:00Z,1.00,USD`),
  ])
  const args = ['csv', file, '--creator', 'ana', '--url', server.url, '--dry-run']
  const { code, json, text } = await run(args)
  expect(code).toBe(1)
  expect(json).toMatchObject({
    sent: 1,
    rejected_by_reason: { beyond_retention: 1, ts_too_old: 2, ts_future: 1 },
    excluded_by_currency: { USD: { events: 1, amount: 100 } },
  })
  expect(text).toContain('USD 1.00 in 1 event would be excluded from totals')
  expect(server.told()).toEqual([])
})

test('[FILE-3] a dry run without a server says what it could not check', async () => {
  const { url, close } = await standIn()
  await close()
  const file = await fileOf('orders.csv', [
    head,
    ...rows.slice(0, 4),
    rows[0]?.replace('2026', '2015') ?? '',
  ])
  const { json, text } = await run(['csv', file, '--creator', 'ana', '--url', url, '--dry-run'])
  expect(text).toContain(`Warning: no response from ${url}, so currency, time zone, retention`)
  expect(json).toMatchObject({ sent: 4, rejected_by_reason: { ts_too_old: 1 } })
})

test('[FILE-3] with a connected shop, a warning comes before orders are sent', async () => {
  const shop = {
    kind: 'shopify',
    kind_name: 'Shopify',
    account: 'mira.myshopify.com',
    name: 'Shop',
    brings: [...orderEvents],
  }
  const requests: number[] = []
  const server = await standIn(
    (n) => {
      requests.push(n)
      return undefined
    },
    undefined,
    { shops: [shop] },
  )
  server.creators.add('ana')
  const warning = 'Warning: Shopify (mira.myshopify.com) is connected to ana.'
  const orders = await fileOf('orders.csv', [head, ...rows.slice(0, 4)])
  const args = ['--creator', 'ana', '--url', server.url]
  const dry = await run(['csv', orders, ...args, '--dry-run'])
  expect(dry.text.split(warning)).toHaveLength(2)
  expect((await run(['csv', orders, ...args])).text).toContain(warning)
  const sale = { id: 'a', type: 'order_created', ts: 1_772_389_800_000, order_id: 'o' }
  const sales = await fileOf('events.ndjson', [sale])
  expect((await run(['ndjson', sales, ...args])).text).toContain(warning)
  const likes = await fileOf('likes.ndjson', [{ id: 'b', type: 'like', ts: 1_772_389_800_000 }])
  expect((await run(['ndjson', likes, ...args])).text).not.toContain('Warning')
})

test('[FILE-5] an NDJSON event without a time is rejected, unless --now is given', async () => {
  const server = await standIn()
  const file = await fileOf('events.ndjson', [
    { id: 'a', type: 'payment_completed', amount: 700 },
    { id: 'b', type: 'payment_completed', amount: 700, ts: null },
    { id: 'c', type: 'payment_completed', amount: 700, ts: '2026-03-01T18:30:00Z' },
  ])
  const args = ['ndjson', file, '--creator', 'ana', '--url', server.url]
  const { code, json, text } = await run(args)
  expect(code).toBe(1)
  expect(json).toMatchObject({ accepted: 1, rejected_by_reason: { no_time: 2 } })
  expect(text).toContain('row 1, ts: the event has no ts')
  const now = await run([...args, '--now'])
  expect(now.json).toMatchObject({ accepted: 1, duplicates: 1, rejected: 1 })
  expect(server.told().at(-1)?.url).toContain('lane=live')
})

test('[FILE-6] rounded ids are refused in NDJSON too', async () => {
  const server = await standIn()
  const sale = { type: 'payment_completed', amount: 700, ts: '2026-03-01T18:30:00Z' }
  const file = await fileOf('events.ndjson', [
    { ...sale, id: 'a', order_id: '5.76832E+17' },
    { ...sale, id: 'b', order_id: '576832000000000011' },
  ])
  const { json, text } = await run(['ndjson', file, '--creator', 'ana', '--url', server.url])
  expect(json).toMatchObject({ accepted: 1, rejected_by_reason: { ruined_id: 1 } })
  expect(text).toContain('row 1, order_id: "5.76832E+17" is an id')
})
