import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import type { Result } from '@creatorflow/shared/errors'
import { PROTOCOL_VERSION } from '@creatorflow/shared/socket'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startApp, type TestApp } from '../../test/harness.ts'
import { answerOf, codeOf, connect, refusal } from '../../test/live-client.ts'
import { sentEvents } from '../../test/live-events.ts'
import { createScreen, isExact } from '../../test/live-screen.ts'
import { createApiKey } from '../identity/access/api-keys.ts'

async function stateOf(app: TestApp, creatorId: string) {
  const { json } = await app.get(`/api/v1/creators/${creatorId}/live`)
  return json
}

describe('gateway', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await startApp({ env: { MAX_SOCKETS_PER_IP: '40', MAX_WATCHES_PER_SOCKET: '2' } })
  })
  afterAll(() => app[Symbol.asyncDispose]())

  test('[SCREEN-3] a watch gets a snapshot, then updates at the configured pace, and heads', async () => {
    const creator = await app.newCreator()
    await app.post(sentEvents(creator.id, 50))
    await using client = await connect(app, creator.key)
    const reply = answerOf(await client.watch({ creator_id: creator.id }))
    if (reply.recovered) throw new Error('nothing was there to recover')
    expect(reply).toMatchObject({ seq: 50, creator: { id: creator.id, currency: 'USD' } })
    expect(reply.snapshot.whole).toBe('live-1')
    const screen = createScreen()
    screen.answer(reply)

    const startedAt = performance.now()
    for (let i = 0; i < 30; i++) await app.post(sentEvents(creator.id, 5))
    const ms = performance.now() - startedAt
    await expect.poll(() => client.updates.at(-1)?.to).toBe(200)
    expect(client.updates.length).toBeLessThanOrEqual(ms / 100 + 4)
    for (const update of client.updates) expect(screen.update(update)).toBe(true)
    const { state } = await stateOf(app, creator.id)
    expect(isExact(screen, state)).toBe(true)

    client.heads.length = 0
    await expect.poll(() => client.heads.length).toBeGreaterThanOrEqual(4)
    const beatMs = ((client.heads[3]?.at ?? 0) - (client.heads[0]?.at ?? 0)) / 3
    expect(beatMs).toBeGreaterThan(400)
    expect(client.heads.at(-1)).toMatchObject({ creator_id: creator.id, seq: 200 })
  })

  test('[SCREEN-3] a returning screen gets the difference; another epoch or a position ahead gets a snapshot', async () => {
    const creator = await app.newCreator()
    const creator_id = creator.id
    await app.post(sentEvents(creator_id, 20))
    const screen = createScreen()
    {
      await using first = await connect(app, creator.key)
      screen.answer(answerOf(await first.watch({ creator_id })))
    }
    await app.post(sentEvents(creator_id, 20))
    await using client = await connect(app, creator.key)
    const since = screen.position
    const resumed = answerOf(await client.watch({ creator_id, since }))
    expect(resumed).toMatchObject({ recovered: true, seq: 40 })
    screen.answer(resumed)
    expect(isExact(screen, (await stateOf(app, creator_id)).state)).toBe(true)

    for (const other of [
      { epoch: `${since.epoch}1`, seq: since.seq },
      { epoch: since.epoch, seq: 41 },
    ]) {
      const reply = answerOf(await client.watch({ creator_id, since: other }))
      expect(reply).toMatchObject({ recovered: false, snapshot: { seq: 40 } })
    }
  })

  test('[SCREEN-3] an answer includes changes that no update has sent yet', async () => {
    const creator = await app.newCreator()
    const creator_id = creator.id
    await using watcher = await connect(app, creator.key)
    await watcher.watch({ creator_id })
    const screen = createScreen()
    screen.answer(answerOf(await watcher.watch({ creator_id })))
    for (let i = 0; i < 15; i++) {
      await app.post(sentEvents(creator_id, 3))
      // Usually between the commit and the next update.
      screen.answer(answerOf(await watcher.watch({ creator_id, since: screen.position })))
      expect(screen.position.seq).toBe((i + 1) * 3)
      expect(isExact(screen, (await stateOf(app, creator_id)).state)).toBe(true)
    }
  })

  test('[SCREEN-3] a LIVE not in the state is not_live, and an earlier watch stays', async () => {
    const creator = await app.newCreator()
    const creator_id = creator.id
    await app.post(sentEvents(creator_id, 5))
    await using client = await connect(app, creator.key)
    expect(codeOf(await client.watch({ creator_id, session_id: 'live-9' }))).toBe('not_live')
    await app.post(sentEvents(creator_id, 5))
    await new Promise((done) => setTimeout(done, 300))
    expect(client.updates).toEqual([])
    expect(codeOf(await client.watch({ creator_id, session_id: 'live-1' }))).toBe('ok')
    expect(codeOf(await client.watch({ creator_id, session_id: 'live-9' }))).toBe('not_live')
    await app.post(sentEvents(creator_id, 5))
    await expect.poll(() => client.updates.length).toBeGreaterThan(0)
  })

  test('[SCREEN-4] nobody is admitted without a key that may read, or with another protocol', async () => {
    const creator = await app.newCreator()
    const proxied = { extraHeaders: { 'x-forwarded-for': '203.0.113.9' } }
    expect(await refusal(app, undefined, proxied)).toBe('unauthorized')
    expect(await refusal(app, 'cf_live_nobody_nothing')).toBe('unauthorized')
    for (const protocol of [PROTOCOL_VERSION + 1, null, '1']) {
      const auth = { protocol, token: creator.key }
      expect(await refusal(app, creator.key, { auth })).toBe('invalid_input')
    }
    const { key } = await createApiKey(app.database, {
      name: 'write only',
      creatorId: creator.id,
      scopes: ['ingest:write'],
    })
    await using client = await connect(app, key)
    expect(codeOf(await client.watch({ creator_id: creator.id }))).toBe('forbidden')
  })

  test('[SCREEN-4] a program that names no protocol speaks the current one', async () => {
    const creator = await app.newCreator()
    await using client = await connect(app, creator.key, { auth: { token: creator.key } })
    expect(codeOf(await client.watch({ creator_id: creator.id }))).toBe('ok')
  })

  test("[SCREEN-4] only the screens' namespace can be joined", async () => {
    const creator = await app.newCreator()
    await using client = await connect(app, creator.key)
    const other = client.socket.io.socket('/')
    const [error] = await new Promise<[Error]>((done) =>
      other.connect().once('connect_error', (e) => done([e])),
    )
    expect(error.message).toBe('not_found')
  })

  test('[P5][SCREEN-4] a key of one creator watches no other', async () => {
    const [one, two] = [await app.newCreator(), await app.newCreator()]
    await using client = await connect(app, one.key)
    expect(codeOf(await client.watch({ creator_id: two.id }))).toBe('forbidden')
    expect(codeOf(await client.watch({ creator_id: 'not-there' }))).toBe('forbidden')
    await using master = await connect(app, app.masterKey)
    expect(codeOf(await master.watch({ creator_id: 'not-there' }))).toBe('not_found')
  })

  test('[P7][SCREEN-4] whatever a client sends, it gets an answer and the process continues', async () => {
    const creator = await app.newCreator()
    const inputs: unknown[] = [
      null,
      undefined,
      7,
      'text',
      [],
      {},
      { creator_id: 7 },
      { creator_id: '../x' },
      JSON.parse('{"creator_id":"a","__proto__":{"isAdmin":true}}'),
      { creator_id: creator.id, more: 1 },
      { creator_id: creator.id, session_id: '' },
      { creator_id: creator.id, since: { epoch: 'x'.repeat(500), seq: 0 } },
      { creator_id: creator.id, since: { epoch: 'x', seq: -1 } },
      { creator_id: creator.id, since: { epoch: 'x', seq: 1.5 } },
    ]
    await using client = await connect(app, creator.key)
    const raw = client.socket as unknown as {
      emit(...args: unknown[]): void
      timeout(ms: number): { emitWithAck(...args: unknown[]): Promise<Result<unknown>> }
    }
    for (const input of inputs) {
      expect(codeOf(await raw.timeout(2_000).emitWithAck('watch', input))).toBe('invalid_input')
    }
    for (const name of ['constructor', '__proto__', 'subscribe']) {
      expect(codeOf(await raw.timeout(2_000).emitWithAck(name, {}))).toBe('invalid_input')
    }
    expect(Object.hasOwn(Object.prototype, 'isAdmin')).toBe(false)
    await using second = await connect(app, creator.key)
    const silent = second.socket as unknown as { emit(...args: unknown[]): void }
    silent.emit('watch', null)
    silent.emit('watch')
    silent.emit('unwatch', { creator_id: creator.id })
    silent.emit('watch', { creator_id: creator.id }, 'not a function')
    expect(codeOf(await second.watch({ creator_id: creator.id }))).toBe('ok')
  })

  test('[P6][SCREEN-4] a socket watches at most the configured number of creators', async () => {
    const ids = [await app.newCreator(), await app.newCreator(), await app.newCreator()]
    await using client = await connect(app, app.masterKey)
    const watch = (n: number) => client.watch({ creator_id: ids[n]?.id ?? '' })
    expect([codeOf(await watch(0)), codeOf(await watch(1)), codeOf(await watch(1))]).toEqual([
      'ok',
      'ok',
      'ok',
    ])
    expect(codeOf(await watch(2))).toBe('too_many')
    await client.socket.emitWithAck('unwatch', { creator_id: ids[0]?.id ?? '' })
    expect(codeOf(await watch(2))).toBe('ok')
    await app.post(sentEvents(ids[0]?.id ?? '', 5))
    await app.post(sentEvents(ids[2]?.id ?? '', 5))
    await expect.poll(() => client.updates.length).toBeGreaterThan(0)
    expect(client.updates.every(({ creator_id }) => creator_id === ids[2]?.id)).toBe(true)
  })

  test.each(['watch', 'no such request'])(
    '[P6][SCREEN-4] a flood of requests is refused, then cut: %s',
    async (name) => {
      const creator = await app.newCreator()
      await using client = await connect(app, creator.key)
      const raw = client.socket as unknown as { emit(...args: unknown[]): void }
      const codes: string[] = []
      for (let i = 0; i < 500; i++) {
        raw.emit(name, { creator_id: creator.id }, (result: Result<unknown>) =>
          codes.push(codeOf(result)),
        )
      }
      await expect.poll(() => client.disconnects).toEqual(['io server disconnect'])
      expect(client.statuses).toMatchObject([{ code: 'too_many', retry: true }])
      expect(codes.length).toBeLessThan(30)
    },
  )

  test.each(['websocket', 'polling'])(
    '[SCREEN-4] a page from another site is refused first: %s',
    async (transport) => {
      const creator = await app.newCreator()
      const from = (origin: string) => ({
        transports: [transport as 'polling'],
        extraHeaders: { origin },
      })
      expect(await refusal(app, creator.key, from('https://evil.example'))).toMatch(
        /websocket error|xhr poll error/,
      )
      expect(await refusal(app, creator.key, from('null'))).toMatch(/error/)
      expect(await refusal(app, creator.key, from(app.url))).toBe('let in')
    },
  )

  test('[P6][SCREEN-4] an address opens at most the configured number of sockets, not counting closed ones', async () => {
    const creator = await app.newCreator()
    const clients = []
    for (let i = 0; i < 40; i++) {
      try {
        clients.push(await connect(app, creator.key))
      } catch {
        break
      }
    }
    expect(clients.length).toBeGreaterThan(30)
    expect(await refusal(app, creator.key)).toMatch(/error/)
    for (const client of clients) await client[Symbol.asyncDispose]()
    await expect.poll(() => refusal(app, creator.key)).toBe('let in')
  })

  test('[P6][SCREEN-4] an oversized frame or invalid bytes close only that connection', async () => {
    const creator = await app.newCreator()
    await using client = await connect(app, creator.key)
    await using big = await connect(app, creator.key)
    big.socket.emit('watch', { creator_id: 'x'.repeat(20_000) }, () => {})
    await expect.poll(() => big.disconnects.length).toBe(1)
    const tcp = connectTcp(app.port, '127.0.0.1')
    tcp.on('error', () => {}).resume()
    tcp.end('\u0000\u0001 nonsense\r\n\r\n')
    await once(tcp, 'close')
    expect(codeOf(await client.watch({ creator_id: creator.id }))).toBe('ok')
  })
})
