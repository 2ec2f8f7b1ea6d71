import { parseEvent } from '@creatorflow/shared/events'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { normalise as normaliseRecorded } from '../tiktok-recording/normalise.ts'
import { eventsOfLetter, letterOf } from './letter.ts'
import { controlOf, normalise } from './normalise.ts'

const room = '7400000000000000001'
const at = Date.UTC(2026, 2, 1, 18)
const arrivedAt = at + 700

const common = { msgId: '7300000000000000001', createTime: String(at), roomId: room }
const avatar = 'https://pictures.example.com/a.webp'

/** The same viewer in the names of each schema. */
const users = {
  v3: {
    user: {
      id: '6813181309701719001',
      displayId: 'ann',
      nickname: 'Ann',
      avatarThumb: { urlList: [avatar] },
    },
  },
  v2: {
    user: {
      userId: '6813181309701719001',
      uniqueId: 'ann',
      nickname: 'Ann',
      profilePicture: { url: [avatar] },
    },
  },
  v1: {
    userId: '6813181309701719001',
    uniqueId: 'ann',
    nickname: 'Ann',
    profilePictureUrl: avatar,
  },
} as const

function eventOf(type: string, data: object) {
  const result = normalise({ type, data }, room, arrivedAt)
  if (result.kind !== 'event') throw new Error(`no event: ${JSON.stringify(result)}`)
  expect(parseEvent(result.event)).toEqual({ ok: true, event: result.event })
  return result.event
}

const unknownName = (type: string, data: unknown) => {
  const result = normalise({ type, data }, room, arrivedAt)
  return result.kind === 'unknown' ? result.name : result.kind
}

