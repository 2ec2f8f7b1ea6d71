import { parseEvent } from '@creatorflow/shared/events'
import { describe, expect, test } from 'vitest'
import { createOffsetFinder, normalise, type RecordedMessage } from './normalise.ts'
import { planReplay } from './plan-replay.ts'

const HOUR_MS = 3_600_000
const at = Date.UTC(2026, 2, 1, 18)

function message(type: string, fields: RecordedMessage = {}): RecordedMessage {
  return {
    type,
    host: 'u_host',
    captured_at: '2026-03-01T19:00:01.123456700',
    msg_id: '7100000000000000001',
    room: 'u_room',
    create_time_ms: String(at),
    user: 'u_ann',
    ...fields,
  }
}

function eventOf(type: string, fields: RecordedMessage = {}, offsetMs = HOUR_MS) {
  const result = normalise(message(type, fields), offsetMs)
  if (result.kind !== 'event') throw new Error(`skipped: ${result.reason}`)
  expect(parseEvent(result.event)).toEqual({ ok: true, event: result.event })
  return result.event
}

function reasonOf(type: string, fields: RecordedMessage = {}) {
  const result = normalise(message(type, fields), 0)
  return result.kind === 'skipped' ? result.reason : undefined
}

describe('messages become events', () => {
  test('[FILE-8] a message keeps its id, its time, its room as the LIVE and its user as the pseudonym', () => {
    expect(eventOf('WebcastChatMessage', { text_len: 4, lang: 'en' })).toEqual({
      id: 'tiktok:7100000000000000001',
      type: 'comment',
      ts: at,
      channel: 'tiktok',
      session_id: 'u_room',
      user_id: 'u_ann',
    })
    expect(eventOf('WebcastChatMessage', { text: 'lovely' }).properties).toEqual({ text: 'lovely' })
  })

  test.each([
    ['WebcastMemberMessage', 'JOINED', 'viewer_joined'],
    ['WebcastMemberMessage', '1', 'viewer_joined'],
    ['WebcastMemberMessage', 'SUBSCRIBED', 'subscribe'],
    ['WebcastMemberMessage', 3, 'subscribe'],
    ['WebcastSocialMessage', '1', 'follow'],
    ['WebcastSocialMessage', '3', 'share'],
    ['WebcastControlMessage', 'STREAM_PAUSED', 'live_paused'],
    ['WebcastControlMessage', 'STREAM_UNPAUSED', 'live_resumed'],
    ['WebcastControlMessage', 'STREAM_ENDED', 'live_ended'],
    ['WebcastControlMessage', 'STREAM_SUSPENDED', 'live_ended'],
  ])('[FILE-8] %s with action %s is %s', (type, action, expected) => {
    expect(eventOf(type, { action }).type).toBe(expected)
  })

  test('[FILE-8] viewers and likes carry their running totals, even when numbers are text', () => {
    const viewers = { user: null, viewers: '1650', total_user: '53005' }
    expect(eventOf('WebcastRoomUserSeqMessage', viewers)).toMatchObject({
      type: 'viewer_count',
      quantity: 1650,
      properties: { total_users: 53005 },
    })
    expect(eventOf('WebcastRoomUserSeqMessage', viewers)).not.toHaveProperty('user_id')
    expect(eventOf('WebcastLikeMessage', { count: '15', total: 414892 })).toMatchObject({
      type: 'like',
      quantity: 15,
      properties: { total: 414892 },
    })
    expect(eventOf('WebcastLikeMessage', { count: 3, total: null })).not.toHaveProperty(
      'properties',
    )
  })

  const rose = { gift_id: '77', gift_name: 'Petal', diamond_count: '2', repeat_count: '7' }

  test('[FILE-8] a gift streak with a group carries its running repeat and its streak', () => {
    const streak = { ...rose, gift_type: 1, group_id: '1700000000123' }
    expect(eventOf('WebcastGiftMessage', { ...streak, repeat_end: 0 })).toMatchObject({
      type: 'gift',
      quantity: 7,
      properties: {
        gift_id: '77',
        gift_name: 'Petal',
        diamond_count: 2,
        streak_id: '1700000000123',
        streak_end: false,
      },
    })
    for (const repeat_end of [1, '1', true]) {
      const event = eventOf('WebcastGiftMessage', { ...streak, repeat_end })
      expect(event.properties).toMatchObject({ streak_end: true })
    }
  })

  test.each([{ group_id: null }, { group_id: '1700000000123' }])(
    '[FILE-8] a gift without a streak counts alone: %j',
    (fields) => {
      const gift = { ...rose, gift_type: 4, ...fields, repeat_end: 1 }
      const event = eventOf('WebcastGiftMessage', gift)
      expect(event.quantity).toBe(7)
      expect(event.properties).not.toHaveProperty('streak_end')
    },
  )

  test.each([
    { gift_type: 1, group_id: null },
    { gift_type: 1, group_id: '' },
    { gift_type: 1, group_id: '0' },
    { gift_type: '1', group_id: 0 },
  ])('[FILE-8] a streak without a group is unnamed and says when it ends: %j', (fields) => {
    for (const repeat_end of [0, 1]) {
      const event = eventOf('WebcastGiftMessage', { ...rose, ...fields, repeat_end })
      expect(event.quantity).toBe(7)
      expect(event.properties).not.toHaveProperty('streak_id')
      expect(event.properties).toMatchObject({ streak_end: repeat_end === 1 })
    }
  })

  test('[TIKTOK-5] a gift to someone other than the host is separate', () => {
    const typeOf = (to_user: unknown) => eventOf('WebcastGiftMessage', { ...rose, to_user }).type
    expect(typeOf('u_guest')).toBe('guest_gift')
    for (const host of ['u_host', '0', '', null, undefined]) expect(typeOf(host)).toBe('gift')
  })

  test('[TIKTOK-5] emotes and questions are comments, with or without their words', () => {
    expect(eventOf('WebcastEmoteChatMessage')).toMatchObject({ type: 'comment' })
    expect(eventOf('WebcastQuestionNewMessage', { user: null })).toMatchObject({
      type: 'comment',
      properties: { question: true },
    })
    expect(eventOf('WebcastQuestionNewMessage', { text: 'how long?' }).properties).toEqual({
      text: 'how long?',
      question: true,
    })
    expect(eventOf('WebcastSubNotifyMessage').type).toBe('subscribe')
  })

  test('[FILE-8] other messages are skipped and counted by type, unusable ones with the reason', () => {
    expect(reasonOf('WebcastRoomPinMessage')).toBe('WebcastRoomPinMessage')
    expect(reasonOf('constructor')).toBe('constructor')
    expect(reasonOf('WebcastMemberMessage', { action: 'KICKED' })).toBe(
      'WebcastMemberMessage: action KICKED',
    )
    expect(reasonOf('WebcastRoomUserSeqMessage', { viewers: null })).toBe(
      'WebcastRoomUserSeqMessage: no viewer count',
    )
    expect(reasonOf('WebcastGiftMessage', { gift_id: '7' })).toBe(
      'WebcastGiftMessage: no gift value',
    )
    expect(reasonOf('WebcastChatMessage', { create_time_ms: null, captured_at: 'noon' })).toBe(
      'WebcastChatMessage: no time',
    )
    expect(normalise({}, 0)).toEqual({ kind: 'skipped', reason: 'no type' })
  })
})

