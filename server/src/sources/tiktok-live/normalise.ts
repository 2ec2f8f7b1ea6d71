import { hash } from 'node:crypto'
import type { EventType } from '@creatorflow/shared/event-types'
import { eventLimits, type IncomingEvent } from '@creatorflow/shared/events'
import { countOf, giftPart, idOf, numberOf, partOf, timeOf, wordsOf } from '../tiktok/values.ts'
import type { RawMessage } from './connector.ts'

/** An event of a LIVE; `ts` is epoch ms. */
export type LiveEvent = IncomingEvent & { readonly ts: number }

export type Normalised =
  | { readonly kind: 'event'; readonly event: LiveEvent }
  /** Known, and nothing that we count. */
  | { readonly kind: 'ignored' }
  /** Of a kind that we do not know, or without what its kind needs. */
  | { readonly kind: 'unknown'; readonly name: string }

type Part = Pick<IncomingEvent, 'quantity' | 'product_id' | 'properties'> & {
  readonly type: EventType
}
/** Reads what is special of one type of message: an event, nothing to count, or a text that says what is missing. */
type Reader = (data: unknown) => Part | 'ignored' | { readonly lacks: string }

/**
 * Turns one message into an event. Names of fields are those of the schema of 2026, else those before (v2), else those
 * of the first client (v1). A message without a time counts as it arrived.
 */
export function normalise(message: RawMessage, room: string, arrivedAt: number): Normalised {
  const { type, data } = message
  const read = Object.hasOwn(readers, type) ? readers[type] : undefined
  if (!read)
    return ignoredTypes.has(type) ? { kind: 'ignored' } : { kind: 'unknown', name: nameOf(type) }
  if (typeof data !== 'object' || data === null) return unknown(type, 'not decodable')
  const part = read(data)
  if (part === 'ignored') return { kind: 'ignored' }
  if ('lacks' in part) return unknown(type, `without ${part.lacks}`)
  const common = partOf(data, 'common') ?? data
  const user = userOf(data)
  const id = idOf(partOf(common, 'msgId')) ?? idOf(message.id)
  return {
    kind: 'event',
    event: {
      ...part,
      id: `tiktok:${id ?? `sha256-${fingerprint(message, room)}`}`,
      ts: timeOf(partOf(common, 'createTime')) ?? arrivedAt,
      channel: 'tiktok',
      // The room that is watched, whatever a message says: it could open a LIVE that nobody holds.
      session_id: room,
      ...(user && part.type !== 'viewer_count' && user),
    },
  }
}

/** Whether a message tells that the LIVE paused, went on or ended; undefined when it is no such message. */
export function controlOf(event: LiveEvent): 'paused' | 'resumed' | 'ended' | undefined {
  if (event.type === 'live_paused') return 'paused'
  if (event.type === 'live_resumed') return 'resumed'
  return event.type === 'live_ended' ? 'ended' : undefined
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
  if (text === undefined) return { lacks: 'the question' }
  return { type: 'comment', properties: { text, question: true } }
}

const viewers: Reader = (data) => {
  const quantity = countOf(first(data, ['total'], ['viewerCount']))
  if (quantity === undefined) return { lacks: 'a number of viewers' }
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
  if (quantity === undefined && total === undefined) return { lacks: 'a count' }
  return {
    type: 'like',
    ...(quantity !== undefined && { quantity }),
    ...(total !== undefined && { properties: { total } }),
  }
}

const gift: Reader = (data) => {
  const gift_id = idOf(partOf(data, 'giftId')) ?? idOf(partOf(data, 'gift', 'id'))
  const worth = first(
    data,
    ['gift', 'diamondCount'],
    ['giftDetails', 'diamondCount'],
    ['diamondCount'],
  )
  const diamond_count = countOf(worth)
  if (gift_id === undefined) return { lacks: 'the id of the gift' }
  if (diamond_count === undefined) return { lacks: 'the worth of the gift' }
  const name = first(data, ['gift', 'name'], ['giftDetails', 'giftName'], ['giftName'])
  const type = first(data, ['gift', 'type'], ['giftDetails', 'giftType'], ['giftType'])
  const combo = first(data, ['gift', 'combo'], ['giftDetails', 'combo'])
  return giftPart({
    gift_id,
    gift_name: wordsOf(name, eventLimits.nameCharacters),
    diamond_count,
    quantity: positive(partOf(data, 'repeatCount')) ?? 1,
    streakable: numberOf(type) === 1 || combo === true,
    group_id: idOf(partOf(data, 'groupId')),
    ended: isYes(partOf(data, 'repeatEnd')),
  })
}

const member = byAction(['action', 'actionId'], { 1: 'viewer_joined', 3: 'subscribe' })

const control = byAction(['action'], {
  1: 'live_paused',
  2: 'live_resumed',
  3: 'live_ended',
  4: 'live_ended',
})

