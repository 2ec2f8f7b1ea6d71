import type { EventType } from '@creatorflow/shared/event-types'
import { eventLimits, type IncomingEvent } from '@creatorflow/shared/events'
import { parseExactJson } from '../../core/exact-json.ts'
import { countOf, first, idOf, isYes, numberOf, partOf, positive, wordsOf } from './values.ts'

/** The specific part of one message, for its event. */
export type Part = Pick<IncomingEvent, 'quantity' | 'product_id' | 'properties'> & {
  readonly type: EventType
}
/** An event, nothing to count, or a text that says what is missing. */
export type ReadPart = Part | 'ignored' | { readonly lacks: string }

type Reader = (data: unknown, hostId: string | undefined) => ReadPart

/**
 * Reads one message of the platform, whatever its source; undefined for an unknown type. Field names are
 * those of the 2026 schema, else the previous one (v2), else the first client's (v1). `hostId` distinguishes
 * gifts to the host from gifts to a guest, if messages always name a receiver.
 */
export function readPart(type: string, data: unknown, hostId?: string): ReadPart | undefined {
  return Object.hasOwn(readers, type) ? readers[type]?.(data, hostId) : undefined
}

const comment: Reader = (data) => {
  const text = wordsOf(first(data, ['content'], ['comment']), eventLimits.textCharacters)
  return { type: 'comment', ...(text !== undefined && { properties: { text } }) }
}

const emotes: Reader = (data) => {
  const list = partOf(data, 'emoteList')
  const ids = Array.isArray(list)
    ? list.slice(0, 20).flatMap((emote) => idOf(partOf(emote, 'emoteId')) ?? [])
    : []
  return { type: 'comment', properties: { emotes: ids } }
}

const question: Reader = (data) => {
  const words = first(data, ['data', 'content'], ['details', 'questionText'], ['questionText'])
  const text = wordsOf(words, eventLimits.textCharacters)
  return { type: 'comment', properties: { ...(text !== undefined && { text }), question: true } }
}

const viewers: Reader = (data) => {
  const quantity = countOf(first(data, ['total'], ['viewerCount']))
  if (quantity === undefined) return { lacks: 'viewer count' }
  const total_users = positive(partOf(data, 'totalUser'))
  return {
    type: 'viewer_count',
    quantity,
    ...(total_users !== undefined && { properties: { total_users } }),
  }
}

const like: Reader = (data) => {
  const quantity = countOf(first(data, ['count'], ['likeCount']))
  const total = positive(first(data, ['total'], ['totalLikeCount']))
  if (quantity === undefined && total === undefined) return { lacks: 'count' }
  return {
    type: 'like',
    ...(quantity !== undefined && { quantity }),
    ...(total !== undefined && { properties: { total } }),
  }
}

const gift: Reader = (data, hostId) => {
  const gift_id = idOf(partOf(data, 'giftId')) ?? idOf(partOf(data, 'gift', 'id'))
  const worth = first(
    data,
    ['gift', 'diamondCount'],
    ['giftDetails', 'diamondCount'],
    ['diamondCount'],
  )
  const diamond_count = countOf(worth)
  if (gift_id === undefined) return { lacks: 'gift ID' }
  if (diamond_count === undefined) return { lacks: 'gift value' }
  const name = first(data, ['gift', 'name'], ['giftDetails', 'giftName'], ['giftName'])
  const gift_name = wordsOf(name, eventLimits.nameCharacters)
  const type = first(data, ['gift', 'type'], ['giftDetails', 'giftType'], ['giftType'])
  const combo = first(data, ['gift', 'combo'], ['giftDetails', 'combo'])
  const isStreak = numberOf(type) === 1 || combo === true
  const streak_id = idOf(partOf(data, 'groupId'))
  return {
    type: isForGuest(data, hostId) ? 'guest_gift' : 'gift',
    quantity: positive(partOf(data, 'repeatCount')) ?? 1,
    properties: {
      gift_id,
      ...(gift_name !== undefined && { gift_name }),
      diamond_count,
      // Only a streaking gift sends running totals; without a group its streak is unnamed.
      ...(isStreak && streak_id !== undefined && { streak_id }),
      ...(isStreak && { streak_end: isYes(partOf(data, 'repeatEnd')) }),
    },
  }
}

