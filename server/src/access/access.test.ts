import type { IncomingMessage } from 'node:http'
import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { openTestDatabase } from '@creatorflow/db/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../scripts/test/backends.ts'
import { createInProcessBus } from '../bus/in-process.ts'
import { insertCreator } from '../creators/creators.ts'
import { silentLog } from '../log.ts'
import { createTelemetry } from '../telemetry.ts'
import { createAccess } from './access.ts'
import { createApiKey, createApiKeyVerifier, listApiKeys } from './api-keys.ts'
import { bootstrapKey } from './bootstrap.ts'
import { createSignIns, hashToken } from './sign-ins.ts'

describe.each(databases())('access on $name', (backend) => {
  let database: Database
  beforeAll(async () => {
    database = await openTestDatabase(backend)
  })
  afterAll(() => database[Symbol.asyncDispose]())

  let minted = 0
  async function newCreator(): Promise<string> {
    minted += 1
    const id = `creator-${minted}`
    const place = { time_zone: 'Europe/Berlin', currency: 'EUR', locale: 'de' }
    await insertCreator(database, { id, name: id, kind: 'real', ...place })
    return id
  }

  const bus = createInProcessBus({ log: silentLog(), telemetry: createTelemetry() })
  const remote = { host: '0.0.0.0', publicUrl: undefined, allowedOrigins: [] }

  function incoming(
    headers: IncomingMessage['headers'],
  ): Pick<IncomingMessage, 'headers' | 'socket'> {
    const socket = { localPort: 3000, remoteAddress: '127.0.0.1' } as IncomingMessage['socket']
    return { headers: { host: 'localhost:3000', ...headers }, socket }
  }

  test('[ACC-6] a key is what it was made for, and only its hash is stored', async () => {
    const creatorId = await newCreator()
    const { key, id } = await createApiKey(database, { name: 'shop', creatorId, scopes: ['read'] })
    const verifier = createApiKeyVerifier(database)
    expect(await verifier.verify(key)).toEqual({
      kind: 'key',
      keyId: id,
      creatorId,
      scopes: ['read'],
    })
    const stored = await database.query(sql`
    select a::text as text, encode(secret_hash, 'escape') as hash from api_keys a where id = ${id}`)
    expect(JSON.stringify(stored)).not.toContain(key.slice(-43))
    await expect(
      createApiKey(database, { name: 'x', creatorId: 'nobody', scopes: ['read'] }),
    ).rejects.toMatchObject({ code: 'not_found' })
  })

  test('[ACC-6] a wrong secret, an unknown id and an expired key are nobody', async () => {
    const verifier = createApiKeyVerifier(database)
    const { key } = await createApiKey(database, { name: 'a', creatorId: null, scopes: ['read'] })
    const wrong = `${key.slice(0, -3)}${key.endsWith('abc') ? 'abd' : 'abc'}`
    expect(await verifier.verify(wrong)).toBeNull()
    expect(await verifier.verify(`cf_live_nobody00_${'a'.repeat(43)}`)).toBeNull()
    expect(await verifier.verify('a text')).toBeNull()
    const expiresAt = new Date(Date.now() - 1_000)
    const old = await createApiKey(database, {
      name: 'b',
      creatorId: null,
      scopes: ['read'],
      expiresAt,
    })
    expect(await verifier.verify(old.key)).toBeNull()
  })

  test('[ACC-6] the last use of a key is noted', async () => {
    const { key, id } = await createApiKey(database, {
      name: 'a',
      creatorId: null,
      scopes: ['read'],
    })
    const lastUse = async () => (await listApiKeys(database)).find((k) => k.id === id)?.last_used_at
    expect(await lastUse()).toBeNull()
    await createApiKeyVerifier(database).verify(key)
    await expect.poll(lastUse).toEqual(expect.any(String))
  })

  test('[ACC-7] the bootstrap key is valid from the start, however often it is set up', async () => {
    const key = `cf_live_boot0001_${'b'.repeat(43)}`
    await Promise.all([1, 2, 3].map(() => bootstrapKey(database, { creator: 'boot', key })))
    const verifier = createApiKeyVerifier(database)
    expect(await verifier.verify(key)).toEqual({
      kind: 'key',
      keyId: 'boot0001',
      creatorId: 'boot',
      scopes: ['ingest:write', 'read'],
    })
    const creators = await database.query(
      sql`select c.time_zone, c.currency, n.seq from creators c join counters n on creator_id = c.id
      where c.id = 'boot'`,
    )
    expect(creators).toEqual([{ time_zone: 'UTC', currency: 'USD', seq: 0 }])
  })

  test('[ACC-7] a new bootstrap secret under the old id replaces it and ends its sessions', async () => {
    const [first, second] = ['c', 'd'].map((letter) => `cf_live_boot0002_${letter.repeat(43)}`)
    await bootstrapKey(database, { creator: 'boot', key: first })
    const signIns = createSignIns(database)
    const { token } = await signIns.open('boot0002')
    await bootstrapKey(database, { creator: 'boot', key: first })
    expect(await createSignIns(database).find(hashToken(token))).toBe('boot0002')
    await bootstrapKey(database, { creator: 'boot', key: second })
    expect(await createSignIns(database).find(hashToken(token))).toBeNull()
    const verifier = createApiKeyVerifier(database)
    expect(await verifier.verify(first ?? '')).toBeNull()
    expect(await verifier.verify(second ?? '')).toMatchObject({ creatorId: 'boot' })
  })

  test('[ACC-8] a session ends after 30 days, and after 7 days without use', async () => {
    const { id } = await createApiKey(database, { name: 'a', creatorId: null, scopes: ['read'] })
    const { token, expiresAt } = await createSignIns(database).open(id)
    expect((expiresAt.getTime() - Date.now()) / 86_400_000).toBeCloseTo(30, 1)
    const hash = hashToken(token)
    const find = () => createSignIns(database).find(hash)
    const change = (column: 'seen_at' | 'expires_at', to: Date) =>
      column === 'seen_at'
        ? database.query(
            sql`update sign_ins set seen_at = ${to} where token_hash = decode(${hash}, 'hex')`,
          )
        : database.query(
            sql`update sign_ins set expires_at = ${to} where token_hash = decode(${hash}, 'hex')`,
          )
    const days = (count: number) => new Date(Date.now() - count * 86_400_000)
    expect(await find()).toBe(id)
    await change('seen_at', days(6.9))
    expect(await find()).toBe(id)
    // The use just now is noted without being waited for.
    await expect
      .poll(() =>
        database.query(sql`select 1 as one from sign_ins
      where token_hash = decode(${hash}, 'hex') and seen_at > ${days(1)}`),
      )
      .toHaveLength(1)
    await change('seen_at', days(7.1))
    expect(await find()).toBeNull()
    await change('seen_at', new Date())
    await change('expires_at', days(0.1))
    expect(await find()).toBeNull()
  })

  test('[ACC-8] the sessions of one key are bounded: the oldest makes room', async () => {
    const { id } = await createApiKey(database, { name: 'a', creatorId: null, scopes: ['read'] })
    await database.query(sql`
    insert into sign_ins (token_hash, key_id, created_at, expires_at)
    select sha256(convert_to(n::text, 'UTF8')), ${id}, now() - make_interval(secs => n), now() + interval '1 day'
    from generate_series(1, 250) n`)
    const { token } = await createSignIns(database).open(id)
    const [row] = await database.query(
      sql`select count(*)::int as n from sign_ins where key_id = ${id}`,
    )
    expect(row).toEqual({ n: 200 })
    expect(await createSignIns(database).find(hashToken(token))).toBe(id)
  })

  test('[ACC-9] a socket comes in by token, cookie or as local owner, by the same rules', async () => {
    await using access = await createAccess({ database, bus, config: remote })
    await using local = await createAccess({
      database,
      bus,
      config: { ...remote, host: '127.0.0.1' },
    })
    const { key, id } = await createApiKey(database, {
      name: 'a',
      creatorId: null,
      scopes: ['read'],
    })
    const { token } = await access.signIn(key)
    const cookie = `theme=dark; cf_sign_in=${token}`
    const page = { origin: 'http://localhost:3000' }

    const byToken = await access.authenticateSocket({ request: incoming({}), auth: { token: key } })
    expect(byToken).toMatchObject({ principal: { keyId: id }, credential: { kind: 'api-key' } })
    const byCookie = await access.authenticateSocket({
      request: incoming({ cookie, ...page }),
      auth: {},
    })
    expect(byCookie).toMatchObject({ principal: { keyId: id }, credential: { kind: 'sign-in' } })
    const byPlace = await local.authenticateSocket({ request: incoming(page), auth: undefined })
    expect(byPlace).toMatchObject({ principal: { kind: 'owner' } })
    expect(await Promise.all([byToken, byCookie].map(access.stillValid))).toEqual([true, true])

    const refused = (auth: unknown, headers: IncomingMessage['headers'] = {}) =>
      access.authenticateSocket({ request: incoming(headers), auth })
    await expect(refused({})).rejects.toMatchObject({ code: 'unauthorized' })
    await expect(refused(null)).rejects.toMatchObject({ code: 'unauthorized' })
    await expect(refused({ token: 7 })).rejects.toMatchObject({ code: 'unauthorized' })
    await expect(refused({ token: 'x' }, { cookie, ...page })).rejects.toMatchObject({
      code: 'unauthorized',
    })
    await expect(refused({}, { cookie, origin: 'https://evil.example' })).rejects.toMatchObject({
      code: 'forbidden',
    })

    await access.revokeApiKey(id)
    expect(await Promise.all([byToken, byCookie].map(access.stillValid))).toEqual([false, false])
  })

  test('[ACC-10] a revoked key is refused on every node at once, and its holders are named', async () => {
    await using first = await createAccess({ database, bus, config: remote })
    await using second = await createAccess({ database, bus, config: remote })
    const { key, id } = await createApiKey(database, {
      name: 'a',
      creatorId: null,
      scopes: ['read'],
    })
    const asked = incoming({ authorization: `Bearer ${key}` })
    expect(await second.authenticate(asked)).toMatchObject({ principal: { keyId: id } })
    const revoked: string[] = []
    second.onRevoked((keyId) => revoked.push(keyId))
    expect(await first.revokeApiKey(id)).toBe(true)
    await expect.poll(() => revoked).toEqual([id])
    await expect(second.authenticate(asked)).rejects.toMatchObject({ code: 'unauthorized' })
    expect(await first.revokeApiKey('nobody')).toBe(false)
  })
})
