import type { Database } from '@creatorflow/db/database'
import { openTestDatabase } from '@creatorflow/db/testing'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type Served, serve } from '../http/test/serve.ts'
import { createApiKey } from './api-keys.ts'
import { bootstrapKey } from './bootstrap.ts'

let database: Database
beforeAll(async () => {
  database = await openTestDatabase({ name: 'embedded' })
  for (const creator of ['alice', 'bob']) await bootstrapKey(database, { creator })
})
afterAll(() => database[Symbol.asyncDispose]())

async function start(env: Record<string, string> = {}): Promise<Served> {
  const served = await serve({ database, env })
  onTestFinished(() => served[Symbol.asyncDispose]())
  return served
}

const elsewhere = { HOST: '0.0.0.0' }
const newKey = (creatorId: string | null, ...scopes: ('read' | 'ingest:write')[]) =>
  createApiKey(database, { name: 'test', creatorId, scopes })
const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

test('[ACC-11] on loopback the person at the machine is the owner and sees every creator', async () => {
  const { ask } = await start()
  const reply = await ask('GET', '/api/v1/me')
  expect(reply).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } })
  expect(reply.json).toMatchObject({ kind: 'owner', local_owner: true, key_id: null })
  expect(reply.json.creators.map((creator: { id: string }) => creator.id)).toEqual(['alice', 'bob'])
})

test('[ACC-11] elsewhere nobody is signed in without a key', async () => {
  const { ask } = await start(elsewhere)
  const reply = await ask('GET', '/api/v1/me')
  expect(reply).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } })
  expect(reply.json.error.code).toBe('unauthorized')
})

test('[ACC-11] a key sees its own creator; a wrong one is refused even at the machine itself', async () => {
  const { ask } = await start()
  const { key, id } = await newKey('alice', 'read', 'ingest:write')
  const { json } = await ask('GET', '/api/v1/me', { headers: bearer(key) })
  expect(json).toEqual({
    kind: 'key',
    local_owner: false,
    key_id: id,
    scopes: ['ingest:write', 'read'],
    creators: [{ id: 'alice', name: 'alice' }],
  })
  const sends = await newKey('alice', 'ingest:write')
  const sender = await ask('GET', '/api/v1/me', { headers: bearer(sends.key) })
  expect(sender.json.creators).toEqual([])
  for (const authorization of ['Bearer nonsense', 'Basic dXNlcjp3b3Jk', `Bearer ${key}x`]) {
    expect(await ask('GET', '/api/v1/me', { headers: { authorization } })).toMatchObject({
      status: 401,
    })
  }
})

test('[ACC-12] signing in with a key that may read gives a cookie that may read, and no more', async () => {
  const { ask } = await start(elsewhere)
  const { key } = await newKey('alice', 'read', 'ingest:write')
  const signedIn = await ask('POST', '/api/v1/sign-in', { body: { key } })
  expect(signedIn.status).toBe(201)
  const [set = ''] = signedIn.headers['set-cookie'] ?? []
  expect(set).toMatch(/^cf_sign_in=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Expires=[^;]+$/)
  const cookie = set.split(';')[0] ?? ''
  const me = await ask('GET', '/api/v1/me', { headers: { cookie } })
  expect(me.json).toMatchObject({ kind: 'key', scopes: ['read'], creators: [{ id: 'alice' }] })

  const signedOut = await ask('DELETE', '/api/v1/sign-in', { headers: { cookie } })
  expect(signedOut).toMatchObject({ status: 204, text: '' })
  expect(signedOut.headers['set-cookie']?.[0]).toMatch(/^cf_sign_in=; .*Max-Age=0/)
  expect(await ask('GET', '/api/v1/me', { headers: { cookie } })).toMatchObject({ status: 401 })
})

test('[ACC-12] behind https the cookie is Secure and bound to the host, and no other is taken', async () => {
  const { ask } = await start({ ...elsewhere, PUBLIC_URL: 'https://live.example.com' })
  const { key } = await newKey('alice', 'read')
  const { headers } = await ask('POST', '/api/v1/sign-in', { body: { key } })
  const [set = ''] = headers['set-cookie'] ?? []
  expect(set).toMatch(/^__Host-cf_sign_in=[\w-]{43}; Path=\/; .*; Secure$/)
  const cookie = set.split(';')[0] ?? ''
  expect(await ask('GET', '/api/v1/me', { headers: { cookie } })).toMatchObject({ status: 200 })
  const plain = cookie.replace('__Host-', '')
  expect(await ask('GET', '/api/v1/me', { headers: { cookie: plain } })).toMatchObject({
    status: 401,
  })
})

