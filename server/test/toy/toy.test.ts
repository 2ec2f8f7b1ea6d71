import { openDatabase } from '@creatorflow/db/open'
import { sql } from '@creatorflow/db/sql'
import { tenantViewsScript } from '@creatorflow/db/tenant-views'
import { openTestDatabase } from '@creatorflow/db/testing'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { createTestDatabase, editions, hidesServices } from '../../../scripts/test/backends.ts'
import { createInProcessBus } from '../../src/bus/in-process.ts'
import { configTable } from '../../src/config.ts'
import { silentLog } from '../../src/core/log.ts'
import { createTelemetry } from '../../src/core/telemetry.ts'
import type { FeatureDeps, FeatureEntry } from '../../src/features/entry.ts'
import { gatewayFeatures } from '../../src/features/index.ts'
import { projections } from '../../src/projections/index.ts'
import type { Projection } from '../../src/projections/projection.ts'
import { ask, post, startApp, type TestApp } from '../harness.ts'
import { connect, openScreen } from '../live-client.ts'
import { sentEvents } from '../live-events.ts'
import { startServer } from '../server-process.ts'
import { groundOfTwoNodes, startTwoNodes } from '../two-nodes.ts'
import { toy, toyLives, toyTables } from './feature.ts'

// Safe: only the types are read-only.
const features = gatewayFeatures as FeatureEntry<FeatureDeps>[]
const tables = projections as Projection[]
const known = { features: features.length, tables: tables.length }
beforeAll(() => {
  features.push(toy)
  tables.push(toyLives)
})
afterAll(() => {
  features.length = known.features
  tables.length = known.tables
})

const env = { WATCH_INTERVAL_MS: '100', TOY_COMMENTS: '3' }
/** Nine kinds of events take turns, so this many include at least five comments. */
const busy = (creatorId: string, live = 'live-1') => sentEvents(creatorId, 50, live)
const alarmsOf = async (app: TestApp, creatorId: string) =>
  (await app.get(`/api/v1/creators/${creatorId}/toy-alarms`)).json?.lives
const metric = async (app: TestApp, name: string) =>
  Number(new RegExp(`^creatorflow_${name} (\\d+)`, 'm').exec((await app.get('/metrics')).text)?.[1])
const isOwner = async (app: TestApp) => (await metric(app, 'watched_creators{watch="toy"}')) > 0

test.skipIf(hidesServices())(
  '[REPO-2] a feature is one folder and one entry: its route, job, watch, variable and counter are there',
  async () => {
    const database = await openTestDatabase()
    onTestFinished(() => database[Symbol.asyncDispose]())
    await database.script(toyTables)
    await database.script(tenantViewsScript([]))
    await using app = await startApp({ database, env })
    const creator = await app.newCreator()
    expect(configTable()).toContainEqual(
      expect.objectContaining({ name: 'TOY_COMMENTS', unit: 'comments', fallback: '10' }),
    )
    expect(await alarmsOf(app, creator.id)).toEqual([])
    await app.post(busy(creator.id))
    await expect.poll(() => alarmsOf(app, creator.id), { timeout: 10_000 }).toEqual(['live-1'])
    expect(await metric(app, 'toy_alarms_total')).toBe(1)
    expect(await database.query(sql`select session_id from toy_lives`)).toEqual([
      { session_id: 'live-1' },
    ])

    const { json } = await ask(app.port, 'GET', '/api/v1/jobs', app.owner)
    expect(json.jobs).toContainEqual(expect.objectContaining({ name: 'forget-toy-alarms' }))
  },
)

