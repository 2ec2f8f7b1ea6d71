import { openTestDatabase } from '@creatorflow/db/testing'
import { TOTP } from 'otpauth'
import { expect, onTestFinished, test } from 'vitest'
import { oidcClient, startIdentityProvider } from '../../../test/identity-provider.ts'
import { cookieIn, newUser, password } from '../../../test/people.ts'
import { serve } from '../../../test/serve.ts'
import { linkIn, startSmtpServer } from '../../../test/smtp-server.ts'
import { createLog } from '../../core/log.ts'
import { mintOwnerLink } from './owner-link.ts'

const publicUrl = 'http://live.example.com'

test('[ACCESS-13] no password, code, token or key is in a log line or a metric, whatever fails', async () => {
  const lines: string[] = []
  const log = createLog({ level: 'trace', stream: { write: (line) => lines.push(line) } })
  await using database = await openTestDatabase()
  await using smtp = await startSmtpServer()
  await using provider = await startIdentityProvider(`${publicUrl}/api/v1/sign-in/oidc/callback`)
  const served = await serve({
    database,
    log,
    env: {
      HOST: '0.0.0.0',
      PUBLIC_URL: publicUrl,
      TRUSTED_PROXY_HOPS: '0',
      SMTP_URL: smtp.url,
      OIDC_ISSUER: provider.issuer,
      OIDC_CLIENT_ID: oidcClient.id,
      OIDC_CLIENT_SECRET: oidcClient.secret,
      SECRET_KEY: Buffer.alloc(32, 9).toString('base64'),
      SIGN_IN_ATTEMPTS_PER_ADDRESS: '500',
    },
  })
  onTestFinished(() => served[Symbol.asyncDispose]())
  const { ask } = served
  const secrets = new Set<string>([password, 'geheim', oidcClient.secret])
  const keep = (secret: string) => {
    secrets.add(secret)
    return secret
  }
  const post = (path: string, body: object, cookie = '') =>
    ask('POST', `/api/v1${path}`, { headers: { cookie }, body })

  const welcome = keep((await mintOwnerLink(database, '')).split('=')[1] ?? '')
  const owner = { email: 'boss@example.com', name: 'Boss' }
  await post('/welcome', { token: welcome, ...owner, password: keep('aaaaaaaaaaaaaa') })
  const made = await post('/welcome', { token: welcome, ...owner, password })
  let cookie = cookieIn(made.headers)
  keep(cookie.split('=')[1] ?? '')
  await post('/sign-in', { email: owner.email, password: keep('wrong password 77') })
  await post('/sign-in', { email: owner.email, password, more: keep('an unknown field') })
  await ask('POST', '/api/v1/sign-in', { body: `{"password":"${keep('half a body')}` })

  const { json: key } = await post('/api-keys', { name: 'x', scopes: ['read'] }, cookie)
  keep(key.key.slice(-43))
  await ask('GET', '/api/v1/me', { headers: { authorization: `Bearer ${key.key}` } })
  await ask('GET', '/api/v1/me', { headers: { authorization: `Bearer ${key.key}x` } })

  const { json: totp } = await post('/me/totp', { password }, cookie)
  keep(totp.secret)
  const code = new TOTP({ secret: totp.secret }).generate()
  const confirmed = await post('/me/totp/confirm', { code }, cookie)
  for (const recovery of confirmed.json.recovery_codes) keep(recovery)
  cookie = cookieIn(confirmed.headers)
  keep(cookie.split('=')[1] ?? '')
  const [recovery] = confirmed.json.recovery_codes
  await post('/sign-in', { email: owner.email, password, code: recovery })

  const invitation = { email: 'guest@example.com', creator_id: null, role: 'viewer' }
  const { json: invited } = await post('/invitations', invitation, cookie)
  keep(invited.url.slice(-43))
  await post('/invitations/look', { token: invited.url.slice(-43) })
  const user = await newUser(database, { password })
  await post('/password-reset', { email: user.email })
  await expect.poll(() => smtp.letters.length).toBe(2)
  const letter = smtp.letters[1]
  if (!letter) throw new Error('no letter came')
  const reset = keep(linkIn(letter).token)
  await post('/password-reset/confirm', { token: reset, password: keep('drei gruene Heuballen') })

  const begun = await ask('GET', '/api/v1/sign-in/oidc')
  const attempt = begun.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  keep(attempt.slice('cf_oidc='.length))
  const { searchParams } = new URL(begun.headers.location ?? '')
  for (const name of ['state', 'nonce']) keep(searchParams.get(name) ?? '')
  const back = `?code=${keep('a-code-of-the-provider')}&iss=${provider.issuer}`
  for (const state of [searchParams.get('state'), 'another']) {
    await ask('GET', `/api/v1/sign-in/oidc/callback${back}&state=${state}`, {
      headers: { cookie: attempt },
    })
  }

  const metrics = (await ask('GET', '/metrics')).text
  expect(lines.length).toBeGreaterThan(15)
  expect(secrets.size).toBeGreaterThan(20)
  const told = lines.join('') + metrics
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(5)
    expect(told).not.toContain(secret)
  }
})
