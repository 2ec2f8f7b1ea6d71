import { setTimeout as delay } from 'node:timers/promises'
import { test } from 'vitest'
import { editions } from '../../../scripts/test/backends.ts'
import { drill } from './drill.ts'
import { placeOneNode } from './stages.ts'

test.each(editions())(
  '[P1][P2][P3][LOSS-1] on $name, a server killed under load with screens watching is exact after its restart',
  { timeout: 150_000 },
  async ({ name, url }) => {
    const { node, stage } = await placeOneNode(url)
    await drill(name, stage, {
      name: 'server killed',
      async strike(random, clock) {
        clock.struck(stage.screens)
        await node.kill()
        await delay(random.between(0, 500))
        await node.start()
        clock.back()
      },
    })
  },
)
