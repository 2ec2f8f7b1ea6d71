import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { openTestDatabase } from '@creatorflow/db/testing'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { serve } from '../../../test/serve.ts'
import { createApiKey } from '../../identity/access/api-keys.ts'

let database: Database
beforeAll(async () => {
  database = await openTestDatabase({ name: 'embedded' })
})
afterAll(() => database[Symbol.asyncDispose]())

async function start() {
  const served = await serve({ database })
  onTestFinished(() => served[Symbol.asyncDispose]())
  return served
}

const berlin = { time_zone: 'Europe/Berlin', currency: 'EUR', locale: 'de-DE' }

test('[WEB-3] the owner adds and lists a creator, which has its counter', async () => {
  const { ask } = await start()
  const created = await ask('POST', '/api/v1/creators', {
    body: { id: 'anna', name: ' Anna ', ...berlin },
  })
  expect(created).toMatchObject({
    status: 201,
    json: { id: 'anna', name: 'Anna', kind: 'real', ...berlin },
  })
  const listed = await ask('GET', '/api/v1/creators')
  expect(listed.json.creators).toEqual([created.json])
  expect(await database.query(sql`select seq from counters where creator_id = 'anna'`)).toEqual([
    { seq: 0 },
  ])
})

test('[WEB-3] more creators than a page holds are listed page by page, each once', async () => {
  const { ask } = await start()
  const names = ['Ana', 'Ana', 'Ana~b', 'Zoë', '日本']
  for (const [n, name] of names.entries())
    await ask('POST', '/api/v1/creators', { body: { id: `paged-${n}`, name, ...berlin } })
  const whole = await ask('GET', '/api/v1/creators')
  expect(whole.json.cursor).toBeNull()
  const found: string[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const from = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const { json } = await ask('GET', `/api/v1/creators?limit=2${from}`)
    found.push(...json.creators.map(({ id }: { id: string }) => id))
    cursor = json.cursor
  }
  expect(found).toEqual(whole.json.creators.map(({ id }: { id: string }) => id))
  expect(found.length).toBeGreaterThanOrEqual(names.length)
  for (const wrong of ['x', '~', 'a~', 'a~%00', 'A~b'])
    expect((await ask('GET', `/api/v1/creators?cursor=${wrong}`)).status).toBe(400)
})

test('[WEB-3] an id is taken once', async () => {
  const { ask } = await start()
  const add = () =>
    ask('POST', '/api/v1/creators', { body: { id: 'once', name: 'One', ...berlin } })
  const replies = await Promise.all([add(), add()])
  expect(replies.map(({ status }) => status).sort()).toEqual([201, 409])
})

test.each([
  ['id', { id: 'Anna Smith' }],
  ['id', { id: 'a'.repeat(65) }],
  ['name', { name: '  ' }],
  ['name', { name: 'An\u0000na' }],
  ['time_zone', { time_zone: 'Berlin' }],
  ['time_zone', { time_zone: '+02:00' }],
  ['time_zone', { time_zone: undefined }],
  ['currency', { currency: 'EURO' }],
  ['currency', { currency: 'eur' }],
  ['locale', { locale: 'not a locale' }],
])('[WEB-3] a creator with an invalid %s is refused by field: %j', async (field, change) => {
  const { ask } = await start()
  const body = { id: 'wrong', name: 'Wrong', ...berlin, ...change }
  const reply = await ask('POST', '/api/v1/creators', { body })
  expect(reply.status).toBe(400)
  expect(reply.json.error.details.fields[0].path).toBe(field)
})

test('[WEB-3] a key lists only its own creator and adds none', async () => {
  const { ask } = await start()
  for (const id of ['own', 'other']) {
    await ask('POST', '/api/v1/creators', { body: { id, name: id, ...berlin } })
  }
  const { key } = await createApiKey(database, { name: 'k', creatorId: 'own', scopes: ['read'] })
  const headers = { authorization: `Bearer ${key}` }
  const listed = await ask('GET', '/api/v1/creators', { headers })
  expect(listed.json.creators).toMatchObject([{ id: 'own' }])
  const body = { id: 'mine', name: 'Mine', ...berlin }
  expect(await ask('POST', '/api/v1/creators', { headers, body })).toMatchObject({ status: 403 })
})
