import { sql } from '@creatorflow/db/sql'
import { openTestDatabase } from '@creatorflow/db/testing'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startApp, type TestApp } from '../../../test/harness.ts'
import { observedDatabase } from '../../../test/observed-database.ts'
import {
  addLive,
  build,
  startTikTok,
  type TikTokStandIn,
  type Viewer,
  type WireMessage,
  wireMessage,
} from '../../../test/tiktok-live.ts'
import type { SourceHealthRow } from '../runtime/store.ts'

const ann: Viewer = { id: '7310000000000000001', handle: 'ann' }
const bob: Viewer = { id: '7310000000000000003', handle: 'bob' }

let tiktok: TikTokStandIn
let app: TestApp
/** Above 2^53, so one that becomes a number is another one. */
let ids = 7_500_000_000_000_000_001n

beforeAll(async () => {
  tiktok = await startTikTok()
  app = await startApp({
    env: { ...tiktok.env, TIKTOK_CONNECTS_PER_HOUR: '4', TIKTOK_SILENCE_MS: '3000' },
  })
})
afterEach(async () => {
  await app.database.query(sql`delete from sources`)
  tiktok.rooms.clear()
  tiktok.replay = []
  tiktok.refusal = undefined
  tiktok.closesAtOnce = false
  expect(tiktok.flaws).toEqual([])
})
afterAll(async () => {
  await app?.[Symbol.asyncDispose]()
  await tiktok?.[Symbol.asyncDispose]()
})

/** A handle with its own source, and a room to go live in. */
async function watched(on: TestApp = app) {
  const creator = await on.newCreator()
  const handle = `host_${ids++}`
  const room = String(ids++)
  await addLive(on.database, creator.id, handle)
  const source = async () => {
    const [row] = await on.database.query<SourceHealthRow & { cursor: unknown }>(
      sql`select * from sources where creator_id = ${creator.id}`,
    )
    return row
  }
  const lifeOf = async (id: string) =>
    (await on.get(`/api/v1/creators/${creator.id}/lives/${id}`)).json?.live
  return {
    handle,
    room,
    creator,
    source,
    state: async () => (await source())?.state,
    problem: async () => (await source())?.problem,
    goLive: (id = room) => void tiktok.rooms.set(handle, { id }),
    goOffline: () => void tiktok.rooms.set(handle, null),
    live: () => lifeOf(room),
    totals: async () => (await lifeOf(room))?.totals,
    totalsOf: async (id: string) => (await lifeOf(id))?.totals,
    events: (type: string) =>
      on.database.query<{ id: string; ts: Date; session_id: string; quantity: number | null }>(
        sql`select id, ts, session_id, quantity from events
          where creator_id = ${creator.id} and type = ${type} order by seq`,
      ),
  }
}

type Watched = Awaited<ReturnType<typeof watched>>

function messageIn({ room }: Pick<Watched, 'room'>) {
  return (name: Parameters<typeof wireMessage>[0], fields: object, by?: Viewer): WireMessage =>
    wireMessage(name, {
      msgId: String(ids++),
      at: Date.now(),
      room,
      fields,
      ...(by && { by }),
    })
}

const rose = () => build('Gift', { id: '5655', name: 'Petal', type: 1, diamondCount: 3 })