/** The action says what it was; where it does not, the key of the text does. */
const social: Reader = (data) => {
  const action = numberOf(partOf(data, 'action'))
  if (action === 1) return { type: 'follow' }
  if (action === 3) return { type: 'share' }
  const key = first(data, ['common', 'displayText', 'key'], ['displayType'])
  if (typeof key !== 'string') return 'ignored'
  if (key.includes('follow')) return { type: 'follow' }
  return key.includes('share') ? { type: 'share' } : 'ignored'
}

/** What its numbers mean is published nowhere: only a message that names a product is one that pins it. */
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
  return { lacks: 'a product' }
}

/** By the names of the wire and by those that clients give. */
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

/** Messages that are known and hold nothing that is counted: battles, banners, ranks, notices … */
export const ignoredTypes: ReadonlySet<string> = new Set(
  [
    'AccessControl AccessRecall Barrage BoostCard Bottom Capsule Caption Envelope GameRankNotify GiftBroadcast',
    'GiftDynamicRestriction GiftPanelUpdate GiftPrompt GoalUpdate Guide HourlyRankReward ImDelete InRoomBanner Link',
    'LinkLayer LinkMicLayoutState LinkState LiveGameIntro LiveIntro MarqueeAnnouncement MsgDetect Notice',
    'PartnershipDropsUpdate PartnershipGameOffline PartnershipPunish Perception Poll RankText RankUpdate Room',
    'RoomNotify RoomPin RoomVerify Speaker SubPinEvent System Toast UnauthorizedMember ViewerPicksUpdate',
  ]
    .join(' ')
    .split(' ')
    .map((name) => `Webcast${name}Message`)
    .concat(
      ['LinkMicArmies', 'LinkMicBattle', 'LinkMicBattlePunishFinish', 'LinkMicFanTicketMethod'].map(
        (name) => `Webcast${name}`,
      ),
      ['WebcastLinkMicMethod', 'WebcastLinkmicBattleTaskMessage'],
    ),
)

function byAction(names: readonly string[], types: Readonly<Record<string, EventType>>): Reader {
  return (data) => {
    const action = String(numberOf(first(data, ...names.map((name) => [name]))))
    const type = Object.hasOwn(types, action) ? types[action] : undefined
    return type ? { type } : 'ignored'
  }
}

/** Who did it. In v1 the fields of the user stand in the message itself. */
function userOf(data: object): Pick<IncomingEvent, 'user_id' | 'user'> | undefined {
  const from = first(data, ['user'], ['data', 'user'], ['details', 'user']) ?? data
  const user_id = idOf(first(from, ['idStr'], ['id'])) ?? idOf(partOf(from, 'userId'))
  if (user_id === undefined) return undefined
  const handle = wordsOf(first(from, ['displayId'], ['uniqueId']), eventLimits.nameCharacters)
  const name = wordsOf(partOf(from, 'nickname'), eventLimits.nameCharacters)
  const avatar = avatarOf(from)
  const user = {
    ...(handle !== undefined && { handle }),
    ...(name !== undefined && { name }),
    ...(avatar !== undefined && { avatar }),
  }
  return { user_id, ...(Object.keys(user).length > 0 && { user }) }
}

/** A cut address shows nothing: one that is too long is left out. */
function avatarOf(from: unknown): string | undefined {
  const found = first(
    from,
    ['avatarThumb', 'urlList', '0'],
    ['profilePicture', 'url', '0'],
    ['profilePictureUrl'],
  )
  const isAddress = typeof found === 'string' && /^https?:\/\/\S+$/.test(found)
  return isAddress && found.length <= eventLimits.textCharacters ? found : undefined
}

/** The first path that leads to something; protobuf writes '' where there is nothing. */
function first(data: unknown, ...paths: readonly (readonly string[])[]): unknown {
  for (const path of paths) {
    const found = partOf(data, ...path)
    if (found !== undefined && found !== null && found !== '') return found
  }
  return undefined
}

/** A running total or a repeat: none is 0 on the wire. */
function positive(value: unknown): number | undefined {
  const count = countOf(value)
  return count === 0 ? undefined : count
}

function isYes(value: unknown): boolean {
  return value === true || numberOf(value) === 1
}

function unknown(type: string, what: string): Normalised {
  return { kind: 'unknown', name: `${nameOf(type)}: ${what}` }
}

/** Names come from outside: a label must be short and printable. */
function nameOf(type: string): string {
  return /^[\w.-]{1,64}$/.test(type) ? type : 'unnamed'
}

function fingerprint({ type, data, bytes }: RawMessage, room: string): string {
  const content = bytes ? Buffer.from(bytes).toString('base64') : JSON.stringify(data)
  return hash('sha256', JSON.stringify([type, room, content]), 'hex')
}
