import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { openTestDatabase } from '@creatorflow/db/testing'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import {
  type IdentityProvider,
  oidcClient,
  startIdentityProvider,
} from '../../../test/identity-provider.ts'
import { cookieIn, newUser, password } from '../../../test/people.ts'
import { type Served, serve } from '../../../test/serve.ts'
import { bootstrapKey } from '../access/bootstrap.ts'
import { mintLink } from '../access/links.ts'
import { findUserByEmail, markVerified } from '../access/users.ts'
import { insertInvitation } from '../team/invitations.ts'

const publicUrl = 'http://live.example.com'
const start = '/api/v1/sign-in/oidc'

let database: Database
let provider: IdentityProvider
let served: Served
beforeAll(async () => {
  database = await openTestDatabase()
  await bootstrapKey(database, { creator: 'alice' })
  provider = await startIdentityProvider(`${publicUrl}${start}/callback`)
  served = await serve({ database, env: envOf(provider.issuer) })
})
afterAll(async () => {
  await served?.[Symbol.asyncDispose]()
  await provider?.[Symbol.asyncDispose]()
  await database?.[Symbol.asyncDispose]()
})

function envOf(issuer: string, secret: string = oidcClient.secret) {
  return {
    HOST: '0.0.0.0',
    PUBLIC_URL: publicUrl,
    TRUSTED_PROXY_HOPS: '0',
    OIDC_ISSUER: issuer,
    OIDC_CLIENT_ID: oidcClient.id,
    OIDC_CLIENT_SECRET: secret,
    OIDC_LABEL: 'House account',
    SECRET_KEY: Buffer.alloc(32, 3).toString('base64'),
  }
}

/** A browser: keeps cookies by host, follows redirects, and finds our public address at the test's server. */
function createBrowser(at: Served = served) {
  const jars = new Map<string, Map<string, string>>()
  const visited: URL[] = []

  function jarOf(url: URL) {
    const jar = jars.get(url.host) ?? new Map<string, string>()
    jars.set(url.host, jar)
    return jar
  }

  async function get(url: URL): Promise<{ status: number; location: string | undefined }> {
    visited.push(url)
    const jar = jarOf(url)
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const isOurs = url.origin === publicUrl
    const port = isOurs ? at.port : Number(url.port)
    const response = await fetch(`http://127.0.0.1:${port}${url.pathname}${url.search}`, {
      headers: { cookie, accept: 'text/html' },
      redirect: 'manual',
    })
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      if (/max-age=0|expires=thu, 01 jan 1970/i.test(set)) jar.delete(name)
      else jar.set(name, value)
    }
    return { status: response.status, location: response.headers.get('location') ?? undefined }
  }

  return {
    jar: () => jarOf(new URL(publicUrl)),
    visited,
    get,
    /** Goes to an address and on, until `stop` or a page of ours that is no door. */
    async follow(path: string, stop: (url: URL) => boolean = () => false): Promise<URL> {
      let url = new URL(path, publicUrl)
      for (let steps = 0; steps < 20; steps++) {
        if (stop(url) || (url.origin === publicUrl && !url.pathname.startsWith('/api/'))) return url
        const { location } = await get(url)
        if (location === undefined) throw new Error(`${url} leads nowhere`)
        url = new URL(location, url)
      }
      throw new Error('too many redirects')
    },
    async me() {
      const cookie = `cf_sign_in=${jarOf(new URL(publicUrl)).get('cf_sign_in') ?? ''}`
      return at.ask('GET', '/api/v1/me', { headers: { cookie } })
    },
  }
}

test('[ACCESS-10] the provider is offered with its label', async () => {
  const { json } = await served.ask('GET', '/api/v1/sign-in')
  expect(json.oidc).toEqual({ label: 'House account', url: start })
  const without = await serve({ database, env: { HOST: '0.0.0.0' } })
  onTestFinished(() => without[Symbol.asyncDispose]())
  expect((await without.ask('GET', '/api/v1/sign-in')).json.oidc).toBeNull()
  expect(await without.ask('GET', start)).toMatchObject({ status: 404 })
})

