import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { openTestDatabase } from '@creatorflow/db/testing'
import type { AuditEntry } from '@creatorflow/shared/features/audit'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { databases } from '../../../../scripts/test/backends.ts'
import { startApp } from '../../../test/harness.ts'
import { newUser, password, type TestUser } from '../../../test/people.ts'
import { type Served, serve } from '../../../test/serve.ts'
import { serverActor } from '../../core/rights/actor.ts'
import { bootstrapKey } from '../access/bootstrap.ts'
import { recordChange } from './record.ts'

const audit = '/api/v1/audit'

describe.each(databases())('the audit log on $name', (backend) => {
  let database: Database
  let boss: TestUser
  let alice: TestUser
  beforeAll(async () => {
    database = await openTestDatabase(backend)
    for (const creator of ['alice', 'bob']) await bootstrapKey(database, { creator })
    boss = await newUser(database, { password, roles: [{ creatorId: null, role: 'owner' }] })
    alice = await newUser(database, { roles: [{ creatorId: 'alice', role: 'owner' }] })
  })
  afterAll(() => database[Symbol.asyncDispose]())

  async function start(): Promise<Served> {
    const served = await serve({ database, env: { HOST: '0.0.0.0' } })
    onTestFinished(() => served[Symbol.asyncDispose]())
    return served
  }

  const as = ({ cookie }: TestUser, body?: unknown) => ({
    headers: { cookie, 'content-type': 'application/json' },
    ...(body !== undefined && { body }),
  })
  async function entries(ask: Served['ask'], who: TestUser, query = ''): Promise<AuditEntry[]> {
    const { status, json } = await ask('GET', `${audit}${query}`, as(who))
    expect(status).toBe(200)
    return json.entries
  }

  test('[ACCESS-12] every change is recorded with name and address and without secrets', async () => {
    const { ask } = await start()
    const signIn = { body: { email: boss.email, password } }
    expect(await ask('POST', '/api/v1/sign-in', signIn)).toMatchObject({ status: 201 })
    const made = await ask(
      'POST',
      '/api/v1/api-keys',
      as(boss, { name: 'shop', creator_id: 'bob', scopes: ['read'] }),
    )
    await ask('PATCH', '/api/v1/creators/bob', as(boss, { name: 'Bob’s shop' }))
    // The same again changes nothing, and nothing is recorded.
    await ask('PATCH', '/api/v1/creators/bob', as(boss, { name: 'Bob’s shop' }))
    await ask('DELETE', `/api/v1/api-keys/${made.json.id}`, as(boss))
    await ask('DELETE', `/api/v1/api-keys/${made.json.id}`, as(boss))
    const invite = await ask(
      'POST',
      '/api/v1/invitations',
      as(alice, { email: 'guest@example.com', creator_id: 'alice', role: 'viewer' }),
    )
    const [newest, ...before] = await entries(ask, boss)
    expect(newest).toMatchObject({
      actor: { kind: 'user', id: alice.id, name: alice.name },
      address: '127.0.0.1',
      creator_id: 'alice',
      action: 'invitation.created',
      target: 'guest@example.com',
      details: { role: 'viewer' },
    })
    expect(before.map(({ action, target }) => [action, target])).toEqual([
      ['api_key.revoked', made.json.id],
      ['creator.changed', null],
      ['api_key.created', made.json.id],
      ['sign_in.opened', expect.any(String)],
    ])
    const text = JSON.stringify(await database.query(sql`select a::text as text from audit_log a`))
    expect(text).not.toContain(made.json.key.slice(-43))
    expect(text).not.toContain(invite.json.url.slice(-43))
    expect(text).not.toContain(password)
  })

  test('[ACCESS-12] a failed change leaves no entry, and a failed entry no change', async () => {
    const { ask } = await start()
    const count = async () => (await entries(ask, boss, '?limit=500')).length
    const before = await count()
    const berlin = { time_zone: 'Europe/Berlin', currency: 'EUR' }
    const taken = await ask(
      'POST',
      '/api/v1/creators',
      as(boss, { id: 'bob', name: 'B', ...berlin }),
    )
    expect(taken.status).toBe(409)
    expect(await count()).toBe(before)
    await database.script('alter table audit_log add constraint broken check (id < 0) not valid')
    onTestFinished(() => database.script('alter table audit_log drop constraint if exists broken'))
    const carla = { id: 'carla', name: 'C', ...berlin }
    expect(await ask('POST', '/api/v1/creators', as(boss, carla))).toMatchObject({ status: 500 })
    await database.script('alter table audit_log drop constraint broken')
    expect((await ask('GET', '/api/v1/creators', as(boss))).text).not.toContain('carla')
    expect(await ask('POST', '/api/v1/creators', as(boss, carla))).toMatchObject({ status: 201 })
    expect(await count()).toBe(before + 1)
  })

  test('[ACCESS-12] an owner of one creator reads its entries, others none', async () => {
    const { ask } = await start()
    for (const creatorId of ['alice', 'bob', null]) {
      await recordChange(database, serverActor, { action: 'creator.changed', creatorId })
    }
    const seen = await entries(ask, alice, '?limit=500')
    expect(new Set(seen.map((entry) => entry.creator_id))).toEqual(new Set(['alice']))
    expect(await entries(ask, alice, '?creator_id=bob')).toEqual([])
    const viewer = await newUser(database, { roles: [{ creatorId: null, role: 'viewer' }] })
    for (const path of [audit, `${audit}/export`]) {
      expect(await ask('GET', path, as(viewer))).toMatchObject({ status: 403 })
    }
    const text = (await ask('GET', `${audit}/export?format=ndjson`, as(alice))).text
    expect(text).not.toContain('"bob"')
  })

  test('[ACCESS-12] entries are read page by page and filtered by creator, action and time', async () => {
    const { ask } = await start()
    for (let n = 0; n < 25; n++) {
      await recordChange(database, serverActor, { action: 'user.changed', target: `page-${n}` })
    }
    const targets: (string | null)[] = []
    for (let cursor = ''; ; ) {
      const query = `?action=user.changed&limit=10${cursor && `&cursor=${cursor}`}`
      const { json } = await ask('GET', `${audit}${query}`, as(boss))
      targets.push(...json.entries.map((entry: AuditEntry) => entry.target))
      if (json.next_cursor === null) break
      cursor = json.next_cursor
    }
    expect(targets).toEqual(Array.from({ length: 25 }, (_, n) => `page-${24 - n}`))
    const hour = 3_600_000
    const [early, late] = [Date.now() - hour, Date.now() + hour].map((at) =>
      new Date(at).toISOString(),
    )
    expect(await entries(ask, boss, `?from=${late}`)).toEqual([])
    expect(await entries(ask, boss, `?to=${early}`)).toEqual([])
    expect((await entries(ask, boss, `?from=${early}&to=${late}`)).length).toBeGreaterThan(25)
    for (const query of ['?limit=0', '?action=all', '?cursor=x', '?from=today', '?more=1']) {
      expect(await ask('GET', `${audit}${query}`, as(boss))).toMatchObject({ status: 400 })
    }
  })

  test('[ACCESS-12][WEB-6] the download has every entry and no cell that a spreadsheet would run', async () => {
    const { ask } = await start()
    const evil = '=HYPERLINK("https://evil.example","x")'
    await recordChange(
      database,
      { ...serverActor, name: '+1+1' },
      {
        action: 'user.changed',
        target: evil,
        details: { name: 'a "quoted", line\nbreak' },
      },
    )
    await database.query(sql`
      insert into audit_log (actor_kind, actor_name, action, target)
      select 'server', 'server', 'user.changed', 'many-' || n from generate_series(1, 2500) n`)
    const csv = await ask('GET', `${audit}/export?action=user.changed`, as(boss))
    expect(csv.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="audit.csv"',
      'cache-control': 'no-store',
    })
    const [head, first] = csv.text.split('\n')
    expect(head).toBe(
      '\ufeff"id","at","actor_kind","actor_id","actor_name","address","creator_id","action","target","details"',
    )
    expect(first).toContain('many-2500')
    expect(csv.text.match(/many-\d+/g)).toHaveLength(2_500)
    expect(csv.text).toContain(`"'=HYPERLINK(""https://evil.example"",""x"")"`)
    expect(csv.text).toContain("'+1+1")
    expect(csv.text).not.toMatch(/(^|,)"?[=+@-]/m)
    const ndjson = await ask('GET', `${audit}/export?action=user.changed&format=ndjson`, as(boss))
    const rows = ndjson.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(rows.filter(({ target }) => target === evil)).toHaveLength(1)
    expect(rows.length).toBeGreaterThan(2_500)
  })
})

test('[ACCESS-12] erasing a person is recorded without naming them', async () => {
  await using app = await startApp()
  const creator = await app.newCreator()
  const event = { creator_id: creator.id, id: 'e1', type: 'viewer_joined', user_id: 'anna-secret' }
  await app.post([{ ...event, session_id: 'live' }])
  const response = await fetch(`${app.url}/api/v1/creators/${creator.id}/people/anna-secret`, {
    method: 'DELETE',
  })
  expect(response.status).toBe(200)
  const rows = await app.database.query(
    sql`select actor_kind, creator_id, a::text as text from audit_log a where action = 'person.erased'`,
  )
  expect(rows).toMatchObject([{ actor_kind: 'owner', creator_id: creator.id }])
  expect(JSON.stringify(rows)).not.toContain('anna-secret')
})
