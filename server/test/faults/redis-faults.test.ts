import { setTimeout as delay } from 'node:timers/promises'
import { openTestDatabase } from '@creatorflow/db/testing'
import { createRandom, type Random } from '@creatorflow/shared/simulator/random'
import { Redis } from 'ioredis'
import { onTestFinished, test } from 'vitest'
import { buses, editions, hidesServices } from '../../../scripts/test/backends.ts'
import type { Bus } from '../../src/bus/bus.ts'
import { createRedisServer, redisServerInstalled } from '../../src/bus/test/redis-server.ts'
import { startApp } from '../harness.ts'
import { createFaultyBus } from '../live-bus.ts'
import { startProxy } from '../proxy.ts'
import { drill, type Stage } from './drill.ts'
import { openScreens, roomy } from './stages.ts'

const timescale = editions().find(({ url }) => url !== undefined)
const redis = buses().find(({ url }) => url !== undefined)?.url ?? ''
/** `FAULT_AWAY_S=60` by hand. */
const AWAY_MS = Number(process.env.FAULT_AWAY_S ?? 3) * 1_000

/** Two nodes on one database and one bus; events go to both in turn, and screens watch both. */
async function twoNodes(on: { redisUrl: string } | { bus: Bus }): Promise<Stage> {
  const database = await openTestDatabase('bus' in on ? { name: 'embedded' } : timescale)
  onTestFinished(() => database[Symbol.asyncDispose]())
  const nodes = [
    await startApp({ database, env: roomy, ...on }),
    await startApp({ database, env: roomy, ...on }),
  ] as const
  onTestFinished(async () => {
    for (const node of nodes) await node[Symbol.asyncDispose]()
  })
  const { id: creatorId, key } = await nodes[0].newCreator()
  const urls = nodes.map(({ url }) => url)
  return {
    creatorId,
    key,
    port: (random: Random) => random.pick(nodes).port,
    screens: openScreens(urls, { key, creatorId }),
    openLog: async () => ({ ...database, [Symbol.asyncDispose]: async () => {} }),
  }
}

/** A Redis to kill: the test's own server, else connections that break and are refused. */
async function killable() {
  if (redisServerInstalled()) {
    const server = await createRedisServer()
    onTestFinished(() => server[Symbol.asyncDispose]())
    await server.start()
    const dropListeners = async () => {
      const client = new Redis(server.url)
      await client.call('client', 'kill', 'type', 'pubsub')
      client.disconnect()
    }
    const { url, kill, start, freeze, thaw } = server
    return { on: 'own Redis', url, kill, start, freeze, thaw, dropListeners }
  }
  const network = await startProxy(redis)
  onTestFinished(() => network[Symbol.asyncDispose]())
  const { url, cut, restore, blackHole } = network
  return {
    on: 'Redis behind a network',
    url,
    kill: async () => cut(),
    start: async () => restore(),
    freeze: blackHole,
    thaw: restore,
    dropListeners: async () => {
      cut()
      restore()
    },
  }
}

test.skipIf(!timescale || !redis)(
  '[P1][P2][P3][LOSS-4] with Redis killed and restarted, events continue, and no screen misses one',
  { timeout: 120_000 },
  async () => {
    const { on, url, kill, start, dropListeners } = await killable()
    await drill(on, await twoNodes({ redisUrl: url }), {
      name: 'Redis killed',
      async strike(random, clock, round) {
        clock.struck()
        if (round % 2 === 0) await dropListeners()
        else {
          await kill()
          await delay(random.between(0, 500))
          await start()
        }
        clock.back()
      },
    })
  },
)

test.skipIf(!timescale || !redis)(
  '[P1][P2][P3][LOSS-4] with Redis away or silent for seconds, screens follow from the database',
  { timeout: 60_000 + 10 * AWAY_MS },
  async () => {
    const { on, url, kill, start, freeze, thaw } = await killable()
    await drill(on, await twoNodes({ redisUrl: url }), {
      name: 'Redis away',
      async strike(_, clock, round) {
        clock.struck()
        const isSilent = round % 2 === 0
        if (isSilent) freeze()
        else await kill()
        await delay(AWAY_MS)
        if (isSilent) thaw()
        else await start()
        clock.back()
      },
    })
  },
)

test.skipIf(hidesServices())(
  '[P2][P3][LOSS-2] with messages lost, doubled and late, even the last one, every screen becomes exact',
  {
    timeout: 120_000,
  },
  async () => {
    const faults = { lose: 0, double: 0, delay: 0 }
    const bus = createFaultyBus(createRandom('messages dropped/bus'), faults)
    onTestFinished(() => bus[Symbol.asyncDispose]())
    await drill('embedded', await twoNodes({ bus }), {
      name: 'messages dropped',
      async strike(random, clock) {
        clock.struck()
        Object.assign(faults, { lose: random.between(1, 9) / 10, double: 0.2, delay: 0.2 })
        await delay(random.between(500, 1_500))
        faults.lose = 1
        await clock.quiet()
        clock.back()
        Object.assign(faults, { lose: 0, double: 0, delay: 0 })
      },
    })
  },
)