describe('what recordings leave out', () => {
  test('[FILE-8] seconds and milliseconds are distinguished by size', () => {
    expect(eventOf('WebcastChatMessage', { create_time_ms: at / 1_000 }).ts).toBe(at)
    expect(eventOf('WebcastChatMessage', { create_time_ms: String(at / 1_000) }).ts).toBe(at)
  })

  test('[FILE-8] without a time the capture time counts, less the offset if it has no zone', () => {
    const timeless = { create_time_ms: null }
    expect(eventOf('WebcastChatMessage', timeless).ts).toBe(at + 1_123)
    expect(eventOf('WebcastChatMessage', { ...timeless, create_time_ms: '0' }).ts).toBe(at + 1_123)
    for (const captured_at of ['2026-03-01T18:00:05.250Z', '2026-03-01T20:00:05.250+02:00']) {
      expect(eventOf('WebcastChatMessage', { ...timeless, captured_at }).ts).toBe(at + 5_250)
    }
  })

  test('[FILE-8] the offset is the median over messages with both times, rounded to 15 min', () => {
    const finder = createOffsetFinder()
    expect(finder.offsetMs()).toBeUndefined()
    finder.add(message('any', { captured_at: '2026-03-01T18:00:00Z' }))
    finder.add(message('any', { create_time_ms: null }))
    expect(finder.offsetMs()).toBeUndefined()
    // Two that came late, one in seconds, and one that was weeks old.
    const captures = [
      '23:29:58',
      '23:30:02.5',
      '23:31:10',
      '23:29:59.123456789',
      '24:00:00',
      '23:55:00',
    ]
    for (const time of captures) finder.add(message('any', { captured_at: `2026-03-01T${time}` }))
    finder.add(message('any', { captured_at: '2026-03-01T23:30:00', create_time_ms: at / 1_000 }))
    finder.add(message('any', { captured_at: '2026-03-30T23:30:00' }))
    expect(finder.offsetMs()).toBe(5.5 * HOUR_MS)
  })

  test('[FILE-8] without msg_id the id is a hash of the message, whatever the order of its fields', () => {
    const event = eventOf('WebcastChatMessage', { msg_id: null })
    expect(event.id).toMatch(/^tiktok:sha256-[0-9a-f]{64}$/)
    const reversed = Object.fromEntries(
      Object.entries(message('WebcastChatMessage', { msg_id: null })).reverse(),
    )
    expect(normalise(reversed, HOUR_MS)).toMatchObject({ event: { id: event.id } })
    const other = eventOf('WebcastChatMessage', { msg_id: null, user: 'u_bob' })
    expect(other.id).not.toBe(event.id)
  })

  test('[FILE-8] an event without a room belongs to no LIVE', () => {
    const event = eventOf('WebcastLikeMessage', { room: null, count: 2, total: 9 })
    expect(event).not.toHaveProperty('session_id')
    expect(event.properties).toEqual({ total: 9, unattributed: true })
    expect(eventOf('WebcastChatMessage', { room: '0' }).properties).toEqual({ unattributed: true })
  })
})

