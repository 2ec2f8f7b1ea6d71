import { hash } from 'node:crypto'
import { eventLimits, type IncomingEvent } from '@creatorflow/shared/events'
import { readPart } from '../tiktok/parts.ts'
import { first, idOf, partOf, timeOf, wordsOf } from '../tiktok/values.ts'
import type { RawMessage } from './connector.ts'

/** An event of a LIVE; `ts` is epoch ms. */
export type LiveEvent = IncomingEvent & { readonly ts: number }

export type Normalised =
  | { readonly kind: 'event'; readonly event: LiveEvent }
  /** Known, and not counted. */
  | { readonly kind: 'ignored' }
  /** Of an unknown kind, or without what its kind needs. */
  | { readonly kind: 'unknown'; readonly name: string }

/**
 * Turns one message into an event. Field names are those of the 2026 schema, else the previous one (v2), else
 * the first client's (v1). A message without a time counts on arrival. `hostId` is the host's user, if known.
 */
export function normalise(
  message: RawMessage,
  room: string,
  arrivedAt: number,
  hostId?: string,
): Normalised {
  const { type, data } = message
  const part = readPart(type, data, hostId)
  if (part === undefined)
    return ignoredTypes.has(type) ? { kind: 'ignored' } : { kind: 'unknown', name: nameOf(type) }
  if (typeof data !== 'object' || data === null) return unknown(type, 'could not be decoded')
  if (part === 'ignored') return { kind: 'ignored' }
  if ('lacks' in part) return unknown(type, `no ${part.lacks}`)
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
      // The watched room, whatever a message says: otherwise it could open a LIVE that nobody holds.
      session_id: room,
      ...(user && part.type !== 'viewer_count' && user),
    },
  }
}

/** Whether a message says that the LIVE paused, resumed or ended; undefined if it is another message. */
export function controlOf(event: LiveEvent): 'paused' | 'resumed' | 'ended' | undefined {
  if (event.type === 'live_paused') return 'paused'
  if (event.type === 'live_resumed') return 'resumed'
  return event.type === 'live_ended' ? 'ended' : undefined
}

/** Known messages without anything to count: battles, banners, ranks, notices … */
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

/** Who did it. In v1 the user's fields are in the message itself. */
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

/** A truncated address shows nothing: one that is too long is left out. */
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
