import { hash } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  frameOf,
  signKey,
  startTikTok,
  type TikTokStandIn,
  wireMessage,
} from '../../../test/tiktok-live.ts'
import type { Connector, ConnectorConfig, Signal } from './connector.ts'
import { openTikTokLiveConnector } from './tiktok-live-connector.ts'

const room = { id: '7400000000000000001' }
let tiktok: TikTokStandIn
let connector: Connector
let config: ConnectorConfig
let stop: AbortController

beforeAll(async () => {
  tiktok = await startTikTok()
  config = {
    tiktokSignApiUrl: tiktok.env.TIKTOK_SIGN_API_URL ?? '',
    tiktokSignApiKey: signKey,
    tiktokWebUrl: tiktok.env.TIKTOK_WEB_URL ?? '',
    tiktokStaleMs: 60_000,
  }
  connector = await openTikTokLiveConnector(config)
})
afterAll(() => tiktok?.[Symbol.asyncDispose]())
afterEach(() => stop.abort())
beforeEach(() => {
  stop = new AbortController()
  tiktok.refusal = undefined
  tiktok.replay = []
  tiktok.closesAtOnce = false
  tiktok.answers = true
  tiktok.pushServer = undefined
  tiktok.rooms.clear()
  tiktok.rooms.set('mira', room)
})

const chat = (msgId: string, content = 'hello') =>
  wireMessage('WebcastChatMessage', { msgId, at: Date.now(), room: room.id, fields: { content } })

/** Connects and keeps what comes; the promise is its end. */
function connect(of: Connector = connector) {
  const signals: Signal[] = []
  const ended = (async () => {
    for await (const signal of of.connect('mira', room, { signal: stop.signal })) {
      signals.push(signal)
    }
  })()
  ended.catch(() => {})
  const messages = () =>
    signals.flatMap((signal) => (signal.kind === 'messages' ? signal.messages : []))
  return { signals, ended, messages }
}

describe('finding a room', () => {
  const find = (handle: string) => connector.findRoom(handle, { signal: stop.signal })

  test('[TIKTOK-2] finds the room of a handle on air, with title and start; null if it is not', async () => {
    tiktok.rooms.set('mira', { ...room, startTime: 1_795_000_000 })
    const found = {
      id: room.id,
      hostId: '1',
      title: 'Tea time',
      startedAt: 1_795_000_000_000,
    }
    expect(await find('mira')).toEqual(found)
    tiktok.rooms.set('mira', null)
    expect(await find('mira')).toBeNull()
    // Pages and web API are often closed to servers: the sign server knows rooms too.
    tiktok.answers = false
    expect(await find('mira')).toBeNull()
    tiktok.rooms.set('mira', room)
    expect(await find('mira')).toEqual(room)
    expect(tiktok.countsOf(room.id).signatures).toBe(0)
  })

  test('[TIKTOK-2] an unknown handle differs from a platform that does not answer', async () => {
    await expect(find('nobody')).rejects.toMatchObject({ problem: 'unknown_account' })
    tiktok.answers = false
    await expect(find('nobody')).rejects.toMatchObject({ problem: 'api_unavailable' })
  })
})

