import type { Database } from '@creatorflow/db/database'
import { openTestDatabase } from '@creatorflow/db/testing'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { newUser, password, type TestUser } from '../../test/people.ts'
import { serve } from '../../test/serve.ts'
import { createLog } from '../core/log.ts'
import { createApiKey } from '../identity/access/api-keys.ts'
import { bootstrapKey } from '../identity/access/bootstrap.ts'
import { truncatedAddress } from './truncated-address.ts'

let database: Database
let boss: TestUser
beforeAll(async () => {
  database = await openTestDatabase()
  await bootstrapKey(database, { creator: 'alice' })
  boss = await newUser(database, { roles: [{ creatorId: null, role: 'owner' }] })
})
afterAll(() => database[Symbol.asyncDispose]())

async function start(env: Record<string, string> = {}) {
  const lines: string[] = []
  const log = createLog({ level: 'trace', stream: { write: (line) => lines.push(line) } })
  const served = await serve({
    database,
    log,
    env: { HOST: '0.0.0.0', TRUSTED_PROXY_HOPS: '1', ...env },
  })
  onTestFinished(() => served[Symbol.asyncDispose]())
  const refused = async (status: number) => {
    const found = () =>
      lines.map((line) => JSON.parse(line)).filter((line) => line.status === status)
    await expect.poll(found).not.toEqual([])
    return found().at(-1)
  }
  return { ...served, lines, refused }
}

test('[WEB-4] refused requests are logged by account or key, network and route, and name nobody', async () => {
  const { ask, lines, refused } = await start({ SIGN_IN_ATTEMPTS_PER_ACCOUNT: '1' })
  const from = { 'x-forwarded-for': '198.51.100.77' }
  const user = await newUser(database, {
    password,
    roles: [{ creatorId: 'alice', role: 'viewer' }],
  })
  const key = await createApiKey(database, { name: 'k', creatorId: 'alice', scopes: ['read'] })
  const at = { network: '198.51.100.0/24' }

  const audit = (headers: Record<string, string>) =>
    ask('GET', '/api/v1/audit', { headers: { ...from, ...headers } })
  await audit({ cookie: user.cookie })
  expect(await refused(403)).toMatchObject({ ...at, account: user.id, path: '/api/v1/audit' })
  await audit({ authorization: `Bearer ${key.key}` })
  expect(await refused(403)).toMatchObject({ ...at, key_id: key.id })
  await audit({ authorization: `Bearer cf_live_guessed1_${'x'.repeat(43)}` })
  expect(await refused(401)).toMatchObject({ ...at, key_id: 'guessed1' })
  await audit({})
  expect(await refused(401)).toMatchObject(at)

  const signIn = () =>
    ask('POST', '/api/v1/sign-in', {
      headers: from,
      body: { email: user.email, password: 'drei gruene Heuballen' },
    })
  await signIn()
  expect(await refused(401)).toMatchObject({ ...at, account: user.id, path: '/api/v1/sign-in' })
  await signIn()
  expect(await refused(429)).toMatchObject({ ...at, path: '/api/v1/sign-in' })

  await ask('GET', '/api/v1/creators/alice/people/quilla-vane', { headers: from })
  await ask('GET', '/api/v1/people/quilla-vane/nowhere', { headers: from })
  expect(await refused(404)).toMatchObject({ path: '(no route)' })
  for (const text of ['quilla-vane', '198.51.100.77', user.email, user.name, key.key.slice(-43)]) {
    expect(lines.join(''), text).not.toContain(text)
  }
})

test('[ACCESS-12] a failed sign-in to an account is in the audit log, with address and what was wrong', async () => {
  const { ask } = await start()
  const { email } = await newUser(database, { password })
  const signIn = (address: string) =>
    ask('POST', '/api/v1/sign-in', {
      headers: { 'x-forwarded-for': '198.51.100.9' },
      body: { email: address, password: 'drei gruene Heuballen' },
    })
  // A password typed into the address field must not end up in a log.
  for (const address of ['stranger@example.com', email]) {
    expect(await signIn(address)).toMatchObject({ status: 401 })
  }
  const entries = async () =>
    (await ask('GET', '/api/v1/audit?action=sign_in.failed', { headers: { cookie: boss.cookie } }))
      .json.entries
  await expect
    .poll(async () => (await entries()).filter((one: { target: string }) => one.target === email))
    .toMatchObject([{ address: '198.51.100.9', details: { reason: 'password' } }])
  expect(JSON.stringify(await entries())).not.toContain('stranger@')
})

test('[WEB-4] without a token only this machine reads /metrics, not through a proxy', async () => {
  const { ask } = await start()
  expect(await ask('GET', '/metrics')).toMatchObject({ status: 200 })
  for (const header of ['x-forwarded-for', 'forwarded', 'x-real-ip']) {
    const reply = await ask('GET', '/metrics', { headers: { [header]: '198.51.100.1' } })
    expect(reply, header).toMatchObject({ status: 403, json: { error: { code: 'forbidden' } } })
    expect(reply.text).toContain('METRICS_TOKEN')
  }
})

test('[WEB-4] with a token only those who send it read /metrics', async () => {
  const token = 'a token for the scraper'
  const { ask, lines } = await start({ METRICS_TOKEN: token })
  const get = (headers: Record<string, string>) => ask('GET', '/metrics', { headers })
  expect(await get({})).toMatchObject({ status: 401 })
  expect(await get({ authorization: 'Bearer another token, as long' })).toMatchObject({
    status: 401,
  })
  const forwarded = { 'x-forwarded-for': '198.51.100.1' }
  expect(await get({ ...forwarded, authorization: `Bearer ${token}` })).toMatchObject({
    status: 200,
  })
  expect(lines.join('')).not.toContain(token)
})

test.each([
  ['198.51.100.77', '198.51.100.0/24'],
  ['::ffff:198.51.100.77', '198.51.100.0/24'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
  ['2001:db8::1', '2001:db8:0::/48'],
  ['::1', '0:0:0::/48'],
  ['not an address', undefined],
  ['', undefined],
])('[WEB-4] for address %s only the network %s is logged', (address, network) => {
  expect(truncatedAddress(address)).toBe(network)
})
