import { randomBytes } from 'node:crypto'
import { sql } from '@creatorflow/db/sql'
import { TOTP } from 'otpauth'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../scripts/test/backends.ts'
import { parseApiKey } from '../src/core/rights/api-key-form.ts'
import { freePort } from './faults/stages.ts'
import { ask, type Reply, startApp, type TestApp } from './harness.ts'
import { createKeptLog } from './kept-log.ts'
import { connect } from './live-client.ts'
import { cookieIn, newUser, password } from './people.ts'
import { addLive } from './tiktok-live.ts'

const canary = (name: string) => `canary-${name}-${randomBytes(12).toString('hex')}`
const configured = {
  smtp: canary('smtp'),
  oidc: canary('oidc'),
  sign: canary('sign'),
  sealing: randomBytes(32).toString('base64'),
}

/** Everything that leaves the server except the answer a secret is for: log lines, failures, `/metrics`. */
describe.each(databases())('secrets on $name', (backend) => {
  const { log, lines } = createKeptLog()
  const failures: string[] = []
  const secrets = new Map<string, string>(Object.entries(configured))
  let app: TestApp

  beforeAll(async () => {
    const port = await freePort()
    app = await startApp({
      database: backend,
      log,
      env: {
        HOST: '0.0.0.0',
        PORT: String(port),
        PUBLIC_URL: `http://localhost:${port}`,
        // Nobody answers there: errors are logged, and must not reveal the attempt's secrets.
        SMTP_URL: `smtp://mailer:${configured.smtp}@127.0.0.1:9`,
        OIDC_ISSUER: 'https://127.0.0.1:9',
        OIDC_CLIENT_ID: 'creatorflow',
        OIDC_CLIENT_SECRET: configured.oidc,
        SECRET_KEY: configured.sealing,
        TIKTOK_SIGN_API_KEY: configured.sign,
        TIKTOK_SIGN_API_URL: 'http://127.0.0.1:9',
        TIKTOK_WEB_URL: 'http://127.0.0.1:9',
        SOURCES_INTERVAL_MS: '100',
      },
    })
    if (backend.url) secrets.set('database', new URL(backend.url).password)
  })
  afterAll(() => app?.[Symbol.asyncDispose]())

  /** Requests as nobody, or with headers; refusals are kept for the search. */
  async function call(
    method: string,
    path: string,
    { body, headers }: { body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Reply> {
    const reply = await ask(
      app.port,
      method,
      `/api/v1/${path}`,
      { 'content-type': 'application/json', ...headers },
      body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    )
    if (reply.status >= 400) failures.push(reply.text, JSON.stringify(reply.headers))
    return reply
  }

  test('[ACCESS-13] passwords, tokens, keys, codes and configured secrets are in no log line, failure or metric', async () => {
    const guess = canary('guess')
    const fresh = `${canary('fresh')} teapot orbit`
    for (const [name, value] of Object.entries({ password, guess, fresh })) secrets.set(name, value)
    const user = await newUser(app.database, {
      password,
      roles: [{ creatorId: null, role: 'owner' }],
    })

    // Signing in: wrong, broken, misplaced, right.
    await call('POST', 'sign-in', { body: { email: user.email, password: guess } })
    await call('POST', 'sign-in', { body: { email: user.email, password: [guess] } })
    await call('POST', 'sign-in', { body: `{"email":"${user.email}","password":"${guess}` })
    await call('POST', `sign-in?password=${guess}`, { body: { password: guess } })
    const opened = await call('POST', 'sign-in', { body: { email: user.email, password } })
    const cookie = cookieIn(opened.headers)
    secrets.set('sign-in', cookie.split('=')[1] ?? '')
    const own = { cookie }

    // A second factor, and a new password.
    const enrolled = await call('POST', 'me/totp', { headers: own, body: { password } })
    const { secret } = enrolled.json
    secrets.set('totp', secret)
    await call('POST', 'me/totp/confirm', { headers: own, body: { code: guess } })
    const code = new TOTP({ secret }).generate()
    const confirmed = await call('POST', 'me/totp/confirm', { headers: own, body: { code } })
    secrets.set('recovery code', confirmed.json.recovery_codes[0])
    await call('POST', 'sign-in', { body: { email: user.email, password, code: guess } })
    await call('POST', 'me/password', { headers: own, body: { current: guess, password: fresh } })
    await call('POST', 'me/password', {
      headers: own,
      body: { current: password, password: fresh },
    })

    // Keys: made, used, broken, revoked; by socket too.
    const made = await call('POST', 'api-keys', {
      headers: app.owner,
      body: { name: 'k', scopes: ['read', 'ingest:write'] },
    })
    const { key, id } = made.json
    secrets.set('key', parseApiKey(String(key))?.secret ?? '')
    for (const authorization of [`Bearer ${key}`, `Bearer ${key}x`, `Basic ${key}`, key]) {
      await call('GET', 'me', { headers: { authorization } })
      await call('POST', 'events', { headers: { authorization }, body: `[{"id":"${guess}"` })
    }
    for (const token of [key, `${key}x`]) {
      await connect(app, token).then(
        (client) => client[Symbol.asyncDispose](),
        (error) => failures.push(String(error), JSON.stringify(error)),
      )
    }
    await call('DELETE', `api-keys/${id}`, { headers: app.owner })
    await call('GET', 'me', { headers: { authorization: `Bearer ${key}` } })

    // Links: invited, viewed, misused; the mail server accepts nothing.
    const email = 'somebody@example.com'
    const invited = await call('POST', 'invitations', {
      headers: app.owner,
      body: { email, creator_id: null, role: 'viewer' },
    })
    const token = new URL(invited.json.url).hash.split('=')[1] ?? ''
    secrets.set('invitation', token)
    await call('POST', 'invitations/look', { body: { token } })
    await call('POST', 'invitations/look', { body: { token: [token] } })
    await call('POST', 'invitations/accept', { body: { token, name: 'S', password: 'short' } })
    await call('POST', 'password-reset', { body: { email: user.email } })
    const link = await call('POST', `members/${user.id}/reset-link`, {
      headers: app.owner,
      body: {},
    })
    secrets.set('reset', new URL(link.json.url).hash.split('=')[1] ?? '')
    await call('POST', 'password-reset/confirm', {
      body: { token: secrets.get('reset'), password: 'password1234' },
    })
    await call('GET', 'sign-in/oidc')
    for (const failed of ['failed to send an e-mail', 'the identity provider does not respond']) {
      await expect.poll(() => lines.some((line) => line.includes(failed))).toBe(true)
    }

    // A LIVE without a sign server: its message is shown on a page.
    const creator = await app.newCreator()
    await addLive(app.database, creator.id, 'mira')
    const problem = async () => {
      const rows = await app.database.query<{ problem_detail: string }>(
        sql`select problem_detail from sources where problem is not null`,
      )
      return rows[0]?.problem_detail
    }
    await expect.poll(problem).toBeTruthy()

    const metrics = await ask(app.port, 'GET', '/metrics')
    const texts = [...lines, ...failures, metrics.text, String(await problem())]
    for (const [name, value] of secrets) {
      expect(value.length, `${name} was made`).toBeGreaterThan(9)
      expect(
        texts.filter((text) => text.includes(value)),
        name,
      ).toEqual([])
    }
    // Otherwise there was nothing to find.
    expect(failures.length).toBeGreaterThan(30)
    expect(lines.length).toBeGreaterThan(30)
    expect(secrets.size).toBeGreaterThan(11)
  })
})
