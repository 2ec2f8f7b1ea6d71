import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { openTestDatabase } from '@creatorflow/db/testing'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { editions, hidesServices } from '../../../scripts/test/backends.ts'
import { ask, startApp, type TestApp, type TestCreator } from '../../test/harness.ts'
import { connect, type LiveClient, refusal } from '../../test/live-client.ts'
import { sentEvents } from '../../test/live-events.ts'
import { newUser, type TestUser } from '../../test/people.ts'
import { groundOfTwoNodes, startTwoNodes } from '../../test/two-nodes.ts'
import { createRedisServer, redisServerInstalled } from '../bus/test/redis-server.ts'
import type { HeldRole } from '../core/rights/principal.ts'
import { createApiKey } from '../identity/access/api-keys.ts'

const clients: LiveClient[] = []
afterEach(() => {
  for (const client of clients.splice(0)) client.socket.disconnect()
})

const timescale = editions().find(({ name }) => name === 'timescale')

/**
 * No local owner here: everyone uses a cookie or a key. And nobody is checked again within a test: whoever is
 * cut was cut by the message.
 */
const elsewhere = { HOST: '0.0.0.0', SOCKET_RECHECK_MS: '3600000' }

interface Nodes {
  readonly database: Database
  readonly here: TestApp
  readonly there: TestApp
  readonly creator: TestCreator
}

async function screenOf(app: TestApp, creator: TestCreator, by: TestUser | string) {
  const isKey = typeof by === 'string'
  const headers = isKey ? {} : { extraHeaders: { cookie: by.cookie } }
  const client = await connect(app, isKey ? by : undefined, headers)
  clients.push(client)
  expect(await client.watch({ creator_id: creator.id })).toMatchObject({ ok: true })
  return client
}

const viewerOf = (creator: TestCreator): readonly HeldRole[] => [
  { creatorId: creator.id, role: 'viewer' },
]

/** Messages about new events do not reach a cut connection. */
async function expectSilence(client: LiveClient, app: TestApp, creator: TestCreator) {
  const witness = await screenOf(app, creator, creator.key)
  const told = client.updates.length + client.heads.length
  await app.post(sentEvents(creator.id, 20))
  await expect.poll(() => witness.updates.length).toBeGreaterThan(0)
  await expect.poll(() => witness.heads.length).toBeGreaterThan(0)
  expect(client.updates.length + client.heads.length).toBe(told)
}

function revocations(start: () => Promise<Nodes & AsyncDisposable>) {
  test("[ACCESS-5] a revoked key's sockets are cut on every node within 2 s, with the reason, and stay out", async () => {
    await using nodes = await start()
    const { database, here, there, creator } = nodes
    const { key, id } = await createApiKey(database, {
      name: 'wall',
      creatorId: creator.id,
      scopes: ['read'],
    })
    const cut = [await screenOf(here, creator, key), await screenOf(there, creator, key)]
    const other = await screenOf(there, creator, creator.key)
    expect(await ask(here.port, 'DELETE', `/api/v1/api-keys/${id}`, here.owner)).toMatchObject({
      status: 204,
    })
    for (const client of cut) {
      await expect.poll(() => client.disconnects).toHaveLength(1)
      expect(client.statuses).toMatchObject([{ code: 'revoked', retry: false }])
      await expectSilence(client, here, creator)
    }
    expect(await refusal(there, key)).toBe('unauthorized')
    expect(other.socket.connected).toBe(true)
  })

  test("[ACCESS-5] an ended sign-in's sockets are cut too, and a sign-out has its own reason", async () => {
    await using nodes = await start()
    const { database, here, there, creator } = nodes
    const user = await newUser(database, { roles: viewerOf(creator) })
    const screen = await screenOf(there, creator, user)
    const headers = { cookie: user.cookie, 'content-type': 'application/json' }
    expect(await ask(here.port, 'DELETE', '/api/v1/sign-in', headers)).toMatchObject({
      status: 204,
    })
    await expect.poll(() => screen.disconnects).toHaveLength(1)
    expect(screen.statuses).toMatchObject([{ code: 'signed_out', retry: false }])

    const stolen = await newUser(database, { roles: viewerOf(creator) })
    const phone = await screenOf(there, creator, stolen)
    const path = `/api/v1/me/sign-ins/${stolen.signInId}`
    expect(await ask(here.port, 'DELETE', path, { cookie: stolen.cookie })).toMatchObject({
      status: 204,
    })
    await expect.poll(() => phone.disconnects).toHaveLength(1)
    expect(phone.statuses).toMatchObject([{ code: 'revoked', retry: false }])
    await expectSilence(phone, there, creator)
    const options = { extraHeaders: { cookie: stolen.cookie } }
    expect(await refusal(there, undefined, options)).toBe('unauthorized')
  })

  test('[ACCESS-5] a user who loses a role reconnects with what is left', async () => {
    await using nodes = await start()
    const { database, here, there, creator } = nodes
    const second = await here.newCreator()
    const user = await newUser(database, { roles: [...viewerOf(creator), ...viewerOf(second)] })
    const screen = await screenOf(there, creator, user)
    const body = JSON.stringify({ creator_id: creator.id, role: null })
    const path = `/api/v1/members/${user.id}/roles`
    expect(await ask(here.port, 'POST', path, here.owner, body)).toMatchObject({ status: 204 })
    await expect.poll(() => screen.disconnects).toHaveLength(1)
    expect(screen.statuses).toMatchObject([{ code: 'roles_changed', retry: true }])
    await expectSilence(screen, there, creator)
    const again = await connect(there, undefined, { extraHeaders: { cookie: user.cookie } })
    clients.push(again)
    expect(await again.watch({ creator_id: creator.id })).toMatchObject({
      error: { code: 'forbidden' },
    })
    expect(await again.watch({ creator_id: second.id })).toMatchObject({ ok: true })
  })
}