test(`[REPO-2][NODE-8] one of two nodes watches, sharing a screen's follower; when it ends the other continues, on ${groundOfTwoNodes}`, async () => {
  await using nodes = await startTwoNodes(env)
  await nodes.database.script(toyTables)
  await nodes.database.script(tenantViewsScript([]))
  const both = [nodes.here, nodes.there]
  const creator = await nodes.here.newCreator()
  await nodes.here.post(busy(creator.id))
  await expect
    .poll(() => alarmsOf(nodes.there, creator.id), { timeout: 20_000 })
    .toEqual(['live-1'])
  const owners = await Promise.all(both.map(isOwner))
  expect(owners.filter(Boolean)).toHaveLength(1)
  const [owner, other] = owners[0] ? both : both.toReversed()
  if (!owner || !other) throw new Error('there are two nodes')
  expect(await metric(other, 'followed_creators')).toBe(0)

  const client = await connect(owner, creator.key)
  onTestFinished(() => client[Symbol.asyncDispose]())
  const screen = await openScreen(client, creator.id)
  expect(screen.position.seq).toBe(50)
  expect(await metric(owner, 'followed_creators')).toBe(1)
  expect(await metric(owner, 'follow_reads_total{reason="start"}')).toBe(1)

  await owner[Symbol.asyncDispose]()
  await other.post(busy(creator.id, 'live-2'))
  await expect
    .poll(() => alarmsOf(other, creator.id), { timeout: 20_000 })
    .toEqual(['live-1', 'live-2'])
  expect(await isOwner(other)).toBe(true)
  const rows = await nodes.database.query<{ node: string }>(sql`select node from toy_alarms`)
  expect(new Set(rows.map(({ node }) => node)).size).toBe(2)
}, 60_000)

test.skipIf(hidesServices()).each(['with a bus', 'without a bus'])(
  '[NODE-8] a process with only the role jobs watches events another one takes, %s between them',
  async (between) => {
    const database = await openTestDatabase()
    onTestFinished(() => database[Symbol.asyncDispose]())
    await database.script(toyTables)
    await database.script(tenantViewsScript([]))
    const bus = createInProcessBus({ log: silentLog(), telemetry: createTelemetry() })
    onTestFinished(() => bus[Symbol.asyncDispose]())
    const shared = { database, ...(between === 'with a bus' && { bus }) }
    await using door = await startApp({ ...shared, env: { ...env, ROLES: 'pipeline,gateway' } })
    await using worker = await startApp({ ...shared, env: { ...env, ROLES: 'jobs' } })
    const creator = await door.newCreator()
    await door.post(sentEvents(creator.id, 1))
    const followed = () => metric(worker, 'watched_creators{watch="toy"}')
    await expect.poll(followed, { timeout: 20_000 }).toBe(1)
    await door.post(busy(creator.id))
    await expect.poll(() => alarmsOf(door, creator.id), { timeout: 20_000 }).toEqual(['live-1'])
    expect(await metric(door, 'followed_creators')).toBe(0)
  },
  60_000,
)

const server = editions().find(({ name }) => name === 'timescale')

test.skipIf(!server)(
  '[NODE-8] a killed owner is replaced by another process',
  async () => {
    const own = await createTestDatabase(server?.url ?? '')
    onTestFinished(() => own.drop())
    const key = `cf_live_toytest1_${'t'.repeat(43)}`
    const given = {
      ...env,
      DATA_DIR: '/nowhere',
      DATABASE_URL: own.url,
      SECRET_KEY: Buffer.alloc(32, 1).toString('base64'),
      BOOTSTRAP_CREATOR: 'shop',
      BOOTSTRAP_API_KEY: key,
    }
    await using here = await startServer(given, '../test/toy/process')
    await using database = await openDatabase({ databaseUrl: own.url, dataDir: '' })
    await database.script(toyTables)
    await using there = await startServer(given, '../test/toy/process')
    const alarms = async () =>
      (
        await database.query<{ session_id: string }>(
          sql`select session_id from toy_alarms order by 1`,
        )
      ).map(({ session_id }) => session_id)
    const watches = async ({ port }: { readonly port: number }) =>
      / 1$/m.test(
        /^creatorflow_watched_creators.*$/m.exec((await ask(port, 'GET', '/metrics')).text)?.[0] ??
          '',
      )

    await post(here.port, busy('shop'), { key })
    await expect.poll(alarms, { timeout: 20_000 }).toEqual(['live-1'])
    const [owner, other] = (await watches(here)) ? [here, there] : [there, here]
    expect(await watches(other)).toBe(false)
    await owner.end('SIGKILL')
    await post(other.port, busy('shop', 'live-2'), { key })
    await expect.poll(alarms, { timeout: 30_000 }).toEqual(['live-1', 'live-2'])
    expect(await watches(other)).toBe(true)
  },
  120_000,
)
