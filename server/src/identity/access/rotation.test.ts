import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { openTestDatabase } from '@creatorflow/db/testing'
import { TOTP } from 'otpauth'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { newUser, password } from '../../../test/people.ts'
import { serve } from '../../../test/serve.ts'
import { createLog } from '../../core/log.ts'
import { createSealer, OtherKeyError } from '../../core/seal.ts'
import { resealSecrets } from './reseal.ts'

const key = (byte: number) => Buffer.alloc(32, byte)
const sealer = (current: number, previous?: number) =>
  createSealer({
    secretKey: key(current),
    secretKeyPrevious: previous === undefined ? undefined : key(previous),
    dataDir: '/nowhere',
  })

let database: Database
beforeAll(async () => {
  database = await openTestDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())

async function start(env: Record<string, string>) {
  const served = await serve({ database, env: { HOST: '0.0.0.0', ...env } })
  onTestFinished(() => served[Symbol.asyncDispose]())
  return served
}

/** A user with a second factor, whose secret was encrypted with the key `1`. */
async function enrolled() {
  const { ask } = await start({ SECRET_KEY: key(1).toString('base64') })
  const user = await newUser(database, { password })
  const headers = { cookie: user.cookie, 'content-type': 'application/json' }
  const { json } = await ask('POST', '/api/v1/me/totp', { headers, body: { password } })
  const totp = new TOTP({ secret: json.secret })
  // A step ago, so the next code is different.
  const code = totp.generate({ timestamp: Date.now() - 30_000 })
  const confirmed = await ask('POST', '/api/v1/me/totp/confirm', { headers, body: { code } })
  expect(confirmed.status).toBe(201)
  const [recovery = ''] = confirmed.json.recovery_codes
  return { ...user, recovery, code: () => totp.generate() }
}

test('[ACCESS-13] the previous key still opens old secrets, and new ones use the new key', () => {
  const old = sealer(1).seal('secret', 'x')
  expect(() => sealer(2).open(old, 'x')).toThrow(OtherKeyError)
  const both = sealer(2, 1)
  expect(both.open(old, 'x')).toBe('secret')
  expect(() => both.open(old, 'y')).toThrow()
  const fresh = both.seal('secret', 'x')
  expect(sealer(2).open(fresh, 'x')).toBe('secret')
  expect([both.keyOf(old), both.keyOf(fresh), sealer(3).keyOf(old)]).toEqual([
    'previous',
    'current',
    'unknown',
  ])
})

test('[ACCESS-9] with another SECRET_KEY a sign-in fails with what to do, and a recovery code still works', async () => {
  const user = await enrolled()
  const { ask } = await start({ SECRET_KEY: key(2).toString('base64') })
  const signIn = (code: string) =>
    ask('POST', '/api/v1/sign-in', { body: { email: user.email, password, code } })
  const refused = await signIn(user.code())
  expect(refused).toMatchObject({ status: 409, json: { error: { code: 'conflict' } } })
  expect(refused.json.error.message).toMatch(/SECRET_KEY has changed.*recovery code/)
  expect(await signIn(user.recovery)).toMatchObject({ status: 201 })
})

test('[ACCESS-13] with SECRET_KEY_PREVIOUS people can sign in, and stored secrets are re-encrypted at the start', async () => {
  const user = await enrolled()
  const { ask } = await start({
    SECRET_KEY: key(2).toString('base64'),
    SECRET_KEY_PREVIOUS: key(1).toString('base64'),
  })
  const signIn = await ask('POST', '/api/v1/sign-in', {
    body: { email: user.email, password, code: user.code() },
  })
  expect(signIn.status).toBe(201)

  await database.script(`
    insert into creators (id, name, time_zone, currency) values ('shop', 'Shop', 'UTC', 'USD');
    insert into sources (creator_id, kind, account, name) values ('shop', 'shopify', 'a', 'A')`)
  const [source] = await database.query<{ id: string }>(sql`select id::text as id from sources`)
  const context = `source ${source?.id}`
  await database.query(sql`
    insert into source_secrets (source_id, sealed)
    values (${source?.id}::uuid, ${sealer(1).seal('{"a":"b"}', context)})`)
  const lines: string[] = []
  const log = createLog({ level: 'info', stream: { write: (line) => lines.push(line) } })
  await resealSecrets(database, sealer(2), log)
  expect(lines.join('')).toContain('SECRET_KEY_PREVIOUS')
  await resealSecrets(database, sealer(2, 1), log)
  const [row] = await database.query<{ sealed: Uint8Array }>(sql`select sealed from source_secrets`)
  expect(sealer(2).open(row?.sealed ?? Buffer.of(), context)).toBe('{"a":"b"}')
  const [totp] = await database.query<{ sealed: Uint8Array }>(
    sql`select totp_secret as sealed from users where id = ${user.id}::uuid`,
  )
  expect(sealer(2).keyOf(totp?.sealed ?? Buffer.of())).toBe('current')
})