test('[ACCESS-10] invited people get in with a verified address and the invited role, and can return later', async () => {
  const email = 'Ines@Example.com'
  await insertInvitation(database, {
    email: email.toLowerCase(),
    creatorId: 'alice',
    role: 'operator',
    invitedBy: 'Boss',
    inviterId: null,
  })
  provider.person = { sub: 'ines-1', email, email_verified: true, name: 'Ines' }
  const browser = createBrowser()
  expect((await browser.follow(start)).href).toBe(`${publicUrl}/`)
  expect((await browser.me()).json).toMatchObject({
    user: { email: 'ines@example.com', name: 'Ines', has_password: false },
    creators: [{ id: 'alice', actions: ['ingest:write', 'read', 'operate'] }],
  })
  const [asked] = browser.visited.filter(({ pathname }) => pathname === '/auth')
  expect(Object.fromEntries(asked?.searchParams ?? [])).toMatchObject({
    code_challenge_method: 'S256',
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    state: expect.stringMatching(/^[\w-]{43}$/),
    nonce: expect.stringMatching(/^[\w-]{43}$/),
  })
  // Known by her identity, whatever her address is by now.
  provider.person = { sub: 'ines-1', email: 'other@example.com', email_verified: false }
  const later = createBrowser()
  await later.follow(start)
  expect((await later.me()).json.user).toMatchObject({ email: 'ines@example.com' })
})

test('[ACCESS-10] a user with a password stays the same user, and nobody else gets that address', async () => {
  const user = await newUser(database, {
    password,
    roles: [{ creatorId: 'alice', role: 'viewer' }],
  })
  await markVerified(database, user.id)
  provider.person = { sub: 'known-1', email: user.email, email_verified: true }
  const browser = createBrowser()
  await browser.follow(start)
  expect((await browser.me()).json.user).toMatchObject({ id: user.id, has_password: true })
  provider.person = { sub: 'known-2', email: user.email, email_verified: true }
  const second = createBrowser()
  expect((await second.follow(start)).search).toBe('?sign_in_failed=not_invited')
  expect(await second.me()).toMatchObject({ status: 401 })
})

test('[ACCESS-8] linking an unverified account ends everything a stranger could use it by', async () => {
  const owner = { creatorId: 'alice', role: 'owner' } as const
  const attacker = await newUser(database, { roles: [owner] })
  const json = { cookie: attacker.cookie, 'content-type': 'application/json' }
  const email = 'victim@example.com'
  const invite = await served.ask('POST', '/api/v1/invitations', {
    headers: json,
    body: { email, creator_id: 'alice', role: 'owner' },
  })
  const token = invite.json.url.split('token=')[1]
  const accepted = await served.ask('POST', '/api/v1/invitations/accept', {
    body: { token, name: 'Not the victim', password },
  })
  expect(accepted.status).toBe(204)
  const cookie = cookieIn(accepted.headers)
  const planted = await served.ask('POST', '/api/v1/invitations', {
    headers: { cookie, 'content-type': 'application/json' },
    body: { email: 'planted@example.com', creator_id: 'alice', role: 'owner' },
  })
  const enrolled = await served.ask('POST', '/api/v1/me/totp', {
    headers: { cookie, 'content-type': 'application/json' },
    body: { password },
  })
  expect(enrolled.status).toBe(201)
  await database.query(sql`update users set totp_confirmed_at = now() where email = ${email}`)
  const user = await findUserByEmail(database, email)
  await mintLink(database, 'reset', { userId: user?.id ?? '' })

  provider.person = { sub: 'victim-1', email, email_verified: true, name: 'Victim' }
  const browser = createBrowser()
  expect((await browser.follow(start)).href).toBe(`${publicUrl}/`)
  expect((await browser.me()).json.user).toMatchObject({
    id: user?.id,
    has_password: false,
    totp: false,
  })
  expect(await served.ask('GET', '/api/v1/me', { headers: { cookie } })).toMatchObject({
    status: 401,
  })
  const signIn = await served.ask('POST', '/api/v1/sign-in', { body: { email, password } })
  expect(signIn.status).toBe(401)
  const look = await served.ask('POST', '/api/v1/invitations/look', {
    body: { token: planted.json.url.split('token=')[1] },
  })
  expect(look.status).toBe(404)
  const links = await database.query(sql`select 1 from links where user_id = ${user?.id}::uuid`)
  expect(links).toEqual([])
  expect(await findUserByEmail(database, email)).toMatchObject({ verified: true })
})

