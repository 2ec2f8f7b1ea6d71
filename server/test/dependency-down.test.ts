import { setTimeout as delay } from 'node:timers/promises'
import { createMigratedDatabase, openTestDatabase } from '@creatorflow/db/testing'
import { openTimescale } from '@creatorflow/db/timescale'
import { expect, onTestFinished, test } from 'vitest'
import { administer, buses, editions } from '../../scripts/test/backends.ts'
import { startApp, type TestApp } from './harness.ts'
import { logOf } from './log-rows.ts'
import { type NetworkProxy, startProxy } from './proxy.ts'
import { startSender } from './stubborn-sender.ts'

const databaseUrl = editions().find(({ url }) => url !== undefined)?.url ?? ''
const redisUrl = buses().find(({ url }) => url !== undefined)?.url ?? ''

/** A server that reaches its TimescaleDB through a breakable network. */
async function startBehindProxy(): Promise<{ app: TestApp; network: NetworkProxy }> {
  const own = await createMigratedDatabase(databaseUrl)
  onTestFinished(() => own.drop())
  const network = await startProxy(own.url)
  onTestFinished(() => network[Symbol.asyncDispose]())
  const database = await openTimescale({
    url: network.url,
    statementTimeoutMs: 1_000,
    connectTimeoutMs: 1_000,
  })
  onTestFinished(() => database[Symbol.asyncDispose]())
  const app = await startApp({ database })
  onTestFinished(() => app[Symbol.asyncDispose]())
  return { app, network }
}

const patient = { timeout: 10_000 }
const like = (id: string) => ({ id, type: 'like' })

test.skipIf(!databaseUrl)(
  '[P1][P7][NODE-4] without its database the server answers 503 with Retry-After, /readyz names it, and it recovers',
  async () => {
    const { app, network } = await startBehindProxy()
    const { key, id } = await app.newCreator()
    expect((await app.post(like('before'), { key })).status).toBe(200)
    expect(await app.get('/readyz')).toMatchObject({ status: 200, json: { status: 'ready' } })

    network.cut()
    for (let n = 0; n < 3; n++) {
      const refused = await app.post([like('during'), { id: 'bad' }], { key })
      expect(refused).toMatchObject({ status: 503, json: { error: { code: 'unavailable' } } })
      expect(refused.headers['retry-after']).toBe('1')
      expect(refused.json.accepted).toBeUndefined()
    }
    const lost = await app.get('/readyz')
    expect(lost).toMatchObject({ status: 503, json: { parts: { database: { ok: false } } } })
    expect((await app.get('/healthz')).status).toBe(200)

    network.restore()
    expect((await app.post(like('during'), { key })).json).toMatchObject({ accepted: 1 })
    await expect.poll(async () => (await app.get('/readyz')).status, patient).toBe(200)
    expect((await logOf(app.database, id)).map((row) => row.id)).toEqual(['before', 'during'])
  },
)

test.skipIf(!databaseUrl)(
  '[P7][NODE-4] a network that swallows everything is noticed in time and named',
  async () => {
    const { app, network } = await startBehindProxy()
    const { key, id } = await app.newCreator()
    expect((await app.post(like('before'), { key })).status).toBe(200)
    network.blackHole()
    // Both are answered while the network still swallows everything.
    const post = app.post(like('during'), { key })
    const lost = await app.get('/readyz')
    expect(lost).toMatchObject({ status: 503, json: { parts: { database: { ok: false } } } })
    expect(await post).toMatchObject({ status: 503, headers: { 'retry-after': '1' } })
    network.restore()
    await expect
      .poll(async () => (await app.post(like('during'), { key })).status, patient)
      .toBe(200)
    expect((await logOf(app.database, id)).map((row) => row.id)).toEqual(['before', 'during'])
  },
)

test.skipIf(!databaseUrl)(
  '[P1][P2] a database that comes and goes under load loses and doubles nothing',
  async () => {
    const { app, network } = await startBehindProxy()
    const { key, id } = await app.newCreator()
    const sender = startSender({ key, port: () => app.port })
    onTestFinished(() => sender.stop())
    for (let cut = 0; cut < 10; cut++) {
      const before = sender.ledger.size
      await expect
        .poll(() => sender.ledger.size, { interval: 5, timeout: 10_000 })
        .toBeGreaterThan(before + 100)
      network.cut()
      await delay(50 + cut * 10)
      network.restore()
    }
    await sender.stop()
    expect(sender.surprises).toEqual([])
    expect(sender.failedTries).toBeGreaterThan(0)
    const log = await logOf(app.database, id)
    expect(log.map((row) => row.id).sort()).toEqual([...sender.ledger.keys()].sort())
    expect(log.every((row, n) => row.seq === n + 1)).toBe(true)
    const gmv = [...sender.ledger.values()].reduce((sum, amount) => sum + amount, 0)
    expect(log.reduce((sum, row) => sum + row.money, 0)).toBe(gmv)
  },
)

test.skipIf(!redisUrl)(
  '[P7][NODE-5] without Redis events are still stored; /readyz stays 200 and names the bus',
  async () => {
    await using network = await startProxy(redisUrl)
    await using app = await startApp({ redisUrl: network.url })
    const { key, id } = await app.newCreator()
    const ready = async () => (await app.get('/readyz')).json.parts.bus.ok
    await expect.poll(ready, patient).toBe(true)
    for (const fault of ['cut', 'blackHole'] as const) {
      network[fault]()
      expect((await app.post(like(fault), { key })).json).toMatchObject({ accepted: 1 })
      await expect.poll(ready, patient).toBe(false)
      const { status, json } = await app.get('/readyz')
      expect([status, json.status, json.parts.database.ok]).toEqual([200, 'degraded', true])
      expect(json.parts.bus.detail).toContain('Redis')
      network.restore()
      await expect.poll(ready, patient).toBe(true)
    }
    expect(await logOf(app.database, id)).toHaveLength(2)
  },
)

test.each(editions())(
  '[NODE-4] with a read-only database on $name /readyz is 503 and names it, events get 503, and work afterwards',
  async (backend) => {
    const own = backend.url === undefined ? undefined : await createMigratedDatabase(backend.url)
    if (own) onTestFinished(() => own.drop())
    const opened = own ? await openTimescale({ url: own.url }) : await openTestDatabase()
    onTestFinished(() => opened[Symbol.asyncDispose]())
    await using app = await startApp({ database: opened })
    const { key } = await app.newCreator()
    const setReadOnly = async (value: 'on' | 'off') => {
      const setting = `default_transaction_read_only = ${value}`
      if (!own) return void (await opened.query({ text: `set ${setting}`, values: [] }))
      const name = new URL(own.url).pathname.slice(1)
      await administer(
        own.url,
        `begin read write; alter database ${name} set ${setting};
         select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid(); commit`,
      )
    }
    const detail = async () => (await app.get('/readyz', { key })).json.parts.database.detail
    await setReadOnly('on')
    await expect.poll(detail, patient).toContain('read-only')
    expect((await app.get('/readyz', { key })).status).toBe(503)
    const refused = await app.post(like('during'), { key })
    expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '1' } })
    await setReadOnly('off')
    await expect.poll(async () => (await app.get('/readyz', { key })).status, patient).toBe(200)
    expect((await app.post(like('during'), { key })).json).toMatchObject({ accepted: 1 })
  },
)
