import { openTestDatabase } from '@creatorflow/db/testing'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { editions, hidesServices } from '../../../scripts/test/backends.ts'
import { scaled } from '../../../scripts/test/long-run.ts'
import { startApp, type TestApp } from '../../test/harness.ts'
import { connect, type LiveClient, openScreen } from '../../test/live-client.ts'
import { sentEvents } from '../../test/live-events.ts'
import { isExact, type Screen } from '../../test/live-screen.ts'
import { observedDatabase } from '../../test/observed-database.ts'
import { groundOfTwoNodes, startTwoNodes } from '../../test/two-nodes.ts'
import { createRedisServer, redisServerInstalled } from '../bus/test/redis-server.ts'

const clients: LiveClient[] = []
afterEach(() => {
  for (const client of clients.splice(0)) client.socket.disconnect()
})

async function screenAt(app: TestApp, key: string, creatorId: string) {
  const client = await connect(app, key)
  clients.push(client)
  return { client, screen: await openScreen(client, creatorId) }
}

async function exactAt(app: TestApp, screen: Screen, creatorId: string): Promise<boolean> {
  const { status, json } = await app.get(`/api/v1/creators/${creatorId}/live`)
  return status === 200 && isExact(screen, json.state)
}

const timescale = editions().find(({ name }) => name === 'timescale')

test(`[P3][SCREEN-5] events sent to one node reach the screens of both, on ${groundOfTwoNodes}`, async () => {
  await using nodes = await startTwoNodes()
  const { here: one, there: two } = nodes
  const creator = await one.newCreator()
  const here = await screenAt(one, creator.key, creator.id)
  const there = await screenAt(two, creator.key, creator.id)
  for (let i = 0; i < 20; i++) {
    await (i % 2 ? one : two).post(sentEvents(creator.id, 20))
  }
  await expect.poll(() => there.screen.position.seq).toBe(400)
  await expect.poll(() => here.screen.position.seq).toBe(400)
  // Each screen compared with the other node.
  expect(await exactAt(one, there.screen, creator.id)).toBe(true)
  expect(await exactAt(two, here.screen, creator.id)).toBe(true)
  // A screen that arrives with a position from the other node continues from there.
  await one.post(sentEvents(creator.id, 20))
  const client = await connect(two, creator.key)
  clients.push(client)
  const since = { epoch: there.screen.position.epoch, seq: 420 }
  const reply = await client.watch({ creator_id: creator.id, since })
  expect(reply).toMatchObject({ ok: true, value: { recovered: true, seq: 420 } })
})

describe.skipIf(!timescale)('two nodes on one database', () => {
  test.skipIf(!redisServerInstalled())(
    '[P3][P7][SCREEN-5] with Redis killed, screens follow from the database, ingest continues, and readiness names the bus',
    async () => {
      const server = await createRedisServer()
      onTestFinished(() => server[Symbol.asyncDispose]())
      await server.start()
      await using database = await openTestDatabase(timescale)
      const both = { database, redisUrl: server.url }
      await using one = await startApp(both)
      await using two = await startApp(both)
      const creator = await one.newCreator()
      const there = await screenAt(two, creator.key, creator.id)
      await one.post(sentEvents(creator.id, 20))
      await expect.poll(() => there.screen.position.seq).toBe(20)
      const text = (await two.get('/metrics')).text
      expect(Number(/bus_received_total (\d+)/.exec(text)?.[1])).toBeGreaterThan(0)

      await server.kill()
      await expect
        .poll(async () => (await two.get('/readyz')).text)
        .toMatch(/bus.*Redis is unavailable/)
      for (let i = 1; i <= 5; i++) {
        expect((await one.post(sentEvents(creator.id, 20))).json).toMatchObject({ accepted: 20 })
        await expect.poll(() => there.screen.position.seq).toBe(20 + i * 20)
      }
      await expect.poll(() => exactAt(two, there.screen, creator.id)).toBe(true)
      const beats = there.client.heads.length
      await expect.poll(() => there.client.heads.length).toBeGreaterThan(beats + 1)

      await server.start()
      await expect.poll(async () => (await two.get('/readyz')).status).toBe(200)
      await one.post(sentEvents(creator.id, 20))
      await expect.poll(() => there.screen.position.seq).toBe(140)
      // The bus has just come back: the other node may answer of the moment before, or 503.
      await expect.poll(() => exactAt(one, there.screen, creator.id)).toBe(true)
    },
  )
})

const SCREENS = scaled(300, 1_000)

test.skipIf(hidesServices())(
  `[P3][P6][SCREEN-1] ${SCREENS} screens that join at once cost one read of the log, and are exact`,
  async () => {
    const texts: string[] = []
    await using app = await startApp({
      // Without jobs: writing checkpoints would read the log too.
      env: { MAX_SOCKETS_PER_IP: '2000', ROLES: 'pipeline,gateway' },
      wrap: (database) => observedDatabase(database, { before: (text) => void texts.push(text) }),
    })
    const creator = await app.newCreator()
    for (let i = 0; i < 5; i++) await app.post(sentEvents(creator.id, 400))
    const sockets: LiveClient[] = []
    while (sockets.length < SCREENS) {
      sockets.push(
        ...(await Promise.all(Array.from({ length: 50 }, () => connect(app, creator.key)))),
      )
    }
    clients.push(...sockets)
    texts.length = 0
    const screens = await Promise.all(sockets.map((client) => openScreen(client, creator.id)))
    expect(texts.filter((text) => /from (tail|events)/.test(text)).length).toBe(1)
    await app.post(sentEvents(creator.id, 100))
    await expect
      .poll(() => screens.every(({ position }) => position.seq === 2_100), { timeout: 60_000 })
      .toBe(true)
    for (const screen of [screens[0], screens.at(-1)] as Screen[]) {
      // A busy machine may answer 503 at first.
      await expect.poll(() => exactAt(app, screen, creator.id)).toBe(true)
    }
  },
  120_000,
)

test.skipIf(hidesServices())(
  '[P7][SCREEN-5] a stopping server says so, releases every socket, and gets its screens back',
  async () => {
    await using database = await openTestDatabase()
    let app = await startApp({ database })
    const creator = await app.newCreator()
    const { port } = app
    try {
      await app.post(sentEvents(creator.id, 30))
      const { client, screen } = await screenAt(app, creator.key, creator.id)
      const polling = await connect(app, creator.key, { transports: ['polling'] })
      clients.push(polling)
      await app[Symbol.asyncDispose]()
      for (const { statuses, disconnects } of [client, polling]) {
        await expect.poll(() => disconnects.length).toBe(1)
        expect(statuses).toMatchObject([{ code: 'shutdown', retry: true }])
      }

      app = await startApp({ database, env: { PORT: String(port) } })
      await app.post(sentEvents(creator.id, 30), { key: creator.key })
      const again = await connect(app, creator.key)
      clients.push(again)
      const since = screen.position
      const reply = await again.watch({ creator_id: creator.id, since })
      // A whole snapshot, or the updates since if alerts already follow the creator in the new process.
      expect(reply).toMatchObject({ ok: true, value: { seq: 60 } })
      if (reply.ok) screen.answer(reply.value)
      expect(await exactAt(app, screen, creator.id)).toBe(true)
    } finally {
      await app[Symbol.asyncDispose]()
    }
  },
)