describe('a LIVE', () => {
  test('[TIKTOK-1] a handle that goes on air is followed and counted exactly', async () => {
    const host = await watched()
    host.goOffline()
    await expect.poll(host.state).toBe('waiting')
    host.goLive()
    await expect.poll(host.state).toBe('receiving')
    const message = messageIn(host)
    const streak = (repeatCount: number, repeatEnd = 0) =>
      message(
        'WebcastGiftMessage',
        { giftId: '5655', groupId: '1790000000001', repeatCount, repeatEnd, gift: rose() },
        ann,
      )
    const all = [
      message('WebcastRoomUserSeqMessage', { total: '41', totalUser: '900' }),
      message('WebcastMemberMessage', { action: 1 }, ann),
      message('WebcastMemberMessage', { action: 1 }, bob),
      message('WebcastChatMessage', { content: 'is it lined?' }, ann),
      message('WebcastEmoteChatMessage', {}, bob),
      message('WebcastQuestionNewMessage', {
        data: build('Question', { content: 'how long?', user: build('User', { id: bob.id }) }),
      }),
      message('WebcastLikeMessage', { count: 5, total: '100' }, ann),
      // A shard that is behind.
      message('WebcastLikeMessage', { count: 3, total: '90' }, bob),
      message('WebcastLikeMessage', { count: 5, total: '115' }, ann),
      streak(2),
      streak(4),
      streak(7),
      streak(7, 1),
      message('WebcastSocialMessage', { action: '1' }, bob),
      message('WebcastSocialMessage', { action: '3' }, bob),
      message('WebcastSubNotifyMessage', {}, ann),
      message('WebcastOecLiveShoppingMessage', {
        popProduct: build('PopProduct', { productId: '1729000000000000001', title: 'Scarf' }),
      }),
    ]
    tiktok.send(host.room, all, { gzip: true })
    await expect.poll(host.totals).toMatchObject({
      comments: 3,
      likes: 115,
      diamonds: 21,
      views: 2,
      viewers: 2,
      total_users: 900,
    })
    expect(await host.totals()).toMatchObject({ follows: 1, shares: 1, subscriptions: 1 })
    expect(await host.live()).toMatchObject({ title: 'Tea time', inferred: false })
    expect((await host.events('product_pinned')).length).toBe(1)
    // Every message again: nothing is counted twice.
    const before = await host.totals()
    tiktok.send(host.room, [...all, message('WebcastChatMessage', { content: 'bye' }, bob)])
    await expect.poll(host.totals).toEqual({ ...before, comments: 4 })
    await expect.poll(async () => Number((await host.source())?.messages)).toBe(2 * all.length + 1)
  })

  test('[TIKTOK-1] a dead socket is replaced: one gap, and repeated messages count once', async () => {
    const host = await watched()
    host.goLive()
    await expect.poll(host.state).toBe('receiving')
    const message = messageIn(host)
    const seen = [
      message('WebcastChatMessage', { content: 'one' }, ann),
      message('WebcastLikeMessage', { count: 9, total: '9' }, ann),
    ]
    tiktok.send(host.room, seen)
    await expect.poll(host.totals).toMatchObject({ comments: 1, likes: 9 })
    const missed = message('WebcastChatMessage', { content: 'two' }, bob)
    tiktok.replay = [...seen, missed]
    tiktok.cut(host.room)
    await expect.poll(() => tiktok.countsOf(host.room).entered).toBe(2)
    tiktok.send(host.room, [message('WebcastLikeMessage', { count: 1, total: '30' }, bob)])
    await expect.poll(host.totals).toMatchObject({ comments: 2, likes: 30 })
    const gaps = await host.events('source_gap')
    expect(gaps).toMatchObject([
      { session_id: host.room, quantity: expect.toSatisfy((ms) => ms > 0) },
    ])
    expect((await host.live()).marks).toHaveLength(1)
    expect((await host.events('live_started')).length).toBe(1)
  })

  test('[TIKTOK-3] pauses, resumes and ends with its host', async () => {
    const host = await watched()
    host.goLive()
    await expect.poll(host.state).toBe('receiving')
    const control = (action: number) => [messageIn(host)('WebcastControlMessage', { action })]
    tiktok.send(host.room, control(1))
    await expect.poll(host.state).toBe('paused')
    tiktok.send(host.room, control(2))
    await expect.poll(host.state).toBe('receiving')
    host.goOffline()
    tiktok.send(host.room, [
      ...control(3),
      // In the same frame, after the message that ends it.
      messageIn(host)('WebcastChatMessage', { content: 'last word' }, ann),
    ])
    await expect.poll(host.state).toBe('waiting')
    const live = await host.live()
    expect(live.pauses).toHaveLength(2)
    expect(live.ended_at).not.toBeNull()
    expect(live.totals).toMatchObject({ comments: 1 })
    expect((await host.events('live_ended')).length).toBe(1)
    expect(tiktok.countsOf(host.room).open).toBe(0)
  })

  test('[TIKTOK-3] without an end message it ends after the silence, at its last activity', async () => {
    const host = await watched()
    host.goLive()
    await expect.poll(host.state).toBe('receiving')
    tiktok.send(host.room, [messageIn(host)('WebcastChatMessage', { content: 'hi' }, ann)])
    await expect.poll(host.totals).toMatchObject({ comments: 1 })
    host.goOffline()
    await expect.poll(() => host.events('live_ended')).toHaveLength(1)
    const [ended] = await host.events('live_ended')
    const [comment] = await host.events('comment')
    expect(ended?.id).toBe(`tiktok:${host.room}:ended`)
    expect(Number(ended?.ts) - Number(comment?.ts)).toBeLessThan(3_000)
    await expect.poll(host.state).toBe('waiting')
    expect(tiktok.countsOf(host.room).open).toBe(0)
  })

  test('[TIKTOK-3] another room is another LIVE', async () => {
    const host = await watched()
    host.goLive()
    await expect.poll(host.state).toBe('receiving')
    const next = { ...host, room: String(ids++) }
    host.goLive(next.room)
    tiktok.cut(host.room)
    await expect.poll(() => tiktok.countsOf(next.room).entered).toBe(1)
    tiktok.send(next.room, [messageIn(next)('WebcastChatMessage', { content: 'again' }, ann)])
    await expect.poll(() => host.totalsOf(next.room)).toMatchObject({ comments: 1 })
    expect((await host.live()).ended_at).not.toBeNull()
    expect((await host.events('live_started')).map(({ session_id }) => session_id)).toEqual([
      host.room,
      next.room,
    ])
  })
})

