import { expect, test } from 'vitest'
import { startApp } from '../../test/harness.ts'
import { connect, openScreen, refusal, stopReading } from '../../test/live-client.ts'
import { sentEvents } from '../../test/live-events.ts'
import { isExact } from '../../test/live-screen.ts'
import type { LiveSocket } from './live-socket.ts'
import { createSlowReaders } from './slow-readers.ts'

test('[P6][P7][LOSS-2] a screen that does not read is skipped, then cut, and harms no other', async () => {
  await using app = await startApp({
    env: {
      SOCKET_DIRTY_BYTES: '20000',
      SOCKET_CUT_BYTES: '400000',
      SOCKET_CUT_MS: '1500',
      COALESCE_INTERVAL_MS: '20',
      MAX_SOCKETS: '2',
    },
  })
  const creator = await app.newCreator()
  // A list of marks is sent whole, so every answer is large: a network buffers megabytes.
  const long = (text: string) => text.padEnd(60, '.')
  const pins = (count: number) =>
    sentEvents(creator.id, count).map((event, i) => ({
      ...event,
      id: long(event.id),
      type: 'product_pinned',
      product_id: long(`product-${i}`),
      properties: { product_name: long(`name of ${event.id}`) },
    }))
  await app.post(pins(500))
  await using good = await connect(app, creator.key)
  const screen = await openScreen(good, creator.id)
  await using slow = await connect(app, creator.key)
  stopReading(slow)
  for (let i = 0; i < 18; i++) slow.socket.emit('watch', { creator_id: creator.id }, () => {})
  const metric = async () =>
    Number(/sockets_cut_total\{reason="slow"\} (\d+)/.exec((await app.get('/metrics')).text)?.[1])
  // Megabytes: the network buffers some. How long that takes depends on the machine.
  for (let rounds = 0; (await metric()) !== 1; rounds++) {
    expect(rounds).toBeLessThan(1_000)
    await app.post(pins(4))
  }
  const sockets = /creatorflow_sockets (\d+)/.exec((await app.get('/metrics')).text)?.[1]
  expect(sockets).toBe('1')
  // Its connection is gone too, though it never read the goodbye.
  await expect.poll(() => refusal(app, creator.key), { timeout: 4_000 }).toBe('let in')
  const last = (await app.post(sentEvents(creator.id, 1))).json.accepted
  expect(last).toBe(1)
  await expect
    .poll(
      async () =>
        isExact(screen, (await app.get(`/api/v1/creators/${creator.id}/live`)).json.state),
      { timeout: 5_000 },
    )
    .toBe(true)
  expect(good.disconnects).toEqual([])
}, 180_000)

test('[LOSS-2] a slow screen is told once each time it is skipped, and always before it is cut', () => {
  const said: string[] = []
  const config = { socketDirtyBytes: 100, socketCutBytes: 1_000, socketCutMs: 60_000 }
  const readers = createSlowReaders(config, {
    warn: () => void said.push('warned'),
    cut: () => void said.push('cut'),
  })
  const webSocket = { bufferedAmount: 0 }
  // Safe: nothing else of a socket is used.
  const socket = {
    conn: { transport: { socket: webSocket }, writeBuffer: [] },
    join: () => void said.push('left out'),
    leave: () => void said.push('back'),
  } as unknown as LiveSocket
  const check = (unread: number) => {
    webSocket.bufferedAmount = unread
    readers.check([socket])
    return said.splice(0)
  }
  expect(check(100)).toEqual([])
  expect(check(101)).toEqual(['left out', 'warned'])
  expect(check(500)).toEqual([])
  expect(check(0)).toEqual(['back'])
  expect(check(101)).toEqual(['left out', 'warned'])
  expect(check(0)).toEqual(['back'])
  expect(check(1_001)).toEqual(['left out', 'warned', 'cut'])
})
