import type { IncomingMessage } from 'node:http'
import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { openTestDatabase } from '@creatorflow/db/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../../scripts/test/backends.ts'
import { newUser } from '../../../test/people.ts'
import { createInProcessBus } from '../../bus/in-process.ts'
import { silentLog } from '../../core/log.ts'
import { createTelemetry } from '../../core/telemetry.ts'
import { insertCreator } from '../creators/creators.ts'
import { createAccess } from './access.ts'
import { createApiKey, createApiKeyVerifier, listApiKeys, revokeApiKey } from './api-keys.ts'
import { bootstrapKey } from './bootstrap.ts'
import { createSignInLookup, openSignIn, rotateSignIn } from './sign-ins.ts'
import { setRole } from './users.ts'

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

  const log = silentLog()
  const bus = createInProcessBus({ log, telemetry: createTelemetry() })
  const browser = { address: '192.0.2.1', userAgent: 'Firefox on Linux' }
  const remote = { host: '0.0.0.0', publicUrl: undefined, allowedOrigins: [] }

  function incoming(
    headers: IncomingMessage['headers'],
  ): Pick<IncomingMessage, 'headers' | 'socket'> {
    const socket = { localPort: 3000, remoteAddress: '127.0.0.1' } as IncomingMessage['socket']
    return { headers: { host: 'localhost:3000', ...headers }, socket }
  }

  test('[ACCESS-4] a key has the rights it was made with, and only its hash is stored', async () => {
    const creatorId = await newCreator()
    const { key, id } = await createApiKey(database, { name: 'shop', creatorId, scopes: ['read'] })
    const verifier = createApiKeyVerifier(database)
    expect(await verifier.verify(key)).toEqual({
      principal: { kind: 'key', keyId: id, name: 'shop', creatorId, scopes: ['read'] },
      expiresAt: Number.POSITIVE_INFINITY,
    })
    const stored = await database.query(sql`
    select a::text as text, encode(secret_hash, 'escape') as hash from api_keys a where id = ${id}`)
    expect(JSON.stringify(stored)).not.toContain(key.slice(-43))
    await expect(
      createApiKey(database, { name: 'x', creatorId: 'nobody', scopes: ['read'] }),
    ).rejects.toMatchObject({ code: 'not_found' })
  })

  test('[ACCESS-4] a wrong secret, an unknown id and an expired key are nobody', async () => {
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

  test('[ACCESS-4] the last use of a key is recorded', async () => {
    const { key, id } = await createApiKey(database, {
      name: 'a',
      creatorId: null,
      scopes: ['read'],
    })
    const lastUse = async () =>
      (await listApiKeys(database, 'all')).find((k) => k.id === id)?.last_used_at
    expect(await lastUse()).toBeNull()
    await createApiKeyVerifier(database).verify(key)
    await expect.poll(lastUse).toEqual(expect.any(String))
  })

  test('[ACCESS-4] the bootstrap key is valid from the start, however often it is set up', async () => {
    const key = `cf_live_boot0001_${'b'.repeat(43)}`
    await Promise.all([1, 2, 3].map(() => bootstrapKey(database, { creator: 'boot', key })))
    const verifier = createApiKeyVerifier(database)
    expect(await verifier.verify(key)).toMatchObject({
      principal: { keyId: 'boot0001', creatorId: 'boot', scopes: ['ingest:write', 'read'] },
    })
    const creators = await database.query(
      sql`select c.time_zone, c.currency, n.seq from creators c join counters n on creator_id = c.id
      where c.id = 'boot'`,
    )
    expect(creators).toEqual([{ time_zone: 'UTC', currency: 'USD', seq: 0 }])
  })

  test('[ACCESS-4] a new bootstrap secret under the old id replaces it', async () => {
    const [first, second] = ['c', 'd'].map((letter) => `cf_live_boot0002_${letter.repeat(43)}`)
    await bootstrapKey(database, { creator: 'boot', key: first })
    await bootstrapKey(database, { creator: 'boot', key: second })
    const verifier = createApiKeyVerifier(database)
    expect(await verifier.verify(first ?? '')).toBeNull()
    expect(await verifier.verify(second ?? '')).toMatchObject({ principal: { creatorId: 'boot' } })
  })

  test('[ACCESS-6] a sign-in expires after 30 days, or after 7 days unused', async () => {
    const { id: userId } = await newUser(database)
    const { id, token, expiresAt } = await openSignIn(database, { userId, ...browser })
    expect((expiresAt.getTime() - Date.now()) / 86_400_000).toBeCloseTo(30, 1)
    const find = () => createSignInLookup(database).byToken(token)
    const change = (to: { seen?: number; expires?: number }) =>
      database.query(sql`
        update sign_ins set seen_at = now() - make_interval(secs => ${(to.seen ?? 0) * 86_400}::float8),
          expires_at = now() + make_interval(secs => ${(to.expires ?? 1) * 86_400}::float8)
        where id = ${id}::uuid`)
    expect(await find()).toMatchObject({ principal: { kind: 'user', userId, signInId: id } })
    await change({ seen: 6.9 })
    expect(await find()).not.toBeNull()
    // The current use is recorded without being awaited.
    await expect
      .poll(() =>
        database.query(sql`select 1 as one from sign_ins
          where id = ${id}::uuid and seen_at > now() - interval '1 day'`),
      )
      .toHaveLength(1)
    await change({ seen: 7.1 })
    expect(await find()).toBeNull()
    await change({ expires: -0.1 })
    expect(await find()).toBeNull()
  })

  test("[ACCESS-6] a user's sign-ins are bounded: the oldest makes room", async () => {
    const { id: userId } = await newUser(database)
    await database.query(sql`
      insert into sign_ins (token_hash, user_id, address, user_agent, created_at, expires_at)
      select sha256(convert_to(n::text, 'UTF8')), ${userId}::uuid, '', '',
        now() - make_interval(secs => n), now() + interval '1 day'
      from generate_series(1, 60) n`)
    const { token } = await openSignIn(database, { userId, ...browser })
    const [row] = await database.query(
      sql`select count(*)::int as n from sign_ins where user_id = ${userId}::uuid`,
    )
    expect(row).toEqual({ n: 50 })
    expect(await createSignInLookup(database).byToken(token)).not.toBeNull()
  })

  test('[ACCESS-6] only the hash of a token is stored, and a rotated token is worthless', async () => {
    const { id: userId } = await newUser(database)
    const { id, token } = await openSignIn(database, { userId, ...browser })
    const stored = await database.query(sql`select s::text as text from sign_ins s`)
    expect(JSON.stringify(stored)).not.toContain(token)
    const { token: next } = await rotateSignIn(database, id)
    const lookup = createSignInLookup(database)
    expect(await lookup.byToken(token)).toBeNull()
    expect(await lookup.byToken(next)).toMatchObject({ principal: { signInId: id } })
  })

  test('[SCREEN-4] a socket is admitted by token, cookie or as local owner, by the same rules', async () => {
    await using access = await createAccess({ database, bus, config: remote, log })
    await using local = await createAccess({
      database,
      bus,
      config: { ...remote, host: '127.0.0.1' },
      log,
    })
    const { key, id } = await createApiKey(database, {
      name: 'a',
      creatorId: null,
      scopes: ['read'],
    })
    const user = await newUser(database)
    const cookie = `theme=dark; ${user.cookie}`
    const page = { origin: 'http://localhost:3000' }

    const byToken = await access.authenticateSocket({ request: incoming({}), auth: { token: key } })
    expect(byToken).toMatchObject({ principal: { keyId: id }, credential: { kind: 'api-key' } })
    const byCookie = await access.authenticateSocket({
      request: incoming({ cookie, ...page }),
      auth: {},
    })
    expect(byCookie).toMatchObject({
      principal: { userId: user.id },
      credential: { kind: 'sign-in' },
    })
    const byPlace = () => local.authenticateSocket({ request: incoming(page), auth: undefined })
    if (backend.name === 'embedded') {
      expect(await byPlace()).toMatchObject({ principal: { kind: 'owner' } })
    } else await expect(byPlace()).rejects.toMatchObject({ code: 'unauthorized' })
    expect(await access.recheck(byToken)).toEqual(byToken)
    expect(await access.recheck(byCookie)).toEqual(byCookie)

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

    await revokeApiKey(database, id)
    await access.announce({ kind: 'key', id, reason: 'revoked' })
    expect(await access.recheck(byToken)).toBeNull()
    await database.query(sql`delete from sign_ins where id = ${user.signInId}::uuid`)
    await access.announce({ kind: 'sign_in', id: user.signInId, reason: 'revoked' })
    expect(await access.recheck(byCookie)).toBeNull()
  })

  test('[ACCESS-5] a change of access reaches every node at once', async () => {
    await using first = await createAccess({ database, bus, config: remote, log })
    await using second = await createAccess({ database, bus, config: remote, log })
    const { key, id } = await createApiKey(database, {
      name: 'a',
      creatorId: null,
      scopes: ['read'],
    })
    const user = await newUser(database, { roles: [{ creatorId: null, role: 'owner' }] })
    const byKey = incoming({ authorization: `Bearer ${key}` })
    const byCookie = incoming({ cookie: user.cookie })
    expect(await second.authenticate(byKey)).toMatchObject({ principal: { keyId: id } })
    expect(await second.authenticate(byCookie)).toMatchObject({
      principal: { roles: [{ role: 'owner' }] },
    })
    const told: unknown[] = []
    second.onChange((change) => told.push(change))

    await revokeApiKey(database, id)
    await first.announce({ kind: 'key', id, reason: 'revoked' })
    await expect.poll(() => told).toEqual([{ kind: 'key', id, reason: 'revoked' }])
    await expect(second.authenticate(byKey)).rejects.toMatchObject({ code: 'unauthorized' })

    await setRole(database, user.id, null, 'viewer')
    await first.announce({ kind: 'user', id: user.id, reason: null })
    await expect.poll(() => told).toHaveLength(2)
    expect(await second.authenticate(byCookie)).toMatchObject({
      principal: { roles: [{ role: 'viewer' }] },
    })
    // A message no node wrote changes nothing.
    await bus.publish('access:changed', '{"kind":"all"}')
    await bus.publish('access:changed', 'nonsense')
    expect(await second.authenticate(byCookie)).toMatchObject({ principal: { userId: user.id } })
    expect(told).toHaveLength(2)
  })
})