describe('the names of three schemas', () => {
  const said = {
    id: 'tiktok:7300000000000000001',
    ts: at,
    channel: 'tiktok',
    session_id: room,
    user_id: '6813181309701719001',
    user: { handle: 'ann', name: 'Ann', avatar },
  }

  test.each([
    ['v3', { common, ...users.v3, content: 'lovely' }],
    ['v2', { common, ...users.v2, comment: 'lovely' }],
    ['v1', { ...common, ...users.v1, comment: 'lovely' }],
  ])('[TIKTOK-5] a comment in %s', (_, data) => {
    const expected = { ...said, type: 'comment', properties: { text: 'lovely' } }
    expect(eventOf('WebcastChatMessage', data)).toEqual(expected)
    expect(eventOf('chat', data)).toEqual(expected)
  })

  const petal = { name: 'Petal', type: 1, diamondCount: 25, combo: true, id: '5953' }
  test.each([
    ['v3', { common, ...users.v3, gift: petal, giftId: '5953', repeatEnd: 1 }],
    [
      'v2',
      {
        common,
        ...users.v2,
        giftId: 5953,
        giftDetails: { giftName: 'Petal', giftType: 1, diamondCount: 25 },
        repeatEnd: 1,
      },
    ],
    [
      'v1',
      {
        ...common,
        ...users.v1,
        giftId: 5953,
        giftName: 'Petal',
        giftType: 1,
        diamondCount: 25,
        gift: { gift_id: 5953, repeat_count: 7, repeat_end: 1, gift_type: 1 },
        repeatEnd: true,
      },
    ],
  ])('[TIKTOK-5] a gift in %s carries the running total of its streak', (_, data) => {
    expect(
      eventOf('WebcastGiftMessage', { ...data, repeatCount: 7, groupId: '1661887131074' }),
    ).toEqual({
      ...said,
      type: 'gift',
      quantity: 7,
      properties: {
        gift_id: '5953',
        gift_name: 'Petal',
        diamond_count: 25,
        streak_id: '1661887131074',
        streak_end: true,
      },
    })
  })

  test('[TIKTOK-5] a gift to a guest is separate from gifts to the host, in every schema', () => {
    const typeOf = (fields: object, hostId?: string) => {
      const data = { common, giftId: '5', diamondCount: 9, ...fields }
      const result = normalise({ type: 'gift', data }, room, arrivedAt, hostId)
      return result.kind === 'event' ? result.event.type : result.kind
    }
    const host = '7087613897129493510'
    const extra = (to_user_id: unknown) => ({ anchor_id: host, to_user_id })
    const guests: [object, string?][] = [
      [{ toUser: { id: '555' } }],
      [{ toUser: { userId: '555' } }],
      [{ toUser: { id: '555' } }, host],
      [{ monitorExtra: extra('555') }],
      [{ monitorExtra: { anchor_id: 7_087_613_897_129_494_000, to_user_id: 555 } }],
      [{ monitorExtra: `{"anchor_id":${host},"to_user_id":7087613897129493511}` }],
      [{ receiverUserId: '555', monitorExtra: { anchor_id: host } }],
      [{ receiverUserId: '555' }, host],
    ]
    for (const [fields, hostId] of guests) {
      expect(typeOf(fields, hostId), JSON.stringify(fields)).toBe('guest_gift')
    }
    const own: [object, string?][] = [
      [{}],
      [{}, host],
      [{ toUser: { id: '0' } }],
      [{ toUser: { id: '' } }],
      [{ toUser: { id: host } }, host],
      [{ toUser: { id: host }, monitorExtra: extra(host) }],
      [{ monitorExtra: extra(host) }],
      [{ monitorExtra: extra(0) }],
      [
        {
          monitorExtra: {
            anchor_id: 7_087_613_897_129_494_000,
            to_user_id: 7_087_613_897_129_494_000,
          },
        },
      ],
      [{ monitorExtra: '{' }],
      [{ receiverUserId: host, monitorExtra: { anchor_id: 7_087_613_897_129_494_000 } }],
      // The first client names the host as well, so a receiver alone says nothing.
      [{ receiverUserId: host }],
      [{ receiverUserId: host }, host],
    ]
    for (const [fields, hostId] of own) {
      expect(typeOf(fields, hostId), JSON.stringify(fields)).toBe('gift')
    }
  })

  test.each([
    ['v3', { common, ...users.v3, count: 6, total: '21349' }],
    ['v2', { common, ...users.v2, likeCount: 6, totalLikeCount: 21_349 }],
    ['v1', { ...common, ...users.v1, likeCount: 6, totalLikeCount: 21_349 }],
  ])('[TIKTOK-5] a like in %s carries the total of the LIVE', (_, data) => {
    const expected = { ...said, type: 'like', quantity: 6, properties: { total: 21_349 } }
    expect(eventOf('WebcastLikeMessage', data)).toEqual(expected)
  })

  test.each([
    ['v3', { common, total: '1650', totalUser: '53005' }],
    ['v2', { common, viewerCount: 1_650, totalUser: 53_005 }],
  ])('[TIKTOK-5] the number of viewers in %s', (_, data) => {
    expect(eventOf('WebcastRoomUserSeqMessage', data)).toEqual({
      id: 'tiktok:7300000000000000001',
      ts: at,
      channel: 'tiktok',
      session_id: room,
      type: 'viewer_count',
      quantity: 1_650,
      properties: { total_users: 53_005 },
    })
  })

  test.each([
    ['v3', { common, data: { content: 'how long?', user: users.v3.user } }],
    ['v2', { common, details: { questionText: 'how long?', user: users.v2.user } }],
    ['v1', { ...common, ...users.v1, questionText: 'how long?' }],
  ])('[TIKTOK-5] a question in %s is a comment that says so', (_, data) => {
    const properties = { text: 'how long?', question: true }
    expect(eventOf('WebcastQuestionNewMessage', data)).toEqual({
      ...said,
      type: 'comment',
      properties,
    })
  })

  test.each([
    ['WebcastMemberMessage', { action: 1 }, 'viewer_joined'],
    ['WebcastMemberMessage', { actionId: 1 }, 'viewer_joined'],
    ['WebcastMemberMessage', { action: 3 }, 'subscribe'],
    ['WebcastSocialMessage', { action: '1' }, 'follow'],
    ['WebcastSocialMessage', { action: '3' }, 'share'],
    ['social', { displayType: 'pm_main_follow_message_viewer_2' }, 'follow'],
    ['social', { displayType: 'pm_mt_guidance_share' }, 'share'],
    ['follow', {}, 'follow'],
    ['share', {}, 'share'],
    ['WebcastSubNotifyMessage', {}, 'subscribe'],
    ['WebcastControlMessage', { action: 1 }, 'live_paused'],
    ['WebcastControlMessage', { action: 2 }, 'live_resumed'],
    ['WebcastControlMessage', { action: 3 }, 'live_ended'],
    ['WebcastControlMessage', { action: 4 }, 'live_ended'],
  ])('[TIKTOK-5] %s with %j is %s', (type, fields, expected) => {
    expect(eventOf(type, { ...common, ...users.v1, ...fields }).type).toBe(expected)
  })

  test("[TIKTOK-5] the LIVE's own state differs from what happens in it", () => {
    const controls = [1, 2, 3].map((action) =>
      controlOf(eventOf('WebcastControlMessage', { common, action })),
    )
    expect(controls).toEqual(['paused', 'resumed', 'ended'])
    expect(controlOf(eventOf('chat', { common }))).toBeUndefined()
  })
})

