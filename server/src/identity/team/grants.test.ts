import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { openTestDatabase } from '@creatorflow/db/testing'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { databases } from '../../../../scripts/test/backends.ts'
import { newUser, password, type TestUser } from '../../../test/people.ts'
import { type Served, serve } from '../../../test/serve.ts'
import { linkIn, startSmtpServer } from '../../../test/smtp-server.ts'
import { bootstrapKey } from '../access/bootstrap.ts'

const members = '/api/v1/members'
const invitations = '/api/v1/invitations'
const keys = '/api/v1/api-keys'
const everything = { creatorId: null, role: 'owner' } as const

describe.each(databases())('what a member granted, on $name', (backend) => {
  let database: Database
  let boss: TestUser
  beforeAll(async () => {
    database = await openTestDatabase(backend)
    for (const creator of ['alice', 'bob']) await bootstrapKey(database, { creator })
    boss = await newUser(database, { roles: [everything] })
  })
  afterAll(() => database[Symbol.asyncDispose]())

  async function start(env: Record<string, string> = {}): Promise<Served> {
    const served = await serve({ database, env: { HOST: '0.0.0.0', ...env } })
    onTestFinished(() => served[Symbol.asyncDispose]())
    return served
  }
  const as = ({ cookie }: { cookie: string }, body?: unknown) => ({
    headers: { cookie, 'content-type': 'application/json' },
    ...(body !== undefined && { body }),
  })
  const tokenIn = (url: string) => /#token=([\w-]{43})$/.exec(url)?.[1] ?? ''
  const auditOf = async (ask: Served['ask'], action: string) =>
    (await ask('GET', `/api/v1/audit?action=${action}`, as(boss))).json.entries
  let made = 0

  /** Every way a user could come back: an invitation, another user's reset link, two keys. */
  async function grantsOf(ask: Served['ask'], who: TestUser, creator_id: string | null) {
    const email = `friend-${++made}@example.com`
    const invitation = await ask('POST', invitations, as(who, { email, creator_id, role: 'owner' }))
    expect(invitation).toMatchObject({ status: 201 })
    const body = { name: 'hers', creator_id, scopes: ['read'] }
    const key = await ask('POST', keys, as(who, body))
    const rotated = await ask('POST', `${keys}/${key.json.id}/rotate`, as(who, {}))
    expect([key.status, rotated.status]).toEqual([201, 201])
    const token = tokenIn(invitation.json.url)
    return {
      email,
      look: async () => (await ask('POST', `${invitations}/look`, { body: { token } })).status,
      accept: async () =>
        (
          await ask('POST', `${invitations}/accept`, {
            body: { token, name: 'She again', password },
          })
        ).status,
      reads: () =>
        Promise.all(
          [key.json.key, rotated.json.key].map(async (text) => {
            const headers = { authorization: `Bearer ${text}` }
            return (await ask('GET', '/api/v1/me', { headers })).status
          }),
        ),
    }
  }

  test('[ACCESS-11] a removed owner cannot return by any invitation, link or key she made', async () => {
    const { ask } = await start()
    const she = await newUser(database, { roles: [everything] })
    const other = await newUser(database, { roles: [everything] })
    const of = await grantsOf(ask, she, null)
    const link = await ask('POST', `${members}/${other.id}/reset-link`, as(she, {}))
    const listed = (await ask('GET', members, as(boss))).json.members
    expect(listed.find(({ id }: { id: string }) => id === she.id)).toMatchObject({ api_keys: 2 })
    expect(await of.reads()).toEqual([200, 200])
    expect(await ask('DELETE', `${members}/${she.id}`, as(boss))).toMatchObject({ status: 204 })
    expect(await of.reads()).toEqual([401, 401])
    expect([await of.look(), await of.accept()]).toEqual([404, 404])
    expect((await ask('GET', invitations, as(boss))).text).not.toContain(of.email)
    const body = { token: tokenIn(link.json.url), password: 'drei gruene Heuballen' }
    expect(await ask('POST', '/api/v1/password-reset/confirm', { body })).toMatchObject({
      status: 404,
    })
    expect((await auditOf(ask, 'invitation.revoked'))[0]).toMatchObject({ target: of.email })
    expect(await auditOf(ask, 'api_key.revoked')).toHaveLength(2)
  })

  test('[ACCESS-11] losing a role ends what its holder made for that creator, and nothing else', async () => {
    const { ask } = await start()
    const she = await newUser(database, {
      roles: [
        { creatorId: 'alice', role: 'owner' },
        { creatorId: 'bob', role: 'owner' },
      ],
    })
    const [ofAlice, ofBob] = [await grantsOf(ask, she, 'alice'), await grantsOf(ask, she, 'bob')]
    const roles = `${members}/${she.id}/roles`
    const change = (role: string | null, more: object = {}) =>
      ask('POST', roles, as(boss, { creator_id: 'alice', role, ...more }))
    expect(await change('operator')).toMatchObject({ status: 204 })
    expect([await ofAlice.look(), await ofAlice.accept()]).toEqual([404, 404])
    expect(await ofAlice.reads()).toEqual([401, 401])
    expect([await ofBob.look(), ...(await ofBob.reads())]).toEqual([200, 200, 200])
    // A role given back restores nothing that has ended.
    expect(await change('owner')).toMatchObject({ status: 204 })
    expect([await ofAlice.look(), ...(await ofAlice.reads())]).toEqual([404, 401, 401])
  })

  test('[ACCESS-11] keys stay on request; invitations end anyway', async () => {
    const { ask } = await start()
    for (const way of ['role', 'removal']) {
      const she = await newUser(database, { roles: [{ creatorId: 'alice', role: 'owner' }] })
      const of = await grantsOf(ask, she, 'alice')
      const body = { creator_id: 'alice', role: null, keys: 'keep' }
      const reply =
        way === 'role'
          ? await ask('POST', `${members}/${she.id}/roles`, as(boss, body))
          : await ask('DELETE', `${members}/${she.id}?keys=keep`, as(boss))
      expect(reply).toMatchObject({ status: 204 })
      expect([await of.look(), ...(await of.reads())]).toEqual([404, 200, 200])
    }
  })

  test('[ACCESS-11] an invitation is void while its maker may not give that role, however they lost it', async () => {
    const { ask } = await start()
    const she = await newUser(database, { roles: [{ creatorId: 'alice', role: 'owner' }] })
    const of = await grantsOf(ask, she, 'alice')
    // Another release, or someone editing the database.
    await database.query(sql`update roles set role = 'viewer' where user_id = ${she.id}::uuid`)
    expect([await of.look(), await of.accept()]).toEqual([404, 404])
    expect((await ask('GET', invitations, as(boss))).text).not.toContain(of.email)
  })

  test('[ACCESS-11] a lost role grants nothing, even if another node still caches it', async () => {
    const { ask } = await start()
    const she = await newUser(database, { roles: [{ creatorId: 'alice', role: 'owner' }] })
    expect(await ask('GET', keys, as(she))).toMatchObject({ status: 200 })
    await database.query(sql`delete from roles where user_id = ${she.id}::uuid`)
    const creator_id = 'alice'
    const replies = [
      await ask('POST', keys, as(she, { name: 'x', creator_id, scopes: ['read'] })),
      await ask('POST', invitations, as(she, { email: 'x@y.zz', creator_id, role: 'owner' })),
      await ask('POST', `${members}/${boss.id}/roles`, as(she, { creator_id, role: 'viewer' })),
    ]
    expect(replies.map(({ status }) => status)).toEqual([403, 403, 403])
  })

  test('[ACCESS-8] only a link sent to the mailbox verifies an address', async () => {
    await using smtp = await startSmtpServer()
    const { ask } = await start({
      SMTP_URL: smtp.url,
      PUBLIC_URL: 'http://live.example.com',
      TRUSTED_PROXY_HOPS: '0',
    })
    const invite = async (email: string) => {
      const body = { email, creator_id: 'alice', role: 'viewer' }
      const { json } = await ask('POST', invitations, as(boss, body))
      const letter = smtp.letters.at(-1)
      if (!letter) throw new Error('no e-mail came')
      return { copy: tokenIn(json.url), mailed: linkIn(letter).token }
    }
    const accept = (token: string) =>
      ask('POST', `${invitations}/accept`, { body: { token, name: 'N', password } })
    const verified = async (email: string) =>
      (await ask('GET', members, as(boss))).json.members.find(
        (one: { email: string }) => one.email === email,
      ).email_verified

    const handed = await invite('handed@example.com')
    expect(handed.copy).not.toBe(handed.mailed)
    expect(await accept(handed.copy)).toMatchObject({ status: 204 })
    expect(await accept(handed.mailed)).toMatchObject({ status: 404 })
    expect(await verified('handed@example.com')).toBe(false)
    const mailed = await invite('mailed@example.com')
    expect(await accept(mailed.mailed)).toMatchObject({ status: 204 })
    expect(await verified('mailed@example.com')).toBe(true)

    // A reset link handed over by an owner proves nothing; a mailed one does.
    const id = (await ask('GET', members, as(boss))).json.members.find(
      (one: { email: string }) => one.email === 'handed@example.com',
    ).id
    const link = await ask('POST', `${members}/${id}/reset-link`, as(boss, {}))
    const confirm = (token: string) =>
      ask('POST', '/api/v1/password-reset/confirm', {
        body: { token, password: 'drei gruene Heuballen' },
      })
    expect(await confirm(tokenIn(link.json.url))).toMatchObject({ status: 204 })
    expect(await verified('handed@example.com')).toBe(false)
    await database.query(sql`
      update users set totp_secret = '\\x00', totp_confirmed_at = now() where id = ${id}::uuid`)
    const before = smtp.letters.length
    await ask('POST', '/api/v1/password-reset', { body: { email: 'handed@example.com' } })
    await expect.poll(() => smtp.letters.length).toBe(before + 1)
    const reset = smtp.letters.at(-1)
    if (!reset) throw new Error('no e-mail came')
    expect(await confirm(linkIn(reset).token)).toMatchObject({ status: 204 })
    expect(await verified('handed@example.com')).toBe(true)
    // An earlier second factor may be a stranger's: it would lock the owner of the address out.
    const [user] = await database.query(
      sql`select totp_secret is null as gone from users where id = ${id}::uuid`,
    )
    expect(user).toEqual({ gone: true })
  })

  test('[ACCESS-11] invitations are limited per inviter and per address', async () => {
    await using smtp = await startSmtpServer()
    const { ask } = await start({
      SMTP_URL: smtp.url,
      PUBLIC_URL: 'http://live.example.com',
      TRUSTED_PROXY_HOPS: '0',
      INVITATIONS_PER_INVITER: '4',
      INVITATIONS_PER_ADDRESS: '2',
    })
    const alice = await newUser(database, { roles: [{ creatorId: 'alice', role: 'owner' }] })
    const invite = (who: TestUser, email: string) =>
      ask('POST', invitations, as(who, { email, creator_id: 'alice', role: 'viewer' }))
    const statuses: number[] = []
    for (let n = 0; n < 3; n++) statuses.push((await invite(alice, 'one@example.com')).status)
    expect(statuses).toEqual([201, 201, 429])
    // Another owner cannot reach the same mailbox more often.
    const limited = await invite(boss, 'one@example.com')
    expect(limited).toMatchObject({ status: 429, json: { error: { code: 'rate_limited' } } })
    expect(Number(limited.headers['retry-after'])).toBeGreaterThan(80_000)
    expect(await invite(alice, 'two@example.com')).toMatchObject({ status: 201 })
    expect(await invite(alice, 'three@example.com')).toMatchObject({ status: 429 })
    expect(smtp.letters).toHaveLength(3)
  })

  test('[ACCESS-11] an inviter cannot write the subject or add a link', async () => {
    await using smtp = await startSmtpServer()
    const { ask } = await start({
      SMTP_URL: smtp.url,
      PUBLIC_URL: 'http://live.example.com',
      TRUSTED_PROXY_HOPS: '0',
    })
    const evil = await newUser(database, { roles: [everything] })
    const name = 'Prize at https://evil.example/win or www.evil.example a@evil.example'
    await ask('PATCH', '/api/v1/me', as(evil, { name }))
    await ask('PATCH', '/api/v1/creators/bob', as(evil, { name }))
    const body = { email: 'victim@example.com', creator_id: 'bob', role: 'viewer' }
    expect(await ask('POST', invitations, as(evil, body))).toMatchObject({ status: 201 })
    const raw = smtp.letters[0]?.raw.replaceAll('=\r\n', '') ?? ''
    expect(raw).toContain('\r\nSubject: Your invitation to CreatorFlow Live\r\n')
    expect(raw.split('\r\n\r\n')[0]).not.toContain('Prize')
    expect(raw).toContain('Prize at https evil example win')
    expect(raw).not.toMatch(/evil\.example/)
  })

  test("[ACCESS-9] an owner removes a member's lost second factor; this is recorded and mailed", async () => {
    await using smtp = await startSmtpServer()
    const { ask } = await start({
      SMTP_URL: smtp.url,
      PUBLIC_URL: 'http://live.example.com',
      TRUSTED_PROXY_HOPS: '0',
    })
    const user = await newUser(database, { password })
    const path = (id: string) => `${members}/${id}/reset-second-factor`
    expect(await ask('POST', path(user.id), as(boss, {}))).toMatchObject({ status: 409 })
    await database.query(sql`
      update users set totp_secret = '\\x00', totp_confirmed_at = now()
      where id in (${user.id}::uuid, ${boss.id}::uuid)`)
    const signIn = () => ask('POST', '/api/v1/sign-in', { body: { email: user.email, password } })
    expect((await signIn()).json.error.code).toBe('code_required')
    const alice = await newUser(database, { roles: [{ creatorId: 'alice', role: 'owner' }] })
    expect(await ask('POST', path(user.id), as(alice, {}))).toMatchObject({ status: 403 })
    // Removing one's own requires the password, under Profile.
    expect(await ask('POST', path(boss.id), as(boss, {}))).toMatchObject({ status: 409 })
    const reply = await ask('POST', path(user.id), as(boss, {}))
    expect(reply).toMatchObject({ status: 200, json: { mailed: true } })
    expect(await signIn()).toMatchObject({ status: 201 })
    expect(smtp.letters).toMatchObject([{ to: [user.email] }])
    expect((await auditOf(ask, 'totp.reset'))[0]).toMatchObject({
      target: user.email,
      actor: { id: boss.id },
    })
  })
})
