import type { Database } from '@creatorflow/db/database'
import { openTestDatabase } from '@creatorflow/db/testing'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { newUser, password } from '../../../test/people.ts'
import { type Reply, serve } from '../../../test/serve.ts'
import { silentLog } from '../../core/log.ts'
import type { Sealer } from '../../core/seal.ts'
import { createKnownBrowsers } from './known-browser.ts'

const wrong = 'drei gruene Heuballen'
let database: Database
beforeAll(async () => {
  database = await openTestDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())

async function start(env: Record<string, string> = {}) {
  const served = await serve({ database, env: { HOST: '0.0.0.0', ...env } })
  onTestFinished(() => served[Symbol.asyncDispose]())
  const signIn = (email: string, text: string, cookie = ''): Promise<Reply> =>
    served.ask('POST', '/api/v1/sign-in', { headers: { cookie }, body: { email, password: text } })
  return { ...served, signIn }
}

function knownCookie({ headers }: Reply): string {
  const set = headers['set-cookie']?.find((text) => text.startsWith('cf_known='))
  expect(set).toMatch(/; Path=\/api\/v1\/sign-in; HttpOnly; SameSite=Lax; Max-Age=\d+/)
  return set?.split(';')[0] ?? ''
}

test('[ACCESS-7] 50 wrong passwords of a stranger do not lock out a browser that signed in before', async () => {
  const { signIn } = await start()
  const { email } = await newUser(database, { password })
  const other = await newUser(database, { password })
  const mine = knownCookie(await signIn(email, password))
  const others = knownCookie(await signIn(other.email, password))
  // Behind an unconfigured proxy everyone has the same address.
  for (let n = 0; n < 50; n++) await signIn(n < 25 ? email : `nobody-${n}@example.com`, wrong)
  expect(await signIn(email, password)).toMatchObject({ status: 429 })
  expect(await signIn(email, password, others)).toMatchObject({ status: 429 })
  expect(await signIn(email, password, `${mine.slice(0, -6)}AAAAAA`)).toMatchObject({ status: 429 })
  expect(await signIn(email, password, mine)).toMatchObject({ status: 201 })
})

test('[ACCESS-7] a known browser has its own budget, for every account that used it', async () => {
  const { signIn } = await start({ SIGN_IN_ATTEMPTS_PER_ACCOUNT: '2' })
  const [one, two] = [await newUser(database, { password }), await newUser(database, { password })]
  const first = knownCookie(await signIn(one.email, password))
  const both = knownCookie(await signIn(two.email, password, first))
  for (const { email } of [one, two]) {
    expect(await signIn(email, wrong, both)).toMatchObject({ status: 401 })
    expect(await signIn(email, wrong, both)).toMatchObject({ status: 401 })
    expect(await signIn(email, password, both)).toMatchObject({ status: 429 })
    // Failures in there lock nobody out elsewhere.
    expect(await signIn(email, password)).toMatchObject({ status: 201 })
  }
})

test('[ACCESS-7] strangers cannot lock a signed-in user out of their settings', async () => {
  const { ask, signIn } = await start({ SIGN_IN_ATTEMPTS_PER_ACCOUNT: '2' })
  const user = await newUser(database, { password })
  for (let n = 0; n < 3; n++) await signIn(user.email, wrong)
  const changed = await ask('POST', '/api/v1/me/password', {
    headers: { cookie: user.cookie },
    body: { current: password, password: wrong },
  })
  expect(changed).toMatchObject({ status: 201 })
})

test('[ACCESS-7] people can sign in even if nothing can be encrypted', () => {
  const broken: Sealer = {
    seal: () => {
      throw new Error('EROFS')
    },
    open: () => '',
    keyOf: () => 'unknown',
  }
  const known = createKnownBrowsers(broken, silentLog())
  expect(known.cookieFor({ headers: {} }, 'a@b.cc', true)).toBeUndefined()
})
