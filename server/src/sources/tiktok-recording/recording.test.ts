import fc from 'fast-check'
import { expect, test } from 'vitest'
import { startApp } from '../../../test/harness.ts'
import { fileOf, run } from '../../import/test/run.ts'
import type { RecordedEvent, RecordedMessage } from './normalise.ts'
import { openRecording } from './read-recording.ts'
import type { RoomSummary } from './summarise.ts'

const at = Date.UTC(2026, 2, 1, 18)

/** Two LIVEs and events without one, with every known defect of recordings. */
function evening(): RecordedMessage[] {
  let n = 7_100_000_000_000_000_000n
  const message = (type: string, room: string | null, seconds: number, fields: object = {}) => ({
    type: `Webcast${type}`,
    host: 'u_host',
    captured_at: '2026-03-01T19:10:00.123456700',
    msg_id: String(++n),
    room,
    create_time_ms: String(at + seconds * 1_000),
    user: 'u_ann',
    ...fields,
  })
  const petal = { gift_id: '1', gift_name: 'Petal', gift_type: 1, diamond_count: 2, repeat_end: 0 }
  const crown = {
    gift_id: '2',
    gift_type: 4,
    diamond_count: '100',
    repeat_count: 1,
    group_id: null,
  }
  const messages = [
    message('LikeMessage', 'u_a', 10, { count: 15, total: '1200' }),
    // A stale shard: the total runs backwards, and its maximum is in another place than before.
    message('LikeMessage', 'u_a', 30, { count: 3, total: 900 }),
    message('LikeMessage', 'u_a', 20, { count: 9, total: 1500 }),
    message('LikeMessage', 'u_b', 20, { count: 1, total: 7 }),
    message('RoomUserSeqMessage', 'u_a', 5, { user: null, viewers: '310', total_user: 900 }),
    message('RoomUserSeqMessage', 'u_a', 6, { user: null, viewers: 250, total_user: '910' }),
    message('RoomUserSeqMessage', 'u_b', 6, { user: null, viewers: 12, total_user: 20 }),
    // First seen in the middle, never ended, and its counts out of order: 7 × 2.
    message('GiftMessage', 'u_a', 12, { ...petal, group_id: 'g1', repeat_count: 7 }),
    message('GiftMessage', 'u_a', 11, { ...petal, group_id: 'g1', repeat_count: '5' }),
    // The same group of another sender, another gift and another room: separate streaks.
    message('GiftMessage', 'u_a', 13, { ...petal, group_id: 'g1', repeat_count: 1, user: 'u_bob' }),
    message('GiftMessage', 'u_a', 13, { ...petal, group_id: 'g1', repeat_count: 3, gift_id: '9' }),
    message('GiftMessage', 'u_b', 13, { ...petal, group_id: 'g1', repeat_count: 4 }),
    message('GiftMessage', 'u_b', 14, { ...petal, group_id: 'g1', repeat_count: 4, repeat_end: 1 }),
    message('GiftMessage', 'u_a', 15, crown),
    // Streaks without a group: 3, then 1, and of another sender 2, whose last message never came; 6 × 2.
    ...['1', '2', '3', '3!', '1', '1!'].map((said, n) =>
      message('GiftMessage', 'u_a', 50 + n, {
        ...petal,
        group_id: n % 2 ? '0' : null,
        repeat_count: Number.parseInt(said, 10),
        repeat_end: said.endsWith('!') ? 1 : 0,
      }),
    ),
    message('GiftMessage', 'u_a', 51, { ...petal, user: 'u_bob', repeat_count: 1 }),
    message('GiftMessage', 'u_a', 52, { ...petal, user: 'u_bob', repeat_count: 2 }),
    // To someone other than the host.
    message('GiftMessage', 'u_a', 53, { ...crown, to_user: 'u_guest' }),
    message('EmoteChatMessage', 'u_a', 54),
    message('QuestionNewMessage', 'u_a', 55, { user: null }),
    message('GiftMessage', 'u_a', 15, { ...crown, repeat_count: 0 }),
    message('ChatMessage', 'u_a', 16),
    message('ChatMessage', 'u_b', 16, { create_time_ms: String(at / 1_000 + 16) }),
    message('ChatMessage', 'u_b', 17, { create_time_ms: at / 1_000 + 17 }),
    message('ChatMessage', 'u_b', 0, { create_time_ms: '0' }),
    message('ChatMessage', 'u_b', 0, { msg_id: null }),
    message('ChatMessage', null, 18),
    message('LikeMessage', null, 18, { count: 2, total: 5_000 }),
    message('SocialMessage', 'u_a', 19, { action: '1', follow_count: 9 }),
    message('SocialMessage', 'u_a', 19, { action: '3', share_count: 9 }),
    message('SocialMessage', 'u_a', 19, { action: 3, share_count: 10 }),
    message('MemberMessage', 'u_a', 20, { action: 'JOINED' }),
    message('MemberMessage', 'u_a', 21, { action: 'JOINED' }),
    message('MemberMessage', 'u_a', 21, { action: 'SUBSCRIBED' }),
    message('OecLiveShoppingMessage', 'u_a', 22, { user: null, shop: { title: 'Scarf' } }),
    message('OecLiveShoppingMessage', 'u_a', 23, { user: null, shop: {} }),
    message('RoomPinMessage', 'u_a', 24, { user: null }),
    message('RankTextMessage', 'u_c', 25, { user: null }),
  ]
  const [first, , likes] = messages
  return [
    ...messages,
    ...messages.filter((_, n) => n % 4 === 0),
    // Captured once more, a minute later.
    { ...first, captured_at: '2026-03-01T19:11:00.5' },
    // The same id with another content: the greater total is right.
    { ...likes, total: 1_100, create_time_ms: String(at + 40_000) },
  ]
}