test('[ACC-12] a key that may not read, or is none, opens no session', async () => {
  const { ask } = await start(elsewhere)
  const { key } = await newKey('alice', 'ingest:write')
  const signIn = (body: unknown) => ask('POST', '/api/v1/sign-in', { body })
  expect(await signIn({ key })).toMatchObject({ status: 403 })
  expect(await signIn({ key: 'nonsense' })).toMatchObject({ status: 401 })
  expect(await signIn({ key: 7 })).toMatchObject({ status: 400 })
  expect(await signIn('{"key":')).toMatchObject({ status: 400 })
})

test('[ACC-4] a foreign page changes nothing in the name of a signed-in browser', async () => {
  const { ask } = await start(elsewhere)
  const { key } = await newKey('alice', 'read')
  const { headers } = await ask('POST', '/api/v1/sign-in', { body: { key } })
  const cookie = headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  const foreign = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
  ]
  for (const page of foreign) {
    const out = await ask('DELETE', '/api/v1/sign-in', { headers: { cookie, ...page } })
    expect(out).toMatchObject({ status: 403, json: { error: { code: 'forbidden' } } })
    const inn = await ask('POST', '/api/v1/sign-in', { headers: { ...page }, body: { key } })
    expect(inn.status).toBe(403)
  }
  expect(await ask('GET', '/api/v1/me', { headers: { cookie } })).toMatchObject({ status: 200 })
})

test('[ACC-4] a foreign page is not the local owner, nor is a name pointed at this machine', async () => {
  const { ask, port } = await start()
  const body = { name: 'stolen', scopes: ['read'] }
  const makeKey = (headers: Record<string, string>) =>
    ask('POST', '/api/v1/api-keys', { headers, body })
  expect(await makeKey({ origin: 'https://evil.example' })).toMatchObject({ status: 403 })
  expect(await makeKey({ host: `evil.example:${port}` })).toMatchObject({ status: 401 })
  expect(await makeKey({ 'x-forwarded-for': '1.2.3.4' })).toMatchObject({ status: 401 })
  // What a form can send without asking the browser for leave.
  expect(await makeKey({ 'content-type': 'text/plain' })).toMatchObject({ status: 415 })
})

test('[ACC-13] the owner makes, lists and revokes keys; the secret is shown once', async () => {
  const { ask } = await start()
  const created = await ask('POST', '/api/v1/api-keys', {
    body: { name: ' shop ', creator_id: 'bob', scopes: ['ingest:write'] },
  })
  expect(created.status).toBe(201)
  const { key, ...rest } = created.json
  expect(key).toMatch(/^cf_live_/)
  expect(rest).toMatchObject({ name: 'shop', creator_id: 'bob', scopes: ['ingest:write'] })

  const listed = await ask('GET', '/api/v1/api-keys')
  expect(listed.json.api_keys).toContainEqual(rest)
  expect(listed.text).not.toContain(key.slice(-43))
  expect(await ask('GET', '/api/v1/me', { headers: bearer(key) })).toMatchObject({ status: 200 })
  expect(await ask('DELETE', `/api/v1/api-keys/${rest.id}`)).toMatchObject({ status: 204 })
  expect(await ask('GET', '/api/v1/me', { headers: bearer(key) })).toMatchObject({ status: 401 })
  expect(await ask('DELETE', '/api/v1/api-keys/nobody00')).toMatchObject({ status: 404 })
})

test('[ACC-13] no key manages keys, and wrong input is told by field', async () => {
  const { ask } = await start()
  const { key } = await newKey(null, 'read', 'ingest:write')
  const headers = bearer(key)
  const body = { name: 'mine', scopes: ['read'] }
  expect(await ask('GET', '/api/v1/api-keys', { headers })).toMatchObject({ status: 403 })
  expect(await ask('POST', '/api/v1/api-keys', { headers, body })).toMatchObject({ status: 403 })
  expect(await ask('DELETE', '/api/v1/api-keys/nobody00', { headers })).toMatchObject({
    status: 403,
  })

  const wrong = await ask('POST', '/api/v1/api-keys', {
    body: { name: '', scopes: ['all'], admin: 1 },
  })
  expect(wrong.status).toBe(400)
  const paths = wrong.json.error.details.fields.map((field: { path: string }) => field.path)
  expect(paths).toEqual(expect.arrayContaining(['name', 'scopes.0']))
  expect(await ask('DELETE', '/api/v1/api-keys/%00')).toMatchObject({ status: 400 })
  const unknown = { name: 'x', creator_id: 'nobody', scopes: ['read'] }
  expect(await ask('POST', '/api/v1/api-keys', { body: unknown })).toMatchObject({ status: 404 })
})