describe('what goes wrong', () => {
  test('[TIKTOK-1] a socket that closes at once is retried only within the budget, and the page says so', async () => {
    const host = await watched()
    tiktok.closesAtOnce = true
    host.goLive()
    await expect.poll(host.problem, { timeout: 30_000 }).toBe('connect_budget')
    expect(await host.state()).toBe('retrying')
    expect(tiktok.countsOf(host.room)).toMatchObject({ signatures: 4, entered: 4 })
    const retryIn = Number((await host.source())?.retry_at) - Date.now()
    expect(retryIn).toBeGreaterThan(3_000_000)
    // The next holder has no new budget.
    await app.database.query(sql`update sources set version = version + 1`)
    await expect.poll(host.problem).toBe('connect_budget')
    expect(tiktok.countsOf(host.room).signatures).toBe(4)
  })

  test('[TIKTOK-4] garbage is counted by name and kept as received, and valid messages next to it count', async () => {
    const host = await watched()
    host.goLive()
    await expect.poll(host.state).toBe('receiving')
    const rubbish = Buffer.from([10, 255, 255, 255, 255, 15, 7, 7])
    tiktok.sendBytes(host.room, rubbish)
    tiktok.send(host.room, [
      { method: 'WebcastChatMessage', msgId: '11', payload: rubbish },
      { method: 'WebcastFromNextYearMessage', msgId: '12', payload: rubbish },
      messageIn(host)('WebcastGiftMessage', { giftId: '1' }, ann),
      messageIn(host)('WebcastLinkMicBattle', {}),
      messageIn(host)('WebcastChatMessage', { content: 'fine' }, ann),
    ])
    await expect.poll(host.totals).toMatchObject({ comments: 1 })
    await expect
      .poll(async () => (await host.source())?.unknown)
      .toEqual({
        'unreadable frame': 1,
        'WebcastChatMessage: could not be decoded': 1,
        WebcastFromNextYearMessage: 1,
        'WebcastGiftMessage: no gift value': 1,
      })
    const letters = await app.database.query<{ topic: string; raw: Uint8Array }>(sql`
      select topic, raw from dead_letters where creator_id = ${host.creator.id} order by topic`)
    expect(letters.map(({ topic }) => topic)).toEqual([
      'WebcastChatMessage',
      'WebcastFromNextYearMessage',
      'WebcastGiftMessage',
    ])
    expect(JSON.parse(Buffer.from(letters[1]?.raw ?? []).toString())).toMatchObject({
      id: '12',
      room: host.room,
      bytes: rubbish.toString('base64'),
    })
  })

  test('[TIKTOK-2] an unknown handle needs attention; once it exists it is followed', async () => {
    const host = await watched()
    await expect.poll(host.state).toBe('needs_you')
    expect(await host.problem()).toBe('unknown_account')
  })

  test.each([
    [{ status: 429, headers: { 'retry-after': '600' } }, 'retrying', 'rate_limited'],
    [{ status: 402, body: '{"message":"a plan, please"}' }, 'needs_you', 'payment_required'],
    [{ status: 500 }, 'retrying', 'sign_server'],
  ] as const)(
    '[TIKTOK-2] a sign server that answers %j: %s, %s',
    async (refusal, state, problem) => {
      const host = await watched()
      tiktok.refusal = refusal
      host.goLive()
      await expect.poll(host.problem).toBe(problem)
      expect(await host.state()).toBe(state)
      if (problem !== 'sign_server') return
      tiktok.refusal = undefined
      await expect.poll(host.state).toBe('receiving')
    },
  )
})

describe('two nodes', () => {
  test.each(['stops', 'loses its database'])(
    '[TIKTOK-1] one node holds the connection; when it %s the other continues, with one gap',
    async (how) => {
      await using stack = new AsyncDisposableStack()
      const database = stack.use(await openTestDatabase({ name: 'embedded' }))
      const env = { ...tiktok.env, TIKTOK_SILENCE_MS: '60000' }
      let isAway = false
      const before = () => {
        if (isAway) throw Object.assign(new Error('away'), { code: 'ECONNREFUSED' })
      }
      const one = stack.use(
        await startApp({ database, env, wrap: (inner) => observedDatabase(inner, { before }) }),
      )
      const host = await watched(one)
      host.goLive()
      await expect.poll(host.state).toBe('receiving')
      const two = stack.use(await startApp({ database, env }))
      const message = messageIn(host)
      const first = message('WebcastLikeMessage', { count: 4, total: '4' }, ann)
      tiktok.send(host.room, [first])
      await expect.poll(host.totals).toMatchObject({ likes: 4 })
      expect(tiktok.countsOf(host.room)).toMatchObject({ signatures: 1, open: 1 })
      tiktok.replay = [first]
      stack.defer(() => {
        isAway = false
      })
      if (how === 'stops') await one[Symbol.asyncDispose]()
      else isAway = true
      await expect.poll(() => tiktok.countsOf(host.room).entered, { timeout: 40_000 }).toBe(2)
      await expect.poll(() => tiktok.countsOf(host.room).open).toBe(1)
      tiktok.send(host.room, [message('WebcastLikeMessage', { count: 2, total: '9' }, bob)])
      const totals = async () =>
        (await two.get(`/api/v1/creators/${host.creator.id}/lives/${host.room}`)).json?.live?.totals
      await expect.poll(totals).toMatchObject({ likes: 9 })
      expect((await host.events('source_gap')).length).toBe(1)
      expect((await host.events('live_started')).length).toBe(1)
    },
  )
})