const shown = {
  likes: 'likes',
  diamonds: 'diamonds',
  gifts: 'gifts',
  viewers_peak: 'peak_viewers',
  comments: 'comments',
  shares: 'shares',
  follows: 'follows',
  joins: 'views',
  subscriptions: 'subscriptions',
  pins: 'pins',
} as const satisfies Partial<Record<keyof RoomSummary, string>>

test('[FILE-9] each room equals what REST says of its LIVE, twice and in any order', {
  timeout: 180_000,
}, async () => {
  await using app = await startApp()
  const lines = evening()
  const [file, shuffled] = await Promise.all([
    fileOf('evening.jsonl', lines),
    fileOf('shuffled.jsonl', lines.toReversed()),
  ])
  const numbersOf = async (creator: string, room: string | null) => {
    const reply = await app.get(`/api/v1/creators/${creator}/lives/${room}`)
    if (reply.status === 404) return undefined
    const { totals } = reply.json.live
    return Object.fromEntries(
      Object.entries(shown).map(([name, metric]) => [name, totals[metric] ?? 0]),
    )
  }
  for (const [path, other] of [
    [file, shuffled],
    [shuffled, file],
  ] as const) {
    const { id, key } = await app.newCreator()
    const args = ['tiktok-live', path, '--creator', id, '--url', app.url, '--key', key]
    const first = await run(args)
    expect(first.code).toBe(0)
    const rooms: RoomSummary[] = first.json.rooms
    expect(rooms.map(({ room }) => room)).toEqual(['u_a', 'u_b', 'u_c'])
    expect(rooms[0]).toEqual({
      room: 'u_a',
      messages: 42,
      unique_messages: 32,
      events: 30,
      likes: 1_500,
      diamonds: 7 * 2 + 1 * 2 + 3 * 2 + 100 + 100 + 6 * 2,
      gifts: 7 + 1 + 3 + 1 + 1 + 6,
      viewers_peak: 310,
      comments: 3,
      shares: 2,
      follows: 1,
      joins: 2,
      subscriptions: 1,
      pins: 1,
    })
    expect(rooms[1]).toMatchObject({ likes: 7, diamonds: 8, viewers_peak: 12, comments: 4 })
    expect(first.json.without_room).toMatchObject({ room: null, comments: 1, likes: 5_000 })
    const compare = async () => {
      for (const summary of rooms) {
        const numbers = await numbersOf(id, summary.room)
        if (summary.events === 0) expect(numbers).toBeUndefined()
        else expect(summary).toMatchObject(numbers ?? { room: 'a LIVE' })
      }
    }
    await compare()
    // Again, and then the same lines in another order: nothing is new and nothing has changed.
    for (const again of [path, other]) {
      const { json } = await run([...args.slice(0, 1), again, ...args.slice(2)])
      expect(json).toMatchObject({ accepted: 0, conflicts: 0, rejected: 0, rooms })
      expect(json).toMatchObject({ sent: first.json.sent, duplicates: first.json.sent })
      await compare()
    }
  }
})