test.each([
  ['a stranger', { sub: 'eve', email: 'eve@example.com', email_verified: true }],
  [
    'an address that nobody verified',
    { sub: 'eve', email: 'boss@example.com', email_verified: false },
  ],
])('[ACCESS-10] %s does not get in and no account is made', async (_, person) => {
  await database.query(sql`delete from users where email = 'boss@example.com'`)
  const boss = await newUser(database, {
    email: 'boss@example.com',
    roles: [{ creatorId: null, role: 'owner' }],
  })
  provider.person = person
  const browser = createBrowser()
  expect((await browser.follow(start)).search).toBe('?sign_in_failed=not_invited')
  expect(await browser.me()).toMatchObject({ status: 401 })
  const users = await database.query(
    sql`select oidc_subject from users where id = ${boss.id}::uuid`,
  )
  expect(users).toEqual([{ oidc_subject: null }])
  expect(await database.query(sql`select 1 from users where email = 'eve@example.com'`)).toEqual([])
})

test('[ACCESS-10] an answer counts once, only in the browser that asked, with matching checks', async () => {
  const user = await newUser(database, { roles: [{ creatorId: 'alice', role: 'viewer' }] })
  provider.person = { sub: 'replay', email: user.email, email_verified: true }
  const isCallback = (url: URL) => url.pathname.endsWith('/callback')
  const failed = { location: '/?sign_in_failed=failed' }
  const mine = createBrowser()
  const callback = await mine.follow(start, isCallback)

  const other = createBrowser()
  expect(await other.get(callback)).toMatchObject(failed)
  // Another browser in the middle of its own attempt.
  await other.follow(start, isCallback)
  expect(await other.get(callback)).toMatchObject(failed)

  const attempt = mine.jar().get('cf_oidc') ?? ''
  const again = () => mine.jar().set('cf_oidc', attempt)
  const changed = new URL(callback)
  changed.searchParams.set('state', 'x'.repeat(43))
  expect(await mine.get(changed)).toMatchObject(failed)
  again()
  const issuer = new URL(callback)
  issuer.searchParams.set('iss', 'https://evil.example')
  expect(await mine.get(issuer)).toMatchObject(failed)
  mine.jar().set('cf_oidc', `${attempt.slice(0, -4)}AAAA`)
  expect(await mine.get(callback)).toMatchObject(failed)
  again()
  expect(await mine.get(callback)).toMatchObject({ location: '/' })
  expect(await mine.me()).toMatchObject({ status: 200 })
  again()
  expect(await mine.get(callback)).toMatchObject(failed)
})

test('[ACCESS-10] a wrong secret or an unavailable provider lets nobody in and stops nothing else', async () => {
  const user = await newUser(database, { roles: [{ creatorId: 'alice', role: 'viewer' }] })
  provider.person = { sub: 'wrong', email: user.email, email_verified: true }
  const wrong = await serve({ database, env: envOf(provider.issuer, 'another secret') })
  onTestFinished(() => wrong[Symbol.asyncDispose]())
  const browser = createBrowser(wrong)
  expect((await browser.follow(start)).search).toBe('?sign_in_failed=failed')
  const away = await serve({ database, env: envOf('http://127.0.0.1:9') })
  onTestFinished(() => away[Symbol.asyncDispose]())
  expect(await away.ask('GET', start)).toMatchObject({
    status: 503,
    headers: { 'retry-after': '5' },
  })
  expect(await away.ask('GET', '/api/v1/sign-in')).toMatchObject({ status: 200 })
})
