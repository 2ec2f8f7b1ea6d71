import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { openTestDatabase } from '@creatorflow/db/testing'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { databases } from '../../../../scripts/test/backends.ts'
import { newUser, type TestUser } from '../../../test/people.ts'
import { type Served, serve } from '../../../test/serve.ts'
import { createApiKey } from './api-keys.ts'
import { bootstrapKey } from './bootstrap.ts'

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

describe.each(databases())('API keys on $name', (backend) => {
  let database: Database
  let boss: TestUser
  let alice: TestUser
  beforeAll(async () => {
    database = await openTestDatabase(backend)
    for (const creator of ['alice', 'bob']) await bootstrapKey(database, { creator })
    boss = await newUser(database, { roles: [{ creatorId: null, role: 'owner' }] })
    alice = await newUser(database, { roles: [{ creatorId: 'alice', role: 'owner' }] })
  })
  afterAll(() => database[Symbol.asyncDispose]())

  async function start(): Promise<Served> {
    const served = await serve({ database, env: { HOST: '0.0.0.0' } })
    onTestFinished(() => served[Symbol.asyncDispose]())
    return served
  }

  const as = ({ cookie }: TestUser, body?: unknown) => ({
    headers: { cookie, 'content-type': 'application/json' },
    ...(body !== undefined && { body }),
  })
  const keys = '/api/v1/api-keys'

  test('[ACCESS-4] an owner makes, lists and revokes keys; the secret is shown once', async () => {
    const { ask } = await start()
    const created = await ask(
      'POST',
      keys,
      as(boss, { name: ' shop ', creator_id: 'bob', scopes: ['ingest:write'] }),
    )
    expect(created.status).toBe(201)
    const { key, ...rest } = created.json
    expect(key).toMatch(/^cf_live_/)
    expect(rest).toMatchObject({
      name: 'shop',
      creator_id: 'bob',
      scopes: ['ingest:write'],
      created_by: boss.name,
      replaces: null,
    })
    const listed = await ask('GET', keys, as(boss))
    expect(listed.json.api_keys).toContainEqual(rest)
    expect(listed.text).not.toContain(key.slice(-43))
    expect(await ask('GET', '/api/v1/me', { headers: bearer(key) })).toMatchObject({ status: 200 })
    expect(await ask('DELETE', `${keys}/${rest.id}`, as(boss))).toMatchObject({ status: 204 })
    expect(await ask('GET', '/api/v1/me', { headers: bearer(key) })).toMatchObject({ status: 401 })
    expect(await ask('DELETE', `${keys}/nobody00`, as(boss))).toMatchObject({ status: 404 })
  })

  test('[ACCESS-4] whoever owns a creator manages its keys and no others', async () => {
    const { ask } = await start()
    const create = (body: object) => ask('POST', keys, as(alice, { scopes: ['read'], ...body }))
    expect(await create({ name: 'mine', creator_id: 'alice' })).toMatchObject({ status: 201 })
    expect(await create({ name: 'theirs', creator_id: 'bob' })).toMatchObject({ status: 403 })
    expect(await create({ name: 'all' })).toMatchObject({ status: 403 })
    const of = (creatorId: string | null) =>
      createApiKey(database, { name: 'x', creatorId, scopes: ['read'] })
    const [theirs, all] = [await of('bob'), await of(null)]
    const { json } = await ask('GET', keys, as(alice))
    const creators = json.api_keys.map((key: { creator_id: string }) => key.creator_id)
    expect([...new Set(creators)]).toEqual(['alice'])
    for (const { id, key } of [theirs, all]) {
      expect(await ask('DELETE', `${keys}/${id}`, as(alice))).toMatchObject({ status: 404 })
      expect(await ask('POST', `${keys}/${id}/rotate`, as(alice, {}))).toMatchObject({
        status: 404,
      })
      const headers = bearer(key)
      expect(await ask('GET', '/api/v1/me', { headers })).toMatchObject({ status: 200 })
    }
  })

  test('[ACCESS-4] nobody else manages keys, and invalid input is named', async () => {
    const { ask } = await start()
    const operator = await newUser(database, { roles: [{ creatorId: null, role: 'operator' }] })
    const { key } = await createApiKey(database, {
      name: 'x',
      creatorId: null,
      scopes: ['read', 'ingest:write'],
    })
    const body = { name: 'mine', scopes: ['read'] }
    for (const who of [as(operator).headers, bearer(key)]) {
      expect(await ask('GET', keys, { headers: who })).toMatchObject({ status: 403 })
      expect(await ask('POST', keys, { headers: who, body })).toMatchObject({ status: 403 })
      const gone = await ask('DELETE', `${keys}/nobody00`, { headers: who })
      expect(gone).toMatchObject({ status: 403 })
    }
    const wrong = await ask('POST', keys, as(boss, { name: '', scopes: ['all'], admin: 1 }))
    expect(wrong.status).toBe(400)
    const paths = wrong.json.error.details.fields.map((field: { path: string }) => field.path)
    expect(paths).toEqual(expect.arrayContaining(['name', 'scopes.0']))
    expect(await ask('DELETE', `${keys}/%00`, as(boss))).toMatchObject({ status: 400 })
    const unknown = { name: 'x', creator_id: 'nobody', scopes: ['read'] }
    expect(await ask('POST', keys, as(boss, unknown))).toMatchObject({ status: 404 })
  })

  test('[ACCESS-4] a rotated key works alongside its successor with the same rights, never three', async () => {
    const { ask } = await start()
    const works = async (key: string) =>
      (await ask('GET', '/api/v1/me', { headers: bearer(key) })).status === 200
    const rotate = (id: string, body: object = {}) =>
      ask('POST', `${keys}/${id}/rotate`, as(alice, body))
    const made = { name: 'shop', creator_id: 'alice', scopes: ['read'] }
    const { json: first } = await ask('POST', keys, as(alice, made))
    const second = await rotate(first.id)
    expect(second).toMatchObject({ status: 201, json: { ...made, replaces: first.id } })
    expect([await works(first.key), await works(second.json.key)]).toEqual([true, true])
    for (const id of [first.id, second.json.id]) {
      expect(await rotate(id)).toMatchObject({ status: 409 })
    }
    await ask('DELETE', `${keys}/${first.id}`, as(alice))
    expect([await works(first.key), await works(second.json.key)]).toEqual([false, true])
    expect(await rotate(first.id)).toMatchObject({ status: 409 })

    const soon = new Date(Date.now() + 86_400_000).toISOString()
    const third = await rotate(second.json.id, { old_expires_at: soon })
    expect(third).toMatchObject({ status: 201 })
    const [row] = await database.query<{ expires_at: Date }>(
      sql`select expires_at from api_keys where id = ${second.json.id}`,
    )
    expect(row?.expires_at.toISOString()).toBe(soon)
    await database.query(
      sql`update api_keys set expires_at = now() - interval '1 s' where id = ${second.json.id}`,
    )
    // The previous one has expired: there is room for another.
    expect(await rotate(third.json.id)).toMatchObject({ status: 201 })
  })
})
