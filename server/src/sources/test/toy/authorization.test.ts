import { randomUUID } from 'node:crypto'
import { sql } from '@creatorflow/db/sql'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { databases } from '../../../../../scripts/test/backends.ts'
import { ask, type Reply, startApp, type TestApp } from '../../../../test/harness.ts'
import { newUser, type TestUser } from '../../../../test/people.ts'
import { createSealer } from '../../../core/seal.ts'
import { sourceDefinitions } from '../../index.ts'
import { ATTEMPT_MS, type Attempt, beginAttempt } from '../../runtime/authorization.ts'
import { readSecrets } from '../../runtime/store.ts'
import { toyMarket } from './index.ts'
import { type Market, startMarket } from './market.ts'

const sealer = createSealer({ secretKey: Buffer.alloc(32, 1), dataDir: '/nowhere' })

describe.each(databases())('authorizing at a service on $name', (backend) => {
  let app: TestApp
  let market: Market
  let isBroken = false
  beforeAll(async () => {
    market = await startMarket()
    app = await startApp({
      database: backend,
      sources: [...sourceDefinitions, toyMarket],
      wrap: (database) => ({
        ...database,
        transaction: (work) =>
          isBroken ? Promise.reject(new Error('the disk is on fire')) : database.transaction(work),
      }),
      // On a loopback address everyone here would be the local owner.
      env: { HOST: '0.0.0.0', SOURCES_INTERVAL_MS: '100', TOY_MARKET_URL: market.url },
    })
  })
  afterAll(async () => {
    await app?.[Symbol.asyncDispose]()
    await market?.[Symbol.asyncDispose]()
  })

  let user: TestUser
  let creatorId: string
  let sourceId: string
  let path: string
  beforeEach(async () => {
    market.agrees = true
    market.stall = `s${randomUUID().replaceAll(/[^a-z]/g, '')}`.padEnd(4, 'x').slice(0, 20)
    creatorId = (await app.newCreator()).id
    user = await newUser(app.database, { roles: [{ creatorId, role: 'owner' }] })
    const body = { kind: 'toy_market', stall: market.stall, signing_secret: 'canary-signing' }
    const { json } = await call('POST', `creators/${creatorId}/sources`, body)
    sourceId = json.id
    path = `creators/${creatorId}/sources/${sourceId}`
  })

  const call = (method: string, at: string, body?: object, cookie = user.cookie) =>
    ask(
      app.port,
      method,
      `/api/v1/${at}`,
      { cookie, 'content-type': 'application/json' },
      body && JSON.stringify(body),
    )

  /** Starts, and follows the server's redirect: the market sends the browser back to `back`. */
  async function visit(cookie = user.cookie) {
    const begun = await call('POST', `${path}/authorize`, {}, cookie)
    expect(begun.status).toBe(200)
    const url = new URL(begun.json.url)
    expect(url.origin).toBe(market.url)
    const { headers } = await fetch(url, { redirect: 'manual' })
    const back = new URL(headers.get('location') ?? '')
    // It outlives the attempt, so someone who is too late is told that, and not taken for a stranger.
    const maxAge = Number(/Max-Age=(\d+)/.exec(begun.headers['set-cookie']?.[0] ?? '')?.[1])
    expect(maxAge * 1_000).toBeGreaterThan(ATTEMPT_MS)
    return { back, kept: cookieOf(begun) }
  }

  /** As the browser returns from the market. */
  async function comeBack(back: URL, ...cookies: string[]): Promise<string> {
    const { status, headers } = await ask(app.port, 'GET', back.pathname + back.search, {
      cookie: cookies.join('; '),
      'sec-fetch-site': 'cross-site',
    })
    expect(status).toBe(302)
    const page = new URL(headers.location ?? '', app.url)
    expect(page.pathname).toBe('/settings/sources')
    return page.searchParams.get('authorized') ?? ''
  }

  const secrets = () => readSecrets(app.database, sealer, sourceId)

  test("[SOURCE-5] a visit goes to the service and back, and the code's tokens are stored encrypted", async () => {
    const { back, kept } = await visit()
    expect(back.pathname).toBe('/api/v1/sources/toy-market/authorized')
    expect(back.host).toBe(new URL(app.url).host)
    expect(await comeBack(back, user.cookie, kept)).toBe('done')
    expect(await secrets()).toEqual({
      signing_secret: 'canary-signing',
      access_token: market.tokens.at(-1),
    })
    const shown = async () => (await call('GET', `creators/${creatorId}/sources`)).json.sources
    await expect.poll(shown).toMatchObject([{ state: 'waiting', problem: null }])
    const { text, json } = await call('GET', `audit?creator_id=${creatorId}`)
    expect(json.entries[0]).toMatchObject({
      action: 'source.changed',
      actor: { name: user.name },
      details: { secrets: ['access_token'] },
    })
    expect(text).not.toContain(market.tokens.at(-1))
  })

  test('[SOURCE-5] an authorization is accepted once: the cookie is cleared and the code is worthless', async () => {
    const { back, kept } = await visit()
    const first = await ask(app.port, 'GET', back.pathname + back.search, {
      cookie: `${user.cookie}; ${kept}`,
    })
    expect(first.headers['set-cookie']?.[0]).toMatch(/=; .*Max-Age=0/)
    const before = await secrets()
    expect(await comeBack(back, user.cookie)).toBe('not_yours')
    expect(await comeBack(back, user.cookie, kept)).toBe('failed')
    expect(await secrets()).toEqual(before)
  })

  test('[SOURCE-5] another browser, another person, or someone who no longer manages gets nothing', async () => {
    const other = await newUser(app.database, { roles: [{ creatorId, role: 'owner' }] })
    const { back, kept } = await visit()
    const second = await visit(other.cookie)
    expect(await comeBack(back, user.cookie)).toBe('not_yours')
    expect(await comeBack(back, user.cookie, second.kept)).toBe('not_yours')
    expect(await comeBack(back, other.cookie, kept)).toBe('not_yours')
    expect(await comeBack(back, kept)).toBe('not_yours')
    await app.database.query(sql`delete from roles where user_id = ${other.id}::uuid`)
    const fresh = await untilRefused(other)
    expect(await comeBack(second.back, fresh, second.kept)).toBe('not_yours')
    expect(await secrets()).toEqual({ signing_secret: 'canary-signing' })
  })

  /** Rights are cached for some seconds; a new sign-in is not. */
  async function untilRefused(of: TestUser): Promise<string> {
    await expect
      .poll(async () => (await call('POST', `${path}/authorize`, {}, of.cookie)).status, {
        timeout: 15_000,
      })
      .toBe(403)
    return of.cookie
  }

  test('[SOURCE-5] a state that is missing, forged, expired, or of another server or kind is refused', async () => {
    const { back, kept } = await visit()
    const of: Omit<Attempt, 'browser' | 'until'> = {
      kind: 'toy_market',
      creatorId,
      sourceId,
      userId: user.id,
      redirectUri: `${back.origin}${back.pathname}`,
    }
    const outcome = async (begun: { state: string; kept: string }, at = back.pathname) => {
      const url = new URL(at, back.origin)
      url.search = String(
        new URLSearchParams({ code: back.searchParams.get('code') ?? '', state: begun.state }),
      )
      return comeBack(url, user.cookie, `cf_authorize_${sourceId}=${begun.kept}`)
    }
    const now = Date.now()
    expect(await outcome(beginAttempt(sealer, of, now - ATTEMPT_MS - 1))).toBe('expired')
    const foreign = createSealer({ secretKey: Buffer.alloc(32, 9), dataDir: '/nowhere' })
    expect(await outcome(beginAttempt(foreign, of, now))).toBe('not_yours')
    const good = beginAttempt(sealer, of, now)
    const bit = good.state.at(40) === 'A' ? 'B' : 'A'
    const forged = good.state.slice(0, 40) + bit + good.state.slice(41)
    expect(await outcome({ ...good, state: forged })).toBe('not_yours')
    expect(await outcome({ ...good, state: '' })).toBe('not_yours')
    expect(await outcome(good, '/api/v1/sources/shopify/authorized')).toBe('not_yours')
    // Text encrypted for something else, such as a secret, is not a state.
    const other = Buffer.from(sealer.seal(JSON.stringify(of), `source ${sourceId}`))
    expect(await outcome({ ...good, state: other.toString('base64url') })).toBe('not_yours')
    expect(await secrets()).toEqual({ signing_secret: 'canary-signing' })
    // The same code with its own state still works: nothing above used it up.
    expect(await comeBack(back, user.cookie, kept)).toBe('done')
  })

  test('[SOURCE-5] a refusal, another account, or a failure to store changes nothing', async () => {
    market.agrees = false
    const denied = await visit()
    expect(await comeBack(denied.back, user.cookie, denied.kept)).toBe('denied')
    market.agrees = true
    const other = await visit()
    const { stall } = market
    market.stall = 'somebody'
    expect(await comeBack(other.back, user.cookie, other.kept)).toBe('other_account')
    const wrong = await visit()
    wrong.back.searchParams.set('code', 'made-up')
    expect(await comeBack(wrong.back, user.cookie, wrong.kept)).toBe('failed')
    const broken = await visit()
    market.stall = stall
    isBroken = true
    expect(await comeBack(broken.back, user.cookie, broken.kept)).toBe('failed')
    isBroken = false
    expect(await secrets()).toEqual({ signing_secret: 'canary-signing' })
    const gone = await visit()
    expect((await call('DELETE', path)).status).toBe(204)
    expect(await comeBack(gone.back, user.cookie, gone.kept)).toBe('failed')
    expect(await secrets()).toEqual({})
  })

  test('[SOURCE-5] only managers can start it, and only for kinds that use it', async () => {
    const viewer = await newUser(app.database, { roles: [{ creatorId, role: 'viewer' }] })
    expect((await call('POST', `${path}/authorize`, {}, viewer.cookie)).status).toBe(403)
    const live = await call('POST', `creators/${creatorId}/sources`, {
      kind: 'tiktok_live',
      handle: 'ann.of.toys',
    })
    const at = `creators/${creatorId}/sources/${live.json.id}/authorize`
    expect((await call('POST', at, {})).status).toBe(400)
    // The definition says what is missing: here all entries are gone.
    await app.database.query(sql`delete from source_secrets where source_id = ${sourceId}::uuid`)
    expect(await call('POST', `${path}/authorize`, {})).toMatchObject({
      status: 409,
      json: { error: { message: expect.stringContaining('Reconnect') } },
    })
  })
})

