import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { openTestDatabase } from '@creatorflow/db/testing'
import { TOTP } from 'otpauth'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { databases } from '../../../../scripts/test/backends.ts'
import { cookieIn, newUser, password, signedIn } from '../../../test/people.ts'
import { type Reply, type Served, serve } from '../../../test/serve.ts'

const other = 'drei gruene Heuballen'

describe.each(databases())('my account on $name', (backend) => {
  let database: Database
  beforeAll(async () => {
    database = await openTestDatabase(backend)
  })
  afterAll(() => database[Symbol.asyncDispose]())

  async function start(): Promise<Served> {
    const env = { HOST: '0.0.0.0', SECRET_KEY: Buffer.alloc(32, 7).toString('base64') }
    const served = await serve({ database, env })
    onTestFinished(() => served[Symbol.asyncDispose]())
    return served
  }

  const status = async (ask: Served['ask'], cookie: string) =>
    (await ask('GET', '/api/v1/me', { headers: { cookie } })).status

  test('[ACCESS-6] users see and end their own sign-ins, and nobody else’s', async () => {
    const { ask } = await start()
    const user = await newUser(database)
    const phone = await signedIn(database, user.id)
    const tv = await signedIn(database, user.id)
    const stranger = await newUser(database)
    const headers = { cookie: user.cookie, 'content-type': 'application/json' }
    const list = async () => (await ask('GET', '/api/v1/me/sign-ins', { headers })).json.sign_ins
    const ids = (await list()).map((row: { id: string }) => row.id).sort()
    expect(ids).toEqual([user.signInId, phone.signInId, tv.signInId].sort())
    expect((await list()).filter((row: { current: boolean }) => row.current)).toEqual([
      expect.objectContaining({
        id: user.signInId,
        address: '192.0.2.7',
        user_agent: 'Firefox on Linux',
      }),
    ])
    const end = (id: string) => ask('DELETE', `/api/v1/me/sign-ins/${id}`, { headers })
    expect(await end(phone.signInId)).toMatchObject({ status: 204 })
    expect(await end(phone.signInId)).toMatchObject({ status: 404 })
    expect(await end(stranger.signInId)).toMatchObject({ status: 404 })
    expect(await end('nonsense')).toMatchObject({ status: 400 })
    expect(await status(ask, phone.cookie)).toBe(401)
    const rest = await ask('DELETE', '/api/v1/me/sign-ins', { headers })
    expect(rest).toMatchObject({ status: 200, json: { ended: 1 } })
    expect(await status(ask, tv.cookie)).toBe(401)
    expect(await status(ask, user.cookie)).toBe(200)
    expect(await status(ask, stranger.cookie)).toBe(200)
  })

  test('[ACCESS-6] a new password ends every other sign-in and gives this one a new token', async () => {
    const { ask } = await start()
    const user = await newUser(database, { password })
    const phone = await signedIn(database, user.id)
    const change = (body: object) =>
      ask('POST', '/api/v1/me/password', { headers: { cookie: user.cookie }, body })
    expect(await change({ current: other, password: other })).toMatchObject({ status: 403 })
    const own = { current: password, password: `${user.email}!` }
    expect(await change(own)).toMatchObject({ status: 400 })
    expect(await status(ask, phone.cookie)).toBe(200)
    const changed = await change({ current: password, password: other })
    expect(changed.status).toBe(201)
    expect(await status(ask, phone.cookie)).toBe(401)
    expect(await status(ask, user.cookie)).toBe(401)
    expect(await status(ask, cookieIn(changed.headers))).toBe(200)
  })

  /** Codes change with time, so time stands still in the test. */
  function stopTheClock() {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
    onTestFinished(() => void vi.useRealTimers())
  }

  test('[ACCESS-9] a second factor is required once a code confirmed it; no code works twice', async () => {
    stopTheClock()
    const { ask } = await start()
    const user = await newUser(database, { password })
    let headers = { cookie: user.cookie }
    const post = (path: string, body: object): Promise<Reply> =>
      ask('POST', `/api/v1/me/totp${path}`, { headers, body })
    const signIn = (code?: string) =>
      ask('POST', '/api/v1/sign-in', {
        body: { email: user.email, password, ...(code !== undefined && { code }) },
      })
    expect(await post('', { password: other })).toMatchObject({ status: 403 })
    const { json } = await post('', { password })
    expect(json.uri).toMatch(/^otpauth:\/\/totp\/.*secret=/)
    const codeAt = (steps: number) =>
      new TOTP({ secret: json.secret }).generate({ timestamp: Date.now() + steps * 30_000 })
    // Not confirmed yet: no code is required.
    expect(await signIn()).toMatchObject({ status: 201 })
    const stored = await database.query(sql`select u::text as text from users u`)
    expect(JSON.stringify(stored)).not.toContain(json.secret)

    expect(await post('/confirm', { code: codeAt(9) })).toMatchObject({ status: 400 })
    const first = codeAt(-1)
    const confirmed = await post('/confirm', { code: `${first.slice(0, 3)} ${first.slice(3)}` })
    expect(confirmed.status).toBe(201)
    expect(confirmed.json.recovery_codes).toHaveLength(10)
    headers = { cookie: cookieIn(confirmed.headers) }
    expect(await status(ask, user.cookie)).toBe(401)

    expect(await signIn()).toMatchObject({
      status: 401,
      json: { error: { code: 'code_required' } },
    })
    expect(await signIn(first)).toMatchObject({ status: 401 })
    expect(await signIn(codeAt(5))).toMatchObject({ status: 401 })
    const now = codeAt(0)
    expect(await signIn(now)).toMatchObject({ status: 201 })
    expect(await signIn(now)).toMatchObject({
      status: 401,
      json: { error: { code: 'unauthorized' } },
    })

    const [recovery = ''] = confirmed.json.recovery_codes
    const me = await ask('GET', '/api/v1/me', { headers })
    expect(me.json.user).toMatchObject({ totp: true, recovery_codes_left: 10 })
    expect(await signIn(recovery.toUpperCase().replaceAll('-', ' '))).toMatchObject({ status: 201 })
    expect(await signIn(recovery)).toMatchObject({ status: 401 })
    expect(await post('', { password })).toMatchObject({ status: 409 })
    expect(await post('/disable', { password: other })).toMatchObject({ status: 403 })
    expect(await post('/disable', { password })).toMatchObject({ status: 204 })
    expect(await signIn()).toMatchObject({ status: 201 })
  })

  test('[ACCESS-9] when two use the same code at once, one gets in', async () => {
    stopTheClock()
    const { ask } = await start()
    const user = await newUser(database, { password })
    const headers = { cookie: user.cookie }
    const { json } = await ask('POST', '/api/v1/me/totp', { headers, body: { password } })
    const totp = new TOTP({ secret: json.secret })
    const early = totp.generate({ timestamp: Date.now() - 30_000 })
    await ask('POST', '/api/v1/me/totp/confirm', { headers, body: { code: early } })
    const code = totp.generate()
    const replies = await Promise.all(
      [1, 2, 3].map(() =>
        ask('POST', '/api/v1/sign-in', { body: { email: user.email, password, code } }),
      ),
    )
    expect(replies.map((reply) => reply.status).sort()).toEqual([201, 401, 401])
  })
})
