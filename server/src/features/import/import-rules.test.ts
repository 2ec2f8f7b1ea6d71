import { sql } from '@creatorflow/db/sql'
import { expect, test } from 'vitest'
import { startApp } from '../../../test/harness.ts'
import { createApiKey } from '../../identity/access/api-keys.ts'
import { fileOf, run } from '../../import/test/run.ts'

test('[FILE-3] whoever may write events reads the rules of an import, of its own creator alone', async () => {
  await using app = await startApp()
  const mine = await app.newCreator({ currency: 'JPY', timeZone: 'Asia/Tokyo' })
  const other = await app.newCreator()
  await app.database.query(sql`
    insert into sources (id, creator_id, kind, account, name) values
      (gen_random_uuid(), ${mine.id}, 'shopify', 'mira.myshopify.com', 'Shop'),
      (gen_random_uuid(), ${mine.id}, 'tiktok_live', 'mira', 'LIVE'),
      (gen_random_uuid(), ${other.id}, 'tiktok_shop', '7', 'Other')`)
  const { key } = await createApiKey(app.database, {
    name: 'import',
    creatorId: mine.id,
    scopes: ['ingest:write'],
  })
  const before = Date.now()
  const { status, json } = await app.get(`/api/v1/creators/${mine.id}/import-rules`, { key })
  expect(status).toBe(200)
  expect(json).toMatchObject({
    creator_id: mine.id,
    currency: 'JPY',
    time_zone: 'Asia/Tokyo',
    shops: [{ kind: 'shopify', account: 'mira.myshopify.com', name: 'Shop' }],
  })
  expect(Math.abs(Date.parse(json.now) - before)).toBeLessThan(60_000)
  expect(Date.parse(json.accepts_since)).toBeLessThan(before)
  const foreign = await app.get(`/api/v1/creators/${other.id}/import-rules`, { key })
  expect(foreign.status).toBe(403)
  const nobody = await app.get('/api/v1/creators/nobody/import-rules', { key: app.masterKey })
  expect(nobody.status).toBe(404)
})

test('[FILE-3][FILE-5][FILE-2] a dry run and an import agree on a real server', async () => {
  await using app = await startApp()
  const creator = await app.newCreator({ currency: 'EUR', timeZone: 'Europe/Berlin' })
  await app.database.query(sql`update retention set accepts_since = '2026-02-01T00:00:00Z'`)
  const file = await fileOf('orders.csv', [
    'Order,Paid at,Amount',
    'a,2026-03-01 18:30:00,12.50',
    'a,2026-03-01 18:30:00,12.50',
    'b,,7.00',
    'c,2026-01-01 18:30:00,1.00',
    'd,2026-03-01 18:30:00,USD 2.00',
    'e,2099-03-01 18:30:00,3.00',
  ])
  const args = [
    ...['csv', file, '--creator', creator.id, '--url', app.url, '--key', creator.key],
    ...['--map', 'Order=order_id', '--map', 'Paid at=ts', '--type', 'payment_completed'],
  ]
  const reasons = { no_time: 1, beyond_retention: 1, ts_future: 1 }
  const same = {
    rows: 6,
    rejected: 3,
    rejected_by_reason: reasons,
    earliest: '2026-03-01T17:30:00.000Z',
    money: { payment_completed: { EUR: 2_500, USD: 200 } },
    excluded_by_currency: { USD: { events: 1, amount: 200 } },
  }
  expect((await run([...args, '--dry-run'])).json).toMatchObject({ ...same, sent: 3 })
  expect((await run(args)).json).toMatchObject({ ...same, accepted: 3, duplicates: 0 })
  expect((await run(args)).json).toMatchObject({ accepted: 0, duplicates: 3, money: {} })
  const range = 'from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z&bucket=total'
  const { json } = await app.get(`/api/v1/creators/${creator.id}/metrics/gmv?${range}`, creator)
  expect(JSON.stringify(json)).toContain('2500')
})