describe('a connection', () => {
  test('[TIKTOK-4] decodes real frames, zipped or not, and acknowledges them', async () => {
    const { signals, messages } = connect()
    await expect.poll(() => signals[0]?.kind).toBe('connected')
    tiktok.send(room.id, [chat('1'), chat('9007199254740993')])
    tiktok.send(room.id, [chat('3', 'zipped')], { gzip: true })
    await expect.poll(() => messages().length).toBe(3)
    expect(messages().map(({ id }) => id)).toEqual(['1', '9007199254740993', '3'])
    expect(messages()[2]).toMatchObject({
      type: 'WebcastChatMessage',
      data: { content: 'zipped', common: { msgId: '3', roomId: room.id } },
    })
    await expect.poll(() => tiktok.countsOf(room.id).acks).toBe(2)
    expect(tiktok.flaws).toEqual([])
  })

  test('[TIKTOK-4] ends on request and closes its socket', async () => {
    const { signals, ended } = connect()
    await expect.poll(() => signals.length).toBe(1)
    await expect.poll(() => tiktok.countsOf(room.id).open).toBeGreaterThan(0)
    stop.abort()
    await ended
    await expect.poll(() => tiktok.countsOf(room.id).open).toBe(0)
  })

  test('[TIKTOK-4] reports that it was lost', async () => {
    const { signals, ended } = connect()
    await expect.poll(() => signals.length).toBe(1)
    tiktok.cut(room.id)
    await expect(ended).rejects.toMatchObject({ problem: 'connection_lost' })
  })

  test('[TIKTOK-4] without a sign of life it is dropped', async () => {
    const impatient = await openTikTokLiveConnector({ ...config, tiktokStaleMs: 200 })
    const { ended } = connect(impatient)
    await expect(ended).rejects.toMatchObject({
      problem: 'connection_lost',
      message: 'no data for 0.2 s',
    })
  })

  test('[TIKTOK-4] unreadable frames, messages and unknown names are reported and harm nothing', async () => {
    const { signals, messages } = connect()
    await expect.poll(() => signals.length).toBe(1)
    // A field longer than all that follows.
    const rubbish = Buffer.from([10, 255, 255, 255, 255, 15, 7, 7])
    tiktok.sendBytes(room.id, rubbish)
    tiktok.sendBytes(room.id, new Uint8Array())
    const truncated = frameOf([chat('1')], {}).subarray(0, 40)
    tiktok.sendBytes(room.id, truncated)
    const badZip = frameOf([chat('2')], { gzip: true }).slice()
    badZip.fill(255, 40)
    tiktok.sendBytes(room.id, badZip)
    tiktok.send(room.id, [
      { method: 'WebcastGiftMessage', msgId: '4', payload: rubbish },
      { method: 'WebcastFromNextYearMessage', msgId: '5', payload: rubbish },
      { method: 'constructor', msgId: '6', payload: rubbish },
      { method: 'ControlAction', msgId: '7', payload: rubbish },
      chat('8'),
    ])
    await expect.poll(() => messages().some(({ id }) => id === '8')).toBe(true)
    const told = messages().filter(({ id }) => id !== '8')
    expect(told.map(({ type, data }) => [type, data])).toEqual([
      ['WebcastGiftMessage', undefined],
      ['WebcastFromNextYearMessage', undefined],
      ['constructor', undefined],
      ['ControlAction', undefined],
    ])
    expect(Buffer.from(told[0]?.bytes ?? []).equals(rubbish)).toBe(true)
    expect(signals.filter(({ kind }) => kind === 'unreadable').length).toBeGreaterThan(0)
  })

  test('[TIKTOK-4] an oversized frame ends the connection, not the process', async () => {
    const { signals, ended } = connect()
    await expect.poll(() => signals.length).toBe(1)
    tiktok.sendBytes(room.id, Buffer.alloc(1_000_001))
    await expect(ended).rejects.toMatchObject({ problem: 'connection_lost' })
  })

  test('[TIKTOK-4] garbage in the packet that opens the socket ends the connection, not the process', async () => {
    await using rude = await startRudeServer()
    tiktok.pushServer = rude.url
    const { ended } = connect()
    await expect(ended).rejects.toMatchObject({ problem: 'connection_lost' })
    expect(rude.answered).toBe(1)
  })
})

/** Opens each WebSocket correctly, and sends an invalid frame in the same packet. */
async function startRudeServer() {
  const self = { url: '', answered: 0, [Symbol.asyncDispose]: async () => void server.close() }
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', (bytes) => {
      const key = /sec-websocket-key: (.+)\r\n/i.exec(bytes.toString())?.[1]
      const accept = hash('sha1', `${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`, 'base64')
      const head = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`
      socket.write(`${head}Sec-WebSocket-Accept: ${accept}\r\n\r\n\xff\xff\xff\xff`, 'latin1')
      self.answered++
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  self.url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws`
  return self
}

describe('signing', () => {
  test.each([
    [429, { 'retry-after': '7' }, 'rate_limited', 7_000],
    [429, {}, 'rate_limited', undefined],
    [402, {}, 'payment_required', undefined],
    [401, {}, 'payment_required', undefined],
    [403, {}, 'payment_required', undefined],
    [500, {}, 'sign_server', undefined],
    [404, {}, 'sign_server', undefined],
  ])('[TIKTOK-2] %i with %j is %s', async (status, headers, problem, retryAfterMs) => {
    const body = JSON.stringify({ message: `no, not with ${signKey}` })
    tiktok.refusal = { status, headers, body }
    const { ended } = connect()
    const message = `${status}: no, not with …`
    await expect(ended).rejects.toMatchObject({ problem, retryAfterMs, message })
  })

  test.each([
    { status: 429, body: '<html>busy</html>' },
    { status: 402, body: '' },
    { status: 200, body: 'rubbish', headers: { 'x-set-tt-cookie': 'a=b' } },
    { status: 200, body: '', headers: { 'x-set-tt-cookie': 'a=b' } },
    { status: 200, body: '' },
  ])('[TIKTOK-2] a malformed answer does not crash: $status $body', async (refusal) => {
    tiktok.refusal = refusal
    const problems = ['rate_limited', 'payment_required', 'sign_server']
    const { ended } = connect()
    await expect(ended).rejects.toMatchObject({ problem: expect.toBeOneOf(problems) })
  })

  test('[TIKTOK-2] an unreachable sign server is reported as such', async () => {
    const nowhere = await openTikTokLiveConnector({
      ...config,
      tiktokSignApiUrl: 'http://127.0.0.1:1',
    })
    await expect(connect(nowhere).ended).rejects.toMatchObject({ problem: 'sign_server' })
  })
})
