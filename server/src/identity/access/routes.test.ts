import type { Database } from '@creatorflow/db/database'
import { openTestDatabase } from '@creatorflow/db/testing'
import { actions } from '@creatorflow/shared/endpoint'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { newUser } from '../../../test/people.ts'
import { type Served, serve } from '../../../test/serve.ts'
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

test('[ACCESS-1] on loopback the person at the machine is the owner and sees every creator', async () => {
  const { ask } = await start()
  const reply = await ask('GET', '/api/v1/me')
  expect(reply).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } })
  expect(reply.json).toEqual({
    kind: 'owner',
    local_owner: true,
    owner: true,
    user: null,
    key: null,
    creators: ['alice', 'bob'].map((id) => ({ id, name: id, actions: [...actions] })),
  })
})

test('[ACCESS-1] elsewhere nobody is signed in automatically', async () => {
  const { ask } = await start(elsewhere)
  const reply = await ask('GET', '/api/v1/me')
  expect(reply).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } })
  expect(reply.json.error.code).toBe('unauthorized')
})

test('[ACCESS-1] a key sees its own creator; a wrong one is refused even at the machine itself', async () => {
  const { ask } = await start()
  const { key, id } = await newKey('alice', 'read', 'ingest:write')
  const { json } = await ask('GET', '/api/v1/me', { headers: bearer(key) })
  expect(json).toEqual({
    kind: 'key',
    local_owner: false,
    owner: false,
    user: null,
    key: { id, scopes: ['ingest:write', 'read'] },
    creators: [{ id: 'alice', name: 'alice', actions: ['ingest:write', 'read'] }],
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

test('[ACCESS-3] a foreign page is not the local owner, nor is a foreign name that points to this machine', async () => {
  const { ask, port } = await start()
  const body = { name: 'stolen', scopes: ['read'] }
  const makeKey = (headers: Record<string, string>) =>
    ask('POST', '/api/v1/api-keys', { headers, body })
  expect(await makeKey({ origin: 'https://evil.example' })).toMatchObject({ status: 403 })
  expect(await makeKey({ host: `evil.example:${port}` })).toMatchObject({ status: 401 })
  expect(await makeKey({ 'x-forwarded-for': '1.2.3.4' })).toMatchObject({ status: 401 })
  // What a form can send without a preflight.
  expect(await makeKey({ 'content-type': 'text/plain' })).toMatchObject({ status: 415 })
})

test('[ACCESS-1] users see the creators of their roles, and what they may do to each', async () => {
  const { ask } = await start(elsewhere)
  const user = await newUser(database, {
    roles: [
      { creatorId: 'alice', role: 'owner' },
      { creatorId: 'bob', role: 'viewer' },
    ],
  })
  const { json } = await ask('GET', '/api/v1/me', { headers: { cookie: user.cookie } })
  expect(json).toMatchObject({ kind: 'user', owner: false, key: null, user: { id: user.id } })
  expect(json.creators).toEqual([
    { id: 'alice', name: 'alice', actions: [...actions] },
    { id: 'bob', name: 'bob', actions: ['read'] },
  ])
  const nobody = await newUser(database)
  const reply = await ask('GET', '/api/v1/me', { headers: { cookie: nobody.cookie } })
  expect(reply.json.creators).toEqual([])
})

test('[ACCESS-1] personal account settings are refused to keys and the local owner', async () => {
  const { ask } = await start()
  const { key } = await newKey(null, 'read', 'ingest:write')
  for (const headers of [{}, bearer(key)]) {
    expect(await ask('GET', '/api/v1/me/sign-ins', { headers })).toMatchObject({ status: 403 })
  }
  expect(await ask('GET', '/api/v1/members', { headers: bearer(key) })).toMatchObject({
    status: 403,
  })
  expect(await ask('GET', '/api/v1/members')).toMatchObject({ status: 200 })
})