/**
 * Whether someone other than the host got a gift. Current messages name a receiver only if it is a guest;
 * those of the first client always do, and who the host is.
 */
function isForGuest(data: unknown, hostId: string | undefined): boolean {
  const extra = extraOf(data)
  const anchor = partOf(extra, 'anchor_id')
  const isHost = (id: unknown) =>
    (hostId !== undefined && idOf(id) === hostId) || isSameId(id, anchor)
  const guest =
    idOf(first(data, ['toUser', 'idStr'], ['toUser', 'id'])) ??
    idOf(partOf(data, 'toUser', 'userId'))
  if (guest !== undefined) return !isHost(guest)
  const to = partOf(extra, 'to_user_id')
  if (Number(to) > 0 && Number(anchor) > 0) return !isHost(to)
  const receiver = idOf(partOf(data, 'receiverUserId'))
  return receiver !== undefined && (hostId !== undefined || Number(anchor) > 0) && !isHost(receiver)
}

/** In some versions it is JSON within the message. */
function extraOf(data: unknown): unknown {
  const extra = partOf(data, 'monitorExtra')
  if (typeof extra !== 'string' || extra === '') return extra
  try {
    return parseExactJson(Buffer.from(extra))
  } catch {
    return undefined
  }
}

/** An id written as a number has lost its last digits: then the first ones must do. */
function isSameId(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' || typeof b === 'number') return Number(a) === Number(b)
  return a !== undefined && a === b
}

const member = byAction(['action', 'actionId'], { 1: 'viewer_joined', 3: 'subscribe' })

const control = byAction(['action'], {
  1: 'live_paused',
  2: 'live_resumed',
  3: 'live_ended',
  4: 'live_ended',
})

/** The action says what it was; otherwise the key of the text does. */
const social: Reader = (data) => {
  const action = numberOf(partOf(data, 'action'))
  if (action === 1) return { type: 'follow' }
  if (action === 3) return { type: 'share' }
  const key = first(data, ['common', 'displayText', 'key'], ['displayType'])
  if (typeof key !== 'string') return 'ignored'
  if (key.includes('follow')) return { type: 'follow' }
  return key.includes('share') ? { type: 'share' } : 'ignored'
}

/** The meaning of its numbers is not published: only a message that names a product pins it. */
const shopping: Reader = (data) => {
  for (const at of ['popProduct', 'productSnapShot']) {
    const product_id = idOf(partOf(data, at, 'productId'))
    if (product_id === undefined) continue
    const product_name = wordsOf(partOf(data, at, 'title'), eventLimits.nameCharacters)
    return {
      type: 'product_pinned',
      product_id,
      ...(product_name !== undefined && { properties: { product_name } }),
    }
  }
  return { lacks: 'product' }
}

/** By the names of the wire and those of clients. */
const readers: Readonly<Record<string, Reader>> = {
  WebcastChatMessage: comment,
  chat: comment,
  WebcastEmoteChatMessage: emotes,
  emote: emotes,
  WebcastQuestionNewMessage: question,
  questionNew: question,
  WebcastRoomUserSeqMessage: viewers,
  roomUser: viewers,
  WebcastLikeMessage: like,
  like,
  WebcastGiftMessage: gift,
  gift,
  WebcastMemberMessage: member,
  member,
  WebcastSocialMessage: social,
  social,
  follow: () => ({ type: 'follow' }),
  share: () => ({ type: 'share' }),
  WebcastSubNotifyMessage: () => ({ type: 'subscribe' }),
  subNotify: () => ({ type: 'subscribe' }),
  WebcastControlMessage: control,
  controlMessage: control,
  WebcastOecLiveShoppingMessage: shopping,
  oecLiveShopping: shopping,
}

function byAction(names: readonly string[], types: Readonly<Record<string, EventType>>): Reader {
  return (data) => {
    const action = String(numberOf(first(data, ...names.map((name) => [name]))))
    const type = Object.hasOwn(types, action) ? types[action] : undefined
    return type ? { type } : 'ignored'
  }
}