describe('products', () => {
  test('[TIKTOK-5] a shop message that names a product pins it', () => {
    const popProduct = { productId: '1729000000000000001', title: 'Scarf' }
    expect(eventOf('WebcastOecLiveShoppingMessage', { common, popProduct })).toMatchObject({
      type: 'product_pinned',
      product_id: '1729000000000000001',
      properties: { product_name: 'Scarf' },
    })
    const productSnapShot = { productId: '1729000000000000002' }
    expect(eventOf('oecLiveShopping', { common, productSnapShot }).product_id).toBe(
      '1729000000000000002',
    )
  })

  test('[TIKTOK-5] a shop message without a product is set aside, whatever else it says', () => {
    const data = { common, actionType: 2, popProduct: { productId: '0' }, shopData: { title: 'x' } }
    expect(unknownName('WebcastOecLiveShoppingMessage', data)).toBe(
      'WebcastOecLiveShoppingMessage: no product',
    )
  })
})

describe('what is not there', () => {
  test('[TIKTOK-5] without a time the arrival counts; seconds and milliseconds are distinguished', () => {
    expect(eventOf('chat', { common: { msgId: '1' } }).ts).toBe(arrivedAt)
    expect(eventOf('chat', { common: { msgId: '1', createTime: '0' } }).ts).toBe(arrivedAt)
    expect(eventOf('chat', { common: { msgId: '1', createTime: String(at / 1_000) } }).ts).toBe(at)
  })

  test('[TIKTOK-5] an id too large for a number is ignored; without an id the content identifies it', () => {
    const exact = eventOf('chat', { common: { msgId: '7300000000000000001' } })
    expect(exact.id).toBe('tiktok:7300000000000000001')
    const broken = eventOf('chat', { common: { ...common, msgId: 2 ** 53 + 2 } })
    expect(broken.id).toMatch(/^tiktok:sha256-[0-9a-f]{64}$/)
    expect(eventOf('chat', { common: { ...common, msgId: 2 ** 53 + 2 } }).id).toBe(broken.id)
    expect(eventOf('chat', { common, user: { id: 6_813_181_309_701_720_000 } })).not.toHaveProperty(
      'user_id',
    )
  })

  test('[TIKTOK-5] zeros on the wire mean absent: totals, groups, ids, repeats', () => {
    expect(eventOf('like', { common, count: 3, total: '0' })).not.toHaveProperty('properties')
    const gift = { name: 'Petal', type: 1, diamondCount: 1 }
    const single = eventOf('gift', { common, giftId: '5', gift, groupId: '0', repeatCount: 0 })
    expect(single.quantity).toBe(1)
    expect(single.properties).not.toHaveProperty('streak_id')
    expect(single.properties).toMatchObject({ streak_end: false })
  })

  test('[TIKTOK-4] unknown messages are named; known uncounted ones are not', () => {
    expect(unknownName('WebcastFromNextYearMessage', {})).toBe('WebcastFromNextYearMessage')
    expect(unknownName('constructor', {})).toBe('constructor')
    expect(unknownName('a name\nwith lines', {})).toBe('unnamed')
    expect(unknownName('WebcastChatMessage', undefined)).toBe(
      'WebcastChatMessage: could not be decoded',
    )
    expect(unknownName('WebcastGiftMessage', { common, giftId: '7' })).toBe(
      'WebcastGiftMessage: no gift value',
    )
    expect(unknownName('WebcastLinkMicBattle', undefined)).toBe('ignored')
    expect(unknownName('WebcastMemberMessage', { common, action: 26 })).toBe('ignored')
  })

  test('[TIKTOK-4] invalid text is cleaned, and truncated addresses are left out', () => {
    const nickname = `A\0nn${'x'.repeat(300)}`
    const avatarThumb = { urlList: [`https://a.example/${'x'.repeat(2_000)}`] }
    const event = eventOf('chat', {
      common,
      user: { id: '5', nickname, avatarThumb },
      content: `${'y'.repeat(1_999)}😀`,
    })
    expect(event.user).toEqual({ name: `Ann${'x'.repeat(197)}` })
    expect(event.properties?.text).toBe(`${'y'.repeat(1_999)}\ufffd`)
  })

  test('[TIKTOK-4] any input makes valid events and never an error', () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.record({
        common: fc.oneof(
          fc.jsonValue(),
          fc.record({ msgId: fc.jsonValue(), createTime: fc.jsonValue() }),
        ),
        user: fc.oneof(
          fc.jsonValue(),
          fc.record({ id: fc.jsonValue(), displayId: fc.jsonValue() }),
        ),
        action: fc.jsonValue(),
        total: fc.jsonValue(),
        count: fc.jsonValue(),
        content: fc.jsonValue(),
        giftId: fc.jsonValue(),
        gift: fc.oneof(fc.jsonValue(), fc.record({ diamondCount: fc.nat(), type: fc.nat(3) })),
        emoteList: fc.jsonValue(),
      }),
    )
    const types = [
      'Chat',
      'Gift',
      'Like',
      'RoomUserSeq',
      'Member',
      'Social',
      'Control',
      'EmoteChat',
    ]
    const type = fc.constantFrom(...types.map((name) => `Webcast${name}Message`))
    fc.assert(
      fc.property(type, value, (name, data) => {
        const result = normalise({ type: name, data }, room, arrivedAt)
        if (result.kind === 'event') expect(result.event.session_id).toBe(room)
      }),
    )
  })
})