test("[SOURCE-5] the local owner is recognized by the browser that began, even with someone's sign-in", async () => {
  await using market = await startMarket()
  await using app = await startApp({
    sources: [toyMarket],
    env: { MAX_HELD_SOURCES: '0', TOY_MARKET_URL: market.url },
  })
  const { id } = await app.newCreator()
  const post = (path: string, body: object) => {
    const headers = { 'content-type': 'application/json' }
    return ask(app.port, 'POST', `/api/v1/creators/${id}/${path}`, headers, JSON.stringify(body))
  }
  const stall = { kind: 'toy_market', stall: market.stall, signing_secret: 'x' }
  const { json } = await post('sources', stall)
  const begun = await post(`sources/${json.id}/authorize`, {})
  const { headers } = await fetch(begun.json.url, { redirect: 'manual' })
  const back = new URL(headers.get('location') ?? '')
  const user = await newUser(app.database)
  const outcome = async (cookie: string) => {
    const from = { cookie, 'sec-fetch-site': 'cross-site' }
    const reply = await ask(app.port, 'GET', back.pathname + back.search, from)
    return new URL(reply.headers.location ?? '', app.url).searchParams.get('authorized')
  }
  expect(await outcome(user.cookie)).toBe('not_yours')
  expect(await outcome(`${user.cookie}; ${cookieOf(begun)}`)).toBe('done')
})

/** The cookie an answer sets, without its attributes. */
function cookieOf({ headers }: Reply): string {
  return headers['set-cookie']?.[0]?.split(';')[0] ?? ''
}