describe.skipIf(hidesServices())('one node', () => {
  revocations(async () => {
    const opened = new AsyncDisposableStack()
    const database = opened.use(await openTestDatabase())
    const here = opened.use(await startApp({ database, env: elsewhere }))
    const creator = await here.newCreator()
    return Object.assign(opened, { database, here, there: here, creator })
  })
})

describe(`two nodes on ${groundOfTwoNodes}`, () => {
  revocations(async () => {
    const nodes = await startTwoNodes(elsewhere)
    return Object.assign(nodes, { creator: await nodes.here.newCreator() })
  })
})

test.skipIf(!timescale || !redisServerInstalled())(
  '[ACCESS-5] with Redis down the next check finds revoked access',
  async () => {
    const server = await createRedisServer()
    onTestFinished(() => server[Symbol.asyncDispose]())
    await server.start()
    await using database = await openTestDatabase(timescale)
    const both = {
      database,
      redisUrl: server.url,
      env: { ...elsewhere, SOCKET_RECHECK_MS: '300' },
    }
    await using here = await startApp(both)
    await using there = await startApp(both)
    const creator = await here.newCreator()
    const user = await newUser(database, { roles: viewerOf(creator) })
    const screen = await screenOf(there, creator, user)
    const stays = await screenOf(there, creator, creator.key)
    await server.kill()
    const path = `/api/v1/me/sign-ins/${user.signInId}`
    expect(await ask(here.port, 'DELETE', path, { cookie: user.cookie })).toMatchObject({
      status: 204,
    })
    // The other node's cache is at most 5 s old.
    await expect.poll(() => screen.disconnects, { timeout: 8_000 }).toHaveLength(1)
    expect(screen.statuses).toMatchObject([{ code: 'revoked', retry: false }])
    await expectSilence(screen, there, creator)
    expect(stays.socket.connected).toBe(true)
  },
)

test.skipIf(hidesServices())(
  '[ACCESS-5] an expiring key or sign-in ends its sockets at that moment',
  async () => {
    await using database = await openTestDatabase()
    await using app = await startApp({ database, env: elsewhere })
    const creator = await app.newCreator()
    const { key } = await createApiKey(database, {
      name: 'short',
      creatorId: creator.id,
      scopes: ['read'],
      expiresAt: new Date(Date.now() + 1_500),
    })
    const user = await newUser(database, { roles: viewerOf(creator) })
    await database.query(
      sql`update sign_ins set expires_at = now() + interval '1.5 s' where id = ${user.signInId}::uuid`,
    )
    for (const client of [await screenOf(app, creator, key), await screenOf(app, creator, user)]) {
      await expect.poll(() => client.disconnects, { timeout: 5_000 }).toHaveLength(1)
      expect(client.statuses).toMatchObject([{ code: 'expired', retry: false }])
    }
  },
)

test('[ACCESS-5] a hundred sign-ins ended at once are all cut on the other node', async () => {
  await using nodes = await startTwoNodes(elsewhere)
  const { database, here, there } = nodes
  const creator = await here.newCreator()
  const people = await Promise.all(
    Array.from({ length: 100 }, () => newUser(database, { roles: viewerOf(creator) })),
  )
  const screens = await Promise.all(people.map((user) => screenOf(there, creator, user)))
  await Promise.all(
    people.map(async ({ signInId, cookie }) => {
      const path = `/api/v1/me/sign-ins/${signInId}`
      expect(await ask(here.port, 'DELETE', path, { cookie })).toMatchObject({ status: 204 })
    }),
  )
  await expect.poll(() => screens.filter(({ socket }) => socket.connected)).toEqual([])
  for (const { statuses } of screens) expect(statuses).toMatchObject([{ code: 'revoked' }])
})