describe('a recording of the same LIVE', () => {
  test.each([
    [
      'WebcastChatMessage',
      { common, content: 'lovely', user: { id: '6' } },
      { text: 'lovely', user: '6' },
    ],
    [
      'WebcastLikeMessage',
      { common, count: 6, total: '21349', user: { id: '6' } },
      { count: 6, total: 21_349, user: '6' },
    ],
    [
      'WebcastGiftMessage',
      {
        common,
        user: { id: '6' },
        giftId: '5953',
        groupId: '77',
        repeatCount: 4,
        repeatEnd: 0,
        gift: { name: 'Petal', type: 1, diamondCount: 25 },
      },
      {
        user: '6',
        gift_id: '5953',
        gift_name: 'Petal',
        gift_type: 1,
        diamond_count: 25,
        group_id: '77',
        repeat_count: 4,
        repeat_end: 0,
      },
    ],
    [
      'WebcastGiftMessage',
      {
        common,
        user: { id: '6' },
        giftId: '5953',
        groupId: '0',
        repeatCount: 4,
        repeatEnd: 1,
        gift: { type: 1, diamondCount: 25 },
        toUser: { id: '9' },
      },
      {
        user: '6',
        gift_id: '5953',
        gift_type: 1,
        diamond_count: 25,
        repeat_count: 4,
        repeat_end: 1,
        to_user: '9',
      },
    ],
    [
      'WebcastEmoteChatMessage',
      { common, user: { id: '6' }, emoteList: [{ emoteId: '3' }] },
      { user: '6', emotes: [{ emoteId: '3' }] },
    ],
    ['WebcastQuestionNewMessage', { common, data: { content: 'why?' } }, { text: 'why?' }],
    ['WebcastQuestionNewMessage', { common }, {}],
    ['WebcastSubNotifyMessage', { common, user: { id: '6' } }, { user: '6' }],
    [
      'WebcastRoomUserSeqMessage',
      { common, total: '41', totalUser: '900' },
      { viewers: 41, total_user: 900 },
    ],
    ['WebcastMemberMessage', { common, action: 1, user: { id: '6' } }, { action: 1, user: '6' }],
    [
      'WebcastSocialMessage',
      { common, action: '3', user: { id: '6' } },
      { action: '3', user: '6' },
    ],
    ['WebcastControlMessage', { common, action: 3 }, { action: 'STREAM_ENDED' }],
  ])('[TIKTOK-5] makes the same event of a %s', (type, data, fields) => {
    const message = {
      type,
      msg_id: common.msgId,
      room,
      create_time_ms: common.createTime,
      ...fields,
    }
    expect(normaliseRecorded(message, 0)).toEqual({ kind: 'event', event: eventOf(type, data) })
  })
})

test('[TIKTOK-4] a dead letter is replayed as received', () => {
  const data = { common, giftId: '7', repeatCount: 2 }
  const message = { type: 'WebcastGiftMessage', id: '1', data }
  const { raw, key, topic } = letterOf(message, room, arrivedAt, 'why')
  expect({ key, topic }).toEqual({ key: `${room}:1`, topic: 'WebcastGiftMessage' })
  const bytes = Buffer.from(JSON.stringify(raw))
  expect(() => eventsOfLetter(bytes)).toThrow('still unknown: WebcastGiftMessage: no gift value')
  const mended = { type: 'WebcastGiftMessage', data: { ...data, gift: { diamondCount: 3 } } }
  const letter = letterOf(mended, room, arrivedAt, 'why')
  const [replayed] = eventsOfLetter(Buffer.from(JSON.stringify(letter.raw)))
  expect(replayed?.event).toEqual(eventOf('WebcastGiftMessage', mended.data))
  const undecoded = letterOf(
    { type: 'chat', data: undefined, bytes: Buffer.from('ab') },
    room,
    at,
    'x',
  )
  expect(undecoded.raw).toMatchObject({ bytes: 'YWI=' })
  expect(() => eventsOfLetter(Buffer.from(JSON.stringify(undecoded.raw)))).toThrow(
    'could not be decoded',
  )
})
