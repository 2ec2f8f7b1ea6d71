import { setTimeout as delay } from 'node:timers/promises'
import { openTestDatabase } from '@creatorflow/db/testing'
import { expect, onTestFinished, test } from 'vitest'
import { startApp } from '../harness.ts'
import { startProxy } from '../proxy.ts'
import { drill, SCREENS } from './drill.ts'
import { type Ledger, SESSION, startLive } from './sender.ts'
import { openScreens, roomy } from './stages.ts'

/** Few, because each of them is sent megabytes. */
const COUNT = Math.min(SCREENS, 12)

test('[P3][P7][LOSS-2] when screens stop reading, the others stay exact, and so are they once they read again', {
  timeout: 150_000,
}, async () => {
  const database = await openTestDatabase()
  onTestFinished(() => database[Symbol.asyncDispose]())
  const app = await startApp({
    database,
    env: {
      ...roomy,
      SOCKET_DIRTY_BYTES: '20000',
      SOCKET_CUT_BYTES: '400000',
      SOCKET_CUT_MS: '1500',
    },
  })
  onTestFinished(() => app[Symbol.asyncDispose]())
  const { id: creatorId, key } = await app.newCreator()
  const extra: Ledger = new Map()

  // Touches every product and pin, so that all updates are large.
  async function widen(): Promise<void> {
    const long = (text: string) => text.padEnd(60, '.')
    const first = extra.size
    const clicks = Array.from({ length: 200 }, (_, n) => ({
      id: `wide-${first + n}`,
      type: 'product_click',
      session_id: SESSION,
      product_id: long(`product-${n}`),
      pin_id: long(`pin-${n}`),
      properties: { product_name: long(`name ${n}`) },
    }))
    expect((await app.post(clicks, { key })).json).toMatchObject({ accepted: clicks.length })
    for (const { id } of clicks) extra.set(id, { amount: 0 })
  }

  // Before its first event: a start that comes later moves that of the rows before it.
  await startLive({ key, port: () => app.port })
  await widen()
  const network = await startProxy(app.url)
  onTestFinished(() => network[Symbol.asyncDispose]())
  const near = openScreens([app.url], { key, creatorId }, COUNT)
  // The network buffers megabytes for a WebSocket that nobody reads; the server keeps what waits for a poll.
  const polling = openScreens(
    [new URL(network.url).origin],
    { key, creatorId, transport: 'polling' },
    COUNT / 3,
  )
  const screens = [...near, ...polling]
  const openLog = async () => ({ ...database, [Symbol.asyncDispose]: async () => {} })
  const stage = { creatorId, key, screens, extra, port: () => app.port, openLog }
  await drill('embedded', stage, {
    name: 'slow screens',
    async strike(random, clock) {
      const slow = near.filter(() => random.chance(0.3))
      clock.struck([...slow, ...polling])
      for (const screen of slow) screen.pause()
      network.blackHole()
      for (let n = 0; n < 4; n++) {
        await widen()
        await delay(random.between(500, 900))
      }
      clock.back()
      for (const screen of slow) screen.resume()
      network.restore()
    },
  })
  const { text } = await app.get('/metrics')
  expect(Number(/sockets_cut_total\{reason="slow"\} (\d+)/.exec(text)?.[1])).toBeGreaterThan(0)
})