test('[FILE-8] a replay is in order of time, faster, with its own ids and LIVEs and short silences', () => {
  const events = [
    eventOf('WebcastChatMessage', { msg_id: '3', create_time_ms: at + 90 * 24 * HOUR_MS }),
    eventOf('WebcastChatMessage', { msg_id: '2', create_time_ms: at + 5_000 }),
    eventOf('WebcastChatMessage', { msg_id: '1', room: null }),
  ]
  const planned = planReplay(events, { startAt: 1_000_000, speed: 10, run: 'x' })
  expect(planned.map(({ id, ts, session_id }) => [id, ts, session_id])).toEqual([
    ['tiktok:1-replay-x', 1_000_000, undefined],
    ['tiktok:2-replay-x', 1_000_500, 'u_room-replay-x'],
    ['tiktok:3-replay-x', 1_003_500, 'u_room-replay-x'],
  ])
})

test('[FILE-8] a shopping card with a title pins a product, a pinned comment does not', () => {
  const card = (title: unknown) =>
    eventOf('WebcastOecLiveShoppingMessage', { user: null, shop: { title, price: '$5' } })
  expect(card(' Silk scarf ')).toMatchObject({
    type: 'product_pinned',
    product_id: expect.stringMatching(/^title-[0-9a-f]{16}$/),
    properties: { product_name: 'Silk scarf' },
  })
  expect(card('Silk scarf').product_id).toBe(card('Silk scarf ').product_id)
  expect(card('Wool scarf').product_id).not.toBe(card('Silk scarf').product_id)
  expect(card('x'.repeat(199).concat('💎')).properties?.product_name).toHaveLength(200)
  for (const shop of [undefined, null, 'scarf', {}, { title: '' }, { title: 7 }]) {
    expect(reasonOf('WebcastOecLiveShoppingMessage', { shop })).toBe(
      'WebcastOecLiveShoppingMessage: no product',
    )
  }
  expect(reasonOf('WebcastRoomPinMessage')).toBe('WebcastRoomPinMessage')
})

test.each([0, '0', 1, -5, '', 'soon', null, 1e18, Number.NaN])(
  '[FILE-8] an impossible time (%s) falls back to the capture time',
  (create_time_ms) => {
    expect(eventOf('WebcastChatMessage', { create_time_ms }).ts).toBe(at + 1_123)
  },
)
