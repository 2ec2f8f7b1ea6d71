import { rm } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { openDatabase } from '@creatorflow/db/open'
import { sql } from '@creatorflow/db/sql'
import { createMigratedDatabase, newDataDir } from '@creatorflow/db/testing'
import { newRule } from '@creatorflow/shared/alerts/rule'
import { createRandom } from '@creatorflow/shared/simulator/random'
import { expect, onTestFinished, test } from 'vitest'
import { editions } from '../../scripts/test/backends.ts'
import { scaled } from '../../scripts/test/long-run.ts'
import { lowCtr, newsOf, placeOf } from '../src/features/alerts/test/place.ts'
import { ask, post } from './harness.ts'
import { type ServerProcess, startServer } from './server-process.ts'
import { groundOfTwoNodes, startTwoNodes } from './two-nodes.ts'

const env = { WATCH_INTERVAL_MS: '100' }

test(`[ALERT-2] of two nodes one tells it, to the screens of both; when it stops in the middle of an episode the other ends it, on ${groundOfTwoNodes}`, async () => {
  await using nodes = await startTwoNodes({ ...env, HOST: '0.0.0.0' })
  const creator = await nodes.here.newCreator()
  const [here, there] = [placeOf(nodes.here, creator), placeOf(nodes.there, creator)]
  await here.addRule(lowCtr)
  const heard = [await here.screen(), await there.screen()]
  await here.goLow()
  const [fired] = await here.untilEpisodes(1)
  const told = (of: (typeof heard)[number]) =>
    newsOf(of).flatMap(({ kind, id }) => (kind === 'alert' ? id : []))
  for (const of of heard) await expect.poll(() => told(of)).toEqual([`${fired.id}.fired`])
  const isOwner = async (app: typeof nodes.here) =>
    /watched_creators\{watch="alerts"\} [1-9]/.test((await app.get('/metrics')).text)
  const owner = (await isOwner(nodes.here)) ? nodes.here : nodes.there
  const left = owner === nodes.here ? there : here
  await owner[Symbol.asyncDispose]()
  await left.post([left.event('product_click', { id: 'back', product_id: 'p', quantity: 60 })])
  await expect
    .poll(async () => (await left.episodes())[0].ended_at, { timeout: 30_000 })
    .not.toBeNull()
  expect(await left.episodes()).toHaveLength(1)
  await expect
    .poll(() => told(heard[owner === nodes.here ? 1 : 0] ?? []))
    .toEqual([`${fired.id}.fired`, `${fired.id}.recovered`])
}, 90_000)

const KILLS = scaled(3, 20)
const key = `cf_live_alerttst_${'k'.repeat(43)}`

test.each(editions())(
  `[ALERT-2] kill -9 at ${KILLS} moments of episodes: each fires once and recovers once, on $name`,
  async ({ url }) => {
    const dataDir = await newDataDir()
    onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
    const own = url === undefined ? undefined : await createMigratedDatabase(url)
    if (own) onTestFinished(() => own.drop())
    const settings = {
      ...env,
      DATA_DIR: dataDir,
      BOOTSTRAP_CREATOR: 'shop',
      BOOTSTRAP_API_KEY: key,
      ...(own && { DATABASE_URL: own.url }),
    }
    const random = createRandom('alerts')
    let server: ServerProcess = await startServer(settings)
    onTestFinished(() => server[Symbol.asyncDispose]())
    let made = 0
    const send = async (type: string, fields: object) => {
      const event = { id: `e${++made}`, type, session_id: 'live', ...fields }
      const reply = await post(server.port, [event], { key })
      expect(reply.status, reply.text).toBe(200)
    }
    const headers = { authorization: `Bearer ${key}` }
    const episodes = async (): Promise<{ ended_at: string | null }[]> => {
      const path = '/api/v1/creators/shop/alerts/episodes?kind=alert'
      return (await ask(server.port, 'GET', path, headers)).json.episodes
    }
    // A local owner exists only with an embedded database, so the rule comes with the data.
    await send('live_started', {})
    await server.end('SIGTERM')
    {
      await using database = await openDatabase({ dataDir, databaseUrl: own?.url })
      await database.query(sql`
        insert into alert_rules (creator_id, revision, body, enabled)
        values ('shop', 100, ${JSON.stringify(newRule.parse(lowCtr))}::jsonb, true)`)
    }
    server = await startServer(settings)
    let views = 1_000
    let clicks = 10
    await send('viewer_joined', { quantity: views })
    await send('product_click', { product_id: 'p', quantity: clicks })
    const isOn = async () => (await episodes()).some(({ ended_at }) => ended_at === null)
    await expect.poll(isOn, { timeout: 40_000 }).toBe(true)
    for (let kill = 0; kill < KILLS; kill++) {
      const goesUp = kill % 2 === 0
      // From below 6% to above 10%, and back.
      if (goesUp) {
        const more = Math.ceil(views * 0.12) - clicks
        await send('product_click', { product_id: 'p', quantity: more })
        clicks += more
      } else {
        const more = Math.ceil(clicks / 0.05) - views
        await send('viewer_joined', { quantity: more })
        views += more
      }
      // Somewhere between a look, its commit, and the next one.
      await delay(random.between(0, 400))
      await server.end('SIGKILL')
      server = await startServer(settings)
      await expect.poll(isOn, { timeout: 40_000 }).toBe(!goesUp)
    }
    await server.end('SIGTERM')
    await using database = await openDatabase({ dataDir, databaseUrl: own?.url })
    const told = await database.query<{ id: string; transition: string }>(sql`
      select episode_id as id, transition from alert_outbox
      where creator_id = 'shop' and kind = 'alert' order by at, transition`)
    const all = await database.query<{ id: string; ended: boolean }>(sql`
      select id, ended_at is not null as ended from alert_episodes
      where creator_id = 'shop' and kind = 'alert' order by number`)
    expect(all).toHaveLength(Math.ceil((KILLS + 1) / 2))
    expect(told).toEqual(
      all.flatMap(({ id, ended }) => [
        { id, transition: 'fired' },
        ...(ended ? [{ id, transition: 'recovered' }] : []),
      ]),
    )
  },
  600_000,
)
