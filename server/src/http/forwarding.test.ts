import type { Database } from '@creatorflow/db/database'
import { openTestDatabase } from '@creatorflow/db/testing'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { newUser, password } from '../../test/people.ts'
import { serve } from '../../test/serve.ts'
import { createLog } from '../core/log.ts'
import { createForwardingWatch } from './forwarding.ts'

let database: Database
beforeAll(async () => {
  database = await openTestDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())

async function start(env: Record<string, string>) {
  const lines: string[] = []
  const log = createLog({ level: 'info', stream: { write: (line) => lines.push(line) } })
  const served = await serve({ database, log, env: { HOST: '0.0.0.0', ...env } })
  onTestFinished(() => served[Symbol.asyncDispose]())
  return { ...served, warnings: () => lines.filter((line) => line.includes('TRUSTED_PROXY_HOPS')) }
}

test.each(['x-forwarded-for', 'forwarded', 'x-real-ip'])(
  '[CONFIG-2] with 0 proxies a header such as %s warns once and shows in /readyz',
  async (header) => {
    const { ask, warnings } = await start({})
    expect((await ask('GET', '/readyz')).json.status).toBe('ready')
    for (let n = 0; n < 3; n++) {
      await ask('GET', '/api/v1/sign-in', { headers: { [header]: '198.51.100.1' } })
    }
    expect(warnings()).toHaveLength(1)
    expect((await ask('GET', '/readyz')).json).toMatchObject({
      status: 'degraded',
      parts: { proxy: { ok: false, detail: expect.stringContaining('TRUSTED_PROXY_HOPS') } },
    })
  },
)

test('[CONFIG-2] a configured proxy is no problem, and a fixed one is forgotten', async () => {
  const { ask, warnings } = await start({ TRUSTED_PROXY_HOPS: '1' })
  await ask('GET', '/api/v1/sign-in', { headers: { 'x-forwarded-for': '198.51.100.1' } })
  expect((await ask('GET', '/readyz')).json.status).toBe('ready')
  expect(warnings()).toEqual([])

  let now = 0
  const log = createLog({ level: 'silent' })
  const { handler, part } = createForwardingWatch(0, log, () => now)
  handler({ headers: { via: '1.1 proxy' } } as never, {} as never, () => {})
  expect(part()).toBeDefined()
  now += 16 * 60_000
  expect(part()).toBeUndefined()
})

test('[CONFIG-2] behind a trusted proxy the audit log and the list of sign-ins show the caller’s address', async () => {
  const { ask } = await start({ TRUSTED_PROXY_HOPS: '1' })
  const boss = await newUser(database, { password, roles: [{ creatorId: null, role: 'owner' }] })
  const signedIn = await ask('POST', '/api/v1/sign-in', {
    headers: { 'x-forwarded-for': 'forged, 198.51.100.77' },
    body: { email: boss.email, password },
  })
  expect(signedIn.status).toBe(201)
  const headers = { cookie: boss.cookie }
  const { json } = await ask('GET', '/api/v1/audit?action=sign_in.opened', { headers })
  expect(json.entries[0]).toMatchObject({ address: '198.51.100.77' })
  const list = await ask('GET', '/api/v1/me/sign-ins', { headers })
  expect(list.text).toContain('198.51.100.77')
})
