import { setTimeout as delay } from 'node:timers/promises'
import { openTestDatabase } from '@creatorflow/db/testing'
import { onTestFinished, test } from 'vitest'
import { startApp } from '../harness.ts'
import { type NetworkProxy, startProxy } from '../proxy.ts'
import { drill, type Stage } from './drill.ts'
import type { FaultScreen } from './screens.ts'
import { openScreens, roomy } from './stages.ts'

/** Every second screen reaches the server through a breakable network. */
async function place(): Promise<Stage & { network: NetworkProxy; far: readonly FaultScreen[] }> {
  const database = await openTestDatabase()
  onTestFinished(() => database[Symbol.asyncDispose]())
  const app = await startApp({ database, env: roomy })
  onTestFinished(() => app[Symbol.asyncDispose]())
  const network = await startProxy(app.url)
  onTestFinished(() => network[Symbol.asyncDispose]())
  const { id: creatorId, key } = await app.newCreator()
  const through = new URL(network.url).origin
  const screens = openScreens([app.url, through], { key, creatorId })
  return {
    creatorId,
    key,
    port: () => app.port,
    screens,
    network,
    far: screens.filter((_, n) => n % 2),
    openLog: async () => ({ ...database, [Symbol.asyncDispose]: async () => {} }),
  }
}

test('[P3][LOSS-2] screens whose connections are cut say so at once and are exact when they are back', {
  timeout: 120_000,
}, async () => {
  const stage = await place()
  await drill('embedded', stage, {
    name: 'screens cut',
    async strike(random, clock) {
      clock.struck(stage.far)
      stage.network.cut()
      await delay(random.between(100, 3_500))
      clock.back()
      stage.network.restore()
    },
  })
})

test('[P3][LOSS-2] screens whose network swallows everything say so in time, the others continue', {
  timeout: 120_000,
}, async () => {
  const stage = await place()
  await drill('embedded', stage, {
    name: 'screens black-holed',
    async strike(random, clock) {
      clock.struck(stage.far)
      stage.network.blackHole()
      await delay(random.between(2_500, 4_000))
      clock.back()
      stage.network.restore()
    },
  })
})
