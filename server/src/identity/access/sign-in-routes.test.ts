import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { openTestDatabase } from '@creatorflow/db/testing'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { databases } from '../../../../scripts/test/backends.ts'
import { cookieIn, newUser, password } from '../../../test/people.ts'
import { type Served, serve } from '../../../test/serve.ts'
import { mintLink } from './links.ts'
import { mintOwnerLink } from './owner-link.ts'

const elsewhere = { HOST: '0.0.0.0' }
const other = 'drei gruene Heuballen'

describe.each(databases())('signing in on $name', (backend) => {
  let database: Database
  beforeAll(async () => {
    database = await openTestDatabase(backend)
  })
  afterAll(() => database[Symbol.asyncDispose]())

  async function start(env: Record<string, string> = elsewhere): Promise<Served> {
    const served = await serve({ database, env })
    onTestFinished(() => served[Symbol.asyncDispose]())
    return served
  }

  test("[ACCESS-8] the terminal's link makes the first owner, once, within an hour", async () => {
    const { ask } = await start()
    const options = async () => (await ask('GET', '/api/v1/sign-in')).json
    expect(await options()).toEqual({ oidc: null, mail: false, needs_owner: true })
    const link = await mintOwnerLink(database, 'https://live.example.com')
    expect(link).toMatch(/^https:\/\/live\.example\.com\/welcome#token=[\w-]{43}$/)
    const token = link.split('=')[1]
    const body = { token, email: ' Mira@Example.com ', name: 'Mira', password }

    const wrong = await ask('POST', '/api/v1/welcome', { body: { ...body, token: 'x'.repeat(43) } })
    expect(wrong).toMatchObject({ status: 404 })
    const weak = await ask('POST', '/api/v1/welcome', {
      body: { ...body, password: 'password1234' },
    })
    expect(weak).toMatchObject({ status: 400 })
    const made = await ask('POST', '/api/v1/welcome', { body })
    expect(made).toMatchObject({ status: 201 })
    const cookie = cookieIn(made.headers)
    const me = await ask('GET', '/api/v1/me', { headers: { cookie } })
    expect(me.json).toMatchObject({
      kind: 'user',
      owner: true,
      local_owner: false,
      user: { email: 'mira@example.com', name: 'Mira', has_password: true, totp: false },
    })
    expect(await ask('POST', '/api/v1/welcome', { body })).toMatchObject({ status: 404 })
    expect(await options()).toMatchObject({ needs_owner: false })

    const late = (await mintOwnerLink(database, '')).split('=')[1]
    await database.query(sql`update links set expires_at = now() - interval '1 second'`)
    expect(await ask('POST', '/api/v1/welcome', { body: { ...body, token: late } })).toMatchObject({
      status: 404,
    })
  })

  test('[ACCESS-8] an owner who lost everything gets back in with such a link', async () => {
    const { ask } = await start()
    const user = await newUser(database, { password })
    await database.query(sql`
      update users set totp_secret = '\\x00', totp_confirmed_at = now() where id = ${user.id}::uuid`)
    const token = (await mintOwnerLink(database, '')).split('=')[1]
    const body = { token, email: user.email, name: 'ignored', password: other }
    expect(await ask('POST', '/api/v1/welcome', { body })).toMatchObject({ status: 201 })
    const again = { body: { email: user.email, password: other } }
    const { headers } = await ask('POST', '/api/v1/sign-in', again)
    const me = await ask('GET', '/api/v1/me', { headers: { cookie: cookieIn(headers) } })
    expect(me.json).toMatchObject({ owner: true, user: { id: user.id, totp: false } })
    const before = await ask('GET', '/api/v1/me', { headers: { cookie: user.cookie } })
    expect(before).toMatchObject({ status: 401 })
  })

  test('[ACCESS-6] e-mail and password give a cookie, and signing out ends it', async () => {
    const { ask } = await start()
    const user = await newUser(database, { password })
    const signedIn = await ask('POST', '/api/v1/sign-in', {
      body: { email: user.email.toUpperCase(), password },
      headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0' },
    })
    expect(signedIn.status).toBe(201)
    const [set = ''] = signedIn.headers['set-cookie'] ?? []
    expect(set).toMatch(/^cf_sign_in=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Expires=[^;]+$/)
    const cookie = cookieIn(signedIn.headers)
    const me = await ask('GET', '/api/v1/me', { headers: { cookie } })
    expect(me.json).toMatchObject({ kind: 'user', owner: false, user: { email: user.email } })

    const again = await ask('POST', '/api/v1/sign-in', {
      body: { email: user.email, password },
      headers: { cookie },
    })
    expect(cookieIn(again.headers)).not.toBe(cookie)
    // The sign-in open in this browser was ended.
    expect(await ask('GET', '/api/v1/me', { headers: { cookie } })).toMatchObject({ status: 401 })

    const last = { cookie: cookieIn(again.headers) }
    const out = await ask('DELETE', '/api/v1/sign-in', { headers: last })
    expect(out).toMatchObject({ status: 204, text: '' })
    expect(out.headers['set-cookie']?.[0]).toMatch(/^cf_sign_in=; .*Max-Age=0/)
    expect(await ask('GET', '/api/v1/me', { headers: last })).toMatchObject({ status: 401 })
  })

  test('[ACCESS-6] behind https the cookie is Secure and bound to the host, and no other is accepted', async () => {
    const { ask } = await start({
      ...elsewhere,
      PUBLIC_URL: 'https://live.example.com',
      TRUSTED_PROXY_HOPS: '0',
    })
    const { email } = await newUser(database, { password })
    const { headers } = await ask('POST', '/api/v1/sign-in', { body: { email, password } })
    const [set = ''] = headers['set-cookie'] ?? []
    expect(set).toMatch(/^__Host-cf_sign_in=[\w-]{43}; Path=\/; .*; Secure$/)
    const cookie = set.split(';')[0] ?? ''
    expect(await ask('GET', '/api/v1/me', { headers: { cookie } })).toMatchObject({ status: 200 })
    const plain = cookie.replace('__Host-', '')
    expect(await ask('GET', '/api/v1/me', { headers: { cookie: plain } })).toMatchObject({
      status: 401,
    })
  })

  test('[ACCESS-7] a wrong password and an unknown address are answered alike', async () => {
    const { ask } = await start()
    const { email } = await newUser(database, { password })
    const signIn = (body: unknown) => ask('POST', '/api/v1/sign-in', { body })
    const wrong = await signIn({ email, password: other })
    const unknown = await signIn({ email: 'nobody@example.com', password })
    const withoutPassword = await newUser(database)
    const passwordless = await signIn({ email: withoutPassword.email, password })
    expect(wrong.status).toBe(401)
    for (const reply of [unknown, passwordless]) expect(reply.text).toBe(wrong.text)
    for (const reply of [wrong, unknown]) expect(reply.headers['set-cookie']).toBeUndefined()
    expect(await signIn({ email: 7, password })).toMatchObject({ status: 400 })
    expect(await signIn('{"email":')).toMatchObject({ status: 400 })
  })

  test('[ACCESS-7] past the attempts per account or address the answer is 429 with Retry-After', async () => {
    const env = { SIGN_IN_ATTEMPTS_PER_ACCOUNT: '2', SIGN_IN_ATTEMPTS_PER_ADDRESS: '5' }
    const { ask } = await start({ ...elsewhere, ...env, TRUSTED_PROXY_HOPS: '1' })
    const { email } = await newUser(database, { password })
    const from = (address: string, body: object) =>
      ask('POST', '/api/v1/sign-in', { headers: { 'x-forwarded-for': address }, body })
    // Correct attempts are not counted.
    for (let n = 0; n < 6; n++)
      expect((await from('198.51.100.1', { email, password })).status).toBe(201)
    for (const address of ['198.51.100.1', '198.51.100.2']) {
      expect(await from(address, { email, password: other })).toMatchObject({ status: 401 })
    }
    const limited = await from('198.51.100.3', { email, password })
    expect(limited).toMatchObject({ status: 429, json: { error: { code: 'rate_limited' } } })
    expect(Number(limited.headers['retry-after'])).toBeGreaterThan(800)

    for (let n = 0; n < 5; n++) {
      const reply = await from('2001:db8:1:2::7', { email: `n${n}@example.com`, password })
      expect(reply.status).toBe(401)
    }
    // Another address of the same household.
    const household = await from('2001:db8:1:2:3:4:5:6', { email: 'n9@example.com', password })
    expect(household.status).toBe(429)
    expect(await from('2001:db8:1:3::7', { email: 'n9@example.com', password })).toMatchObject({
      status: 401,
    })
  })

  test('[ACCESS-3] a foreign page can change nothing through a signed-in browser', async () => {
    const { ask } = await start()
    const { cookie, email } = await newUser(database, { password })
    const boss = await newUser(database, { roles: [{ creatorId: null, role: 'owner' }] })
    const foreign = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
    ]
    for (const page of foreign) {
      const out = await ask('DELETE', '/api/v1/sign-in', { headers: { cookie, ...page } })
      expect(out).toMatchObject({ status: 403, json: { error: { code: 'forbidden' } } })
      const inn = await ask('POST', '/api/v1/sign-in', {
        headers: { ...page },
        body: { email, password },
      })
      expect(inn.status).toBe(403)
    }
    const form = { cookie, 'content-type': 'application/x-www-form-urlencoded' }
    const named = await ask('PATCH', '/api/v1/me', { headers: form, body: { name: 'Eve' } })
    expect(named.status).toBe(415)
    // What a page may send without a preflight does not have our type either.
    const bare = { headers: { cookie: boss.cookie } }
    expect(await ask('POST', `/api/v1/members/${boss.id}/reset-link`, bare)).toMatchObject({
      status: 415,
    })
    expect(await ask('GET', '/api/v1/me', { headers: { cookie } })).toMatchObject({ status: 200 })
  })

  test('[ACCESS-6] no sign-in with the old password outlives a new password, whatever the timing', async () => {
    const { ask } = await start()
    for (let round = 0; round < 5; round++) {
      const user = await newUser(database, { password })
      const { token } = await mintLink(database, 'reset', { userId: user.id })
      const signIn = () => ask('POST', '/api/v1/sign-in', { body: { email: user.email, password } })
      const replies = await Promise.all([
        signIn(),
        signIn(),
        ask('POST', '/api/v1/password-reset/confirm', { body: { token, password: other } }),
        signIn(),
      ])
      expect(replies[2]).toMatchObject({ status: 204 })
      for (const { status, headers } of replies) {
        if (status !== 201) continue
        const me = await ask('GET', '/api/v1/me', { headers: { cookie: cookieIn(headers) } })
        expect(me.status).toBe(401)
      }
    }
  })

  test('[ACCESS-8] without mail an owner creates a reset link, which works once and ends every sign-in', async () => {
    const { ask } = await start()
    const boss = await newUser(database, { roles: [{ creatorId: null, role: 'owner' }] })
    const user = await newUser(database, { password })
    const asked = await ask('POST', '/api/v1/password-reset', { body: { email: user.email } })
    expect(asked).toMatchObject({ status: 409 })
    const path = `/api/v1/members/${user.id}/reset-link`
    const json = { 'content-type': 'application/json' }
    const refused = await ask('POST', path, { headers: { cookie: user.cookie, ...json } })
    expect(refused.status).toBe(403)
    const made = await ask('POST', path, { headers: { cookie: boss.cookie, ...json } })
    expect(made.status).toBe(201)
    const token = /\/reset#token=([\w-]{43})$/.exec(made.json.url)?.[1]
    const confirm = (body: object) => ask('POST', '/api/v1/password-reset/confirm', { body })
    expect(await confirm({ token, password: 'short' })).toMatchObject({ status: 400 })
    // An easy-to-guess password does not use up the link.
    expect(await confirm({ token, password: 'aaaaaaaaaaaaaa' })).toMatchObject({ status: 400 })
    expect(await confirm({ token, password: other })).toMatchObject({ status: 204 })
    expect(await confirm({ token, password })).toMatchObject({ status: 404 })
    const before = await ask('GET', '/api/v1/me', { headers: { cookie: user.cookie } })
    expect(before.status).toBe(401)
    const signIn = (text: string) =>
      ask('POST', '/api/v1/sign-in', { body: { email: user.email, password: text } })
    expect(await signIn(password)).toMatchObject({ status: 401 })
    expect(await signIn(other)).toMatchObject({ status: 201 })
  })
})