const someMessage = fc.record(
  {
    type: fc.constantFrom(
      'WebcastLikeMessage',
      'WebcastGiftMessage',
      'WebcastChatMessage',
      'Other',
    ),
    msg_id: fc.constantFrom('1', '2', '3', '4', null),
    room: fc.constantFrom('u_a', 'u_b', null),
    create_time_ms: fc.constantFrom(at, String(at + 5_000), at / 1_000, 0),
    captured_at: fc.constantFrom('2026-03-01T19:00:00', '2026-03-01T19:00:09'),
    user: fc.constantFrom('u_ann', 'u_bob', null),
    total: fc.constantFrom(1, '20', 300, null),
    count: fc.constantFrom(1, 15),
    gift_id: fc.constantFrom('1', '2'),
    gift_type: fc.constantFrom(1, 4),
    group_id: fc.constantFrom('g', null),
    diamond_count: fc.constant(3),
    repeat_count: fc.nat(5),
  },
  { requiredKeys: ['type', 'msg_id', 'room', 'create_time_ms', 'captured_at', 'diamond_count'] },
)

async function readingOf(messages: readonly RecordedMessage[]) {
  const recording = await openRecording(await fileOf('some.jsonl', messages))
  const events = new Map<string, string>()
  for await (const event of recording.events()) events.set(event.id, JSON.stringify(event))
  return {
    events: [...events].sort(),
    rooms: recording.rooms(),
    skipped: [...recording.skipped].sort(),
  }
}

test('[FILE-9] whatever a recording holds, the order of its lines changes nothing', async () => {
  const inTwoOrders = fc
    .array(someMessage, { maxLength: 12 })
    .chain((messages) =>
      fc.tuple(
        fc.constant(messages),
        fc.shuffledSubarray(messages, { minLength: messages.length, maxLength: messages.length }),
      ),
    )
  await fc.assert(
    fc.asyncProperty(inTwoOrders, async ([messages, shuffled]) => {
      expect(await readingOf(shuffled)).toEqual(await readingOf(messages))
    }),
  )
})

test('[FILE-9] an id with several contents counts once per room, as the one with the greatest total', async () => {
  const like = (room: string | null, total: number | null, seconds: number) => ({
    type: 'WebcastLikeMessage',
    msg_id: '7',
    room,
    create_time_ms: at + seconds,
    count: 1,
    total,
  })
  const { events, rooms } = await readingOf([
    like('u_a', 10, 1),
    like('u_b', 4, 0),
    like('u_a', 30, 5),
    like('u_a', 30, 2),
    like(null, 1, 0),
  ])
  expect(events.map(([id]) => id)).toEqual(['tiktok:7', 'tiktok:7@u_a', 'tiktok:7@u_b'])
  expect(JSON.parse(events[1]?.[1] ?? '')).toMatchObject({ ts: at + 2, properties: { total: 30 } })
  expect(rooms.rooms.map(({ room, messages, likes }) => [room, messages, likes])).toEqual([
    ['u_a', 3, 30],
    ['u_b', 1, 4],
  ])
})

test('[FILE-8] ids past 2^53 that are written as numbers are kept exactly', async () => {
  const line = (id: string) =>
    `{"type":"WebcastChatMessage","msg_id":${id},"room":7100000000000000003,"create_time_ms":${at}}`
  const file = await fileOf('numbers.jsonl', [
    line('7309142300833680134'),
    line('7309142300833680135'),
  ])
  const recording = await openRecording(file)
  const events: RecordedEvent[] = []
  for await (const event of recording.events()) events.push(event)
  expect(events.map(({ id, session_id }) => [id, session_id])).toEqual([
    ['tiktok:7309142300833680134', '7100000000000000003'],
    ['tiktok:7309142300833680135', '7100000000000000003'],
  ])
})
