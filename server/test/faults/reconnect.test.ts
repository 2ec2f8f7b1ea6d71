import { setTimeout as delay } from 'node:timers/promises'
import type { Random } from '@creatorflow/shared/simulator/random'
import { test } from 'vitest'
import { buses, editions } from '../../../scripts/test/backends.ts'
import { drill } from './drill.ts'
import { creatorId, key, openScreens, placeOneNode, prepareGround } from './stages.ts'

const timescale = editions().find(({ url }) => url !== undefined)?.url
const redis = buses().find(({ url }) => url !== undefined)?.url

test('[P3][LOSS-1] after a kill every screen returns at the same moment, and all are exact', {
  timeout: 150_000,
}, async () => {
  const { node, stage } = await placeOneNode(timescale)
  await drill(timescale ? 'timescale' : 'embedded', stage, {
    name: 'reconnect storm',
    async strike(_, clock) {
      clock.struck(stage.screens)
      await node.kill()
      for (const { socket } of stage.screens) socket.disconnect()
      await node.start()
      clock.back()
      for (const { socket } of stage.screens) socket.connect()
    },
  })
})

test.skipIf(!timescale || !redis)(
  '[P1][P2][P3][LOSS-1] with one of two nodes killed while both take events, the other continues, and both end exact',
  { timeout: 150_000 },
  async () => {
    const ground = await prepareGround(timescale)
    const env = { REDIS_URL: redis ?? '' }
    const nodes = [await ground.node(env), await ground.node(env)] as const
    await Promise.all(nodes.map((node) => node.start()))
    const screens = openScreens(
      nodes.map(({ url }) => url),
      { key, creatorId },
    )
    const stage = {
      creatorId,
      key,
      screens,
      port(random: Random) {
        const running = nodes.filter((node) => node.running)
        return running.length > 0 ? random.pick(running).port : undefined
      },
      openLog: ground.openLog,
    }
    await drill('two nodes', stage, {
      name: 'one of two nodes killed',
      async strike(random, clock, round) {
        const victim = round % 2 ? nodes[0] : nodes[1]
        clock.struck(screens.filter((_, n) => nodes[n % 2] === victim))
        await victim.kill()
        await delay(random.between(0, 500))
        await victim.start()
        clock.back()
      },
    })
  },
)
