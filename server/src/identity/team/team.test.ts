import type { Database } from '@creatorflow/db/database'
import { openTestDatabase } from '@creatorflow/db/testing'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { databases } from '../../../../scripts/test/backends.ts'
import { cookieIn, newUser, password, signedIn, type TestUser } from '../../../test/people.ts'
import { type Served, serve } from '../../../test/serve.ts'
import { linkIn, startSmtpServer } from '../../../test/smtp-server.ts'
import { bootstrapKey } from '../access/bootstrap.ts'

const members = '/api/v1/members'
const invitations = '/api/v1/invitations'
const publicUrl = 'http://live.example.com'

describe.each(databases())('the team on $name', (backend) => {
  let database: Database
  let boss: TestUser
  let alice: TestUser
  beforeAll(async () => {
    database = await openTestDatabase(backend)
    for (const creator of ['alice', 'bob']) await bootstrapKey(database, { creator })
    boss = await newUser(database, { roles: [{ creatorId: null, role: 'owner' }] })
    alice = await newUser(database, { roles: [{ creatorId: 'alice', role: 'owner' }] })
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
  const tokenIn = (url: string) => /\/invitation#token=([\w-]{43})$/.exec(url)?.[1] ?? ''
  const me = async (ask: Served['ask'], cookie: string) =>
    (await ask('GET', '/api/v1/me', { headers: { cookie } })).json

  test('[ACCESS-11] an owner of all sees everybody, an owner of one creator only those who can see it', async () => {
    const { ask } = await start()
    const guest = await newUser(database, { roles: [{ creatorId: 'bob', role: 'viewer' }] })
    const both = await newUser(database, {
      roles: [
        { creatorId: 'alice', role: 'operator' },
        { creatorId: 'bob', role: 'viewer' },
      ],
    })
    const nobody = await newUser(database)
    const list = async (who: TestUser) => (await ask('GET', members, as(who))).json.members
    const ids = async (who: TestUser) => (await list(who)).map((one: { id: string }) => one.id)
    expect(await ids(boss)).toEqual(
      expect.arrayContaining([boss.id, alice.id, guest.id, both.id, nobody.id]),
    )
    const seen = await ids(alice)
    expect(seen).toEqual(expect.arrayContaining([boss.id, alice.id, both.id]))
    expect(seen).not.toContain(guest.id)
    expect(seen).not.toContain(nobody.id)
    const [shown] = (await list(alice)).filter((one: { id: string }) => one.id === both.id)
    // Roles elsewhere stay hidden.
    expect(shown.roles).toEqual([{ creator_id: 'alice', role: 'operator' }])
    expect(await ask('GET', members, as(guest))).toMatchObject({ status: 403 })
  })

  test('[ACCESS-11] a role is given, changed and taken by whoever manages that creator', async () => {
    const { ask } = await start()
    const user = await newUser(database, { roles: [{ creatorId: 'alice', role: 'viewer' }] })
    const change = (who: TestUser, body: object, id = user.id) =>
      ask('POST', `${members}/${id}/roles`, as(who, body))
    const actionsOf = async () =>
      Object.fromEntries(
        (await me(ask, user.cookie)).creators.map((one: { id: string; actions: string[] }) => [
          one.id,
          one.actions.join(' '),
        ]),
      )
    expect(await actionsOf()).toEqual({ alice: 'read' })
    const operator = { creator_id: 'alice', role: 'operator' }
    expect(await change(alice, operator)).toMatchObject({ status: 204 })
    expect(await actionsOf()).toEqual({ alice: 'ingest:write read operate' })
    expect(await change(alice, { creator_id: 'bob', role: 'viewer' })).toMatchObject({
      status: 403,
    })
    expect(await change(alice, { creator_id: null, role: 'owner' })).toMatchObject({ status: 403 })
    expect(await change(user, { creator_id: 'alice', role: 'owner' })).toMatchObject({
      status: 403,
    })
    expect(await change(boss, { creator_id: 'bob', role: 'viewer' })).toMatchObject({ status: 204 })
    expect(Object.keys(await actionsOf())).toEqual(['alice', 'bob'])
    expect(await change(boss, { creator_id: 'nobody', role: 'viewer' })).toMatchObject({
      status: 404,
    })
    const stranger = await newUser(database)
    expect(await change(alice, operator, stranger.id)).toMatchObject({ status: 404 })
    expect(await change(alice, { creator_id: 'alice', role: null })).toMatchObject({ status: 204 })
    expect(await actionsOf()).toEqual({ bob: 'read' })
    expect(await change(alice, operator)).toMatchObject({ status: 404 })
  })

  test('[ACCESS-11] the installation keeps its last owner, even when two leave at once', async () => {
    const { ask } = await start()
    const owners = [boss, await newUser(database, { roles: [{ creatorId: null, role: 'owner' }] })]
    const leave = (who: TestUser) =>
      ask('POST', `${members}/${who.id}/roles`, as(who, { creator_id: null, role: null }))
    const replies = await Promise.all(owners.map(leave))
    expect(replies.map(({ status }) => status).sort()).toEqual([204, 409])
    const left = owners[replies.findIndex(({ status }) => status === 409)] ?? boss
    expect(await me(ask, left.cookie)).toMatchObject({ owner: true })
    expect(await ask('DELETE', `${members}/${left.id}`, as(left))).toMatchObject({ status: 409 })
    const back = { creator_id: null, role: 'owner' }
    expect(await ask('POST', `${members}/${boss.id}/roles`, as(left, back))).toMatchObject({
      status: 204,
    })
  })

  test('[ACCESS-11] a deleted user is gone with roles and sign-ins; only an owner of all deletes', async () => {
    const { ask } = await start()
    const user = await newUser(database, { roles: [{ creatorId: 'alice', role: 'viewer' }] })
    const path = `${members}/${user.id}`
    expect(await ask('DELETE', path, as(alice))).toMatchObject({ status: 403 })
    expect(await ask('DELETE', path, as(boss))).toMatchObject({ status: 204 })
    expect(await ask('DELETE', path, as(boss))).toMatchObject({ status: 404 })
    expect(await ask('GET', '/api/v1/me', as(user))).toMatchObject({ status: 401 })
  })

  test('[ACCESS-11] an invitation lets a new user in once, with its role', async () => {
    const { ask } = await start()
    const email = 'New.Person@Example.com'
    const invite = await ask(
      'POST',
      invitations,
      as(alice, { email, creator_id: 'alice', role: 'operator' }),
    )
    expect(invite).toMatchObject({ status: 201, json: { mailed: false, invited_by: alice.name } })
    const token = tokenIn(invite.json.url)
    const { url, mailed, ...listed } = invite.json
    const open = await ask('GET', invitations, as(alice))
    expect(open.json.invitations).toContainEqual(listed)
    expect(open.text).not.toContain(token)

    const look = await ask('POST', `${invitations}/look`, { body: { token } })
    expect(look.json).toEqual({
      email: 'new.person@example.com',
      role: 'operator',
      creator: { id: 'alice', name: 'alice' },
      expires_at: invite.json.expires_at,
      has_user: false,
    })
    const accept = (body: object) => ask('POST', `${invitations}/accept`, { body })
    expect(await accept({ token })).toMatchObject({ status: 400 })
    expect(await accept({ token, name: 'New', password: 'password1234' })).toMatchObject({
      status: 400,
    })
    // On the inviter's own computer: its sign-in there is ended.
    const inviter = await signedIn(database, alice.id)
    const accepted = await ask(
      'POST',
      `${invitations}/accept`,
      as(inviter, { token, name: 'New', password }),
    )
    expect(accepted.status).toBe(204)
    expect(await ask('GET', '/api/v1/me', as(inviter))).toMatchObject({ status: 401 })
    expect(await me(ask, cookieIn(accepted.headers))).toMatchObject({
      user: { email: 'new.person@example.com', name: 'New' },
      creators: [{ id: 'alice', actions: ['ingest:write', 'read', 'operate'] }],
    })
    expect(await accept({ token, name: 'New', password })).toMatchObject({ status: 404 })
    const again = await ask('POST', `${invitations}/look`, { body: { token } })
    expect(again).toMatchObject({ status: 404 })
  })

  test('[ACCESS-11] an existing user signs in first and gets the additional role', async () => {
    const { ask } = await start()
    const user = await newUser(database, { roles: [{ creatorId: 'bob', role: 'viewer' }] })
    const { json } = await ask(
      'POST',
      invitations,
      as(boss, { email: user.email, creator_id: 'alice', role: 'viewer' }),
    )
    const body = { token: tokenIn(json.url), name: 'Eve', password }
    const look = await ask('POST', `${invitations}/look`, { body: { token: body.token } })
    expect(look.json).toMatchObject({ has_user: true })
    expect(await ask('POST', `${invitations}/accept`, { body })).toMatchObject({ status: 401 })
    const other = await ask('POST', `${invitations}/accept`, as(alice, body))
    expect(other.status).toBe(401)
    expect(await ask('POST', `${invitations}/accept`, as(user, body))).toMatchObject({
      status: 204,
    })
    const { creators, user: shown } = await me(ask, user.cookie)
    expect(creators.map((one: { id: string }) => one.id)).toEqual(['alice', 'bob'])
    expect(shown.name).toBe(user.name)
  })

  test('[ACCESS-11] an invitation can be withdrawn, expires, and is made only by managers of its creator', async () => {
    const { ask } = await start()
    const invite = (who: TestUser, creator_id: string | null, role = 'viewer') =>
      ask('POST', invitations, as(who, { email: 'guest@example.com', creator_id, role }))
    expect(await invite(alice, 'bob')).toMatchObject({ status: 403 })
    expect(await invite(alice, null)).toMatchObject({ status: 403 })
    expect(await invite(boss, 'nobody')).toMatchObject({ status: 404 })
    const first = await invite(boss, 'bob')
    expect((await ask('GET', invitations, as(alice))).text).not.toContain(first.json.id)
    const path = `${invitations}/${first.json.id}`
    expect(await ask('DELETE', path, as(alice))).toMatchObject({ status: 404 })
    expect(await ask('DELETE', path, as(boss))).toMatchObject({ status: 204 })
    const body = { token: tokenIn(first.json.url), name: 'Guest', password }
    expect(await ask('POST', `${invitations}/accept`, { body })).toMatchObject({ status: 404 })

    // A second one for the same person and creator replaces the first.
    const [old, fresh] = [await invite(boss, 'bob'), await invite(boss, 'bob')]
    const look = async (url: string) =>
      (await ask('POST', `${invitations}/look`, { body: { token: tokenIn(url) } })).status
    expect([await look(old.json.url), await look(fresh.json.url)]).toEqual([404, 200])
    await database.script(`update invitations set expires_at = now() - interval '1 second'`)
    expect(await look(fresh.json.url)).toBe(404)
    expect((await ask('GET', invitations, as(boss))).json).toEqual({ invitations: [] })
  })

  test('[ACCESS-11] invitations and resets are mailed; the answer to a reset reveals nothing', async () => {
    await using smtp = await startSmtpServer()
    const env = {
      SMTP_URL: smtp.url,
      PUBLIC_URL: publicUrl,
      TRUSTED_PROXY_HOPS: '0',
      MAIL_FROM: 'Live <live@example.com>',
    }
    const { ask } = await start(env)
    const user = await newUser(database, { password })
    const invite = await ask(
      'POST',
      invitations,
      as(boss, { email: 'mail@example.com', creator_id: 'alice', role: 'viewer' }),
    )
    expect(invite.json).toMatchObject({ mailed: true })
    const [invitation] = smtp.letters
    if (!invitation) throw new Error('no letter came')
    expect(invitation).toMatchObject({ from: 'live@example.com', to: ['mail@example.com'] })
    expect(invitation.raw).toContain(`From: Live <live@example.com>`)
    // The inviter's copy is another link: having it proves nothing about the address.
    expect(linkIn(invitation).url).toContain(`${publicUrl}/invitation#token=`)
    expect(linkIn(invitation).url).not.toBe(invite.json.url)
    expect(invite.json.url).toContain(`${publicUrl}/invitation#`)

    const reset = (email: string) => ask('POST', '/api/v1/password-reset', { body: { email } })
    const [known, unknown] = [await reset(user.email), await reset('nobody@example.com')]
    expect([known.status, unknown.status]).toEqual([204, 204])
    await expect.poll(() => smtp.letters.length).toBe(2)
    const letter = smtp.letters[1]
    if (!letter) throw new Error('no letter came')
    expect(letter.to).toEqual([user.email])
    const { url, token } = linkIn(letter)
    expect(url).toContain(`${publicUrl}/reset#`)
    const body = { token, password: 'drei gruene Heuballen' }
    expect(await ask('POST', '/api/v1/password-reset/confirm', { body })).toMatchObject({
      status: 204,
    })
    for (let n = 0; n < 2; n++) expect(await reset(user.email)).toMatchObject({ status: 204 })
    expect(await reset(user.email)).toMatchObject({ status: 429 })
  })

  test('[ACCESS-11] a refusing mail server is reported, and the link still works by hand', async () => {
    await using smtp = await startSmtpServer()
    const wrong = smtp.url.replace('geheim', 'falsch')
    const { ask } = await start({ SMTP_URL: wrong, PUBLIC_URL: publicUrl, TRUSTED_PROXY_HOPS: '0' })
    const body = { email: 'hand@example.com', creator_id: 'alice', role: 'viewer' }
    const invite = await ask('POST', invitations, as(boss, body))
    expect(invite).toMatchObject({ status: 201, json: { mailed: false } })
    const look = await ask('POST', `${invitations}/look`, {
      body: { token: tokenIn(invite.json.url) },
    })
    expect(look).toMatchObject({ status: 200 })
    expect(smtp.letters).toHaveLength(0)
  })
})
