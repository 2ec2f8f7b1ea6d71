import { hash } from 'node:crypto'
import type { EventType } from '@creatorflow/shared/event-types'
import { eventLimits, type IncomingEvent } from '@creatorflow/shared/events'
import { countOf, giftPart, idOf, numberOf, textOf, timeOf } from '../tiktok/values.ts'

/** One message of a recording: a WebCast message decoded field by field. Numbers may be strings. */
export type RecordedMessage = Readonly<Record<string, unknown>>

/** An event of a recording; `ts` is epoch ms. */
export type RecordedEvent = IncomingEvent & { readonly ts: number }

export type Normalised =
  | { readonly kind: 'event'; readonly event: RecordedEvent }
  /** `reason` is the type of the message, with what is wrong when its type is known. */
  | { readonly kind: 'skipped'; readonly reason: string }

const MINUTE_MS = 60_000
const QUARTER_HOUR_MS = 15 * MINUTE_MS

/**
 * Turns one message into an event. `offsetMs` is how far the recorder's clock was ahead of UTC, for
 * messages that carry no time but when they were captured. An event without a room belongs to no LIVE.
 */
export function normalise(message: RecordedMessage, offsetMs: number): Normalised {
  const type = textOf(message.type) ?? 'without type'
  const read = Object.hasOwn(readers, type) ? readers[type] : undefined
  if (!read) return skipped(type)
  const part = read(message)
  if (typeof part === 'string') return skipped(`${type}: ${part}`)
  const ts = createdAt(message) ?? capturedAt(message, offsetMs)
  if (ts === undefined) return skipped(`${type}: without time`)
  const session_id = idOf(message.room)
  const user_id = idOf(message.user)
  const properties = {
    ...part.properties,
    ...(session_id === undefined && { unattributed: true }),
  }
  return {
    kind: 'event',
    event: {
      ...part,
      id: `tiktok:${idOf(message.msg_id) ?? `sha256-${fingerprint(message)}`}`,
      ts,
      channel: 'tiktok',
      ...(session_id !== undefined && { session_id }),
      ...(user_id !== undefined && { user_id }),
      ...(Object.keys(properties).length > 0 && { properties }),
    },
  }
}

/** When the platform made the message, epoch ms; undefined when it does not say, or nonsense. */
export function createdAt(message: RecordedMessage): number | undefined {
  return timeOf(message.create_time_ms)
}

/** Finds out how far a recorder's local times are ahead of UTC, from messages that have both times. */
export interface OffsetFinder {
  add(message: RecordedMessage): void
  /** The median, rounded to 15 min; undefined while no message has both. */
  offsetMs(): number | undefined
}

export function createOffsetFinder(): OffsetFinder {
  // Counted by minute, so that a long recording needs no more room than a short one.
  const counts = new Map<number, number>()
  let total = 0
  return {
    add(message) {
      const created = createdAt(message)
      const captured = captureTime(message)
      if (created === undefined || !captured?.isLocal) return
      const minutes = Math.round((captured.ts - created) / MINUTE_MS)
      // No zone is farther from UTC than 14 h: the rest are messages that were old when they came.
      if (Math.abs(minutes) > 15 * 60) return
      counts.set(minutes, (counts.get(minutes) ?? 0) + 1)
      total++
    },
    offsetMs() {
      let seen = 0
      for (const [minutes, count] of [...counts].sort(([a], [b]) => a - b)) {
        seen += count
        if (seen * 2 < total) continue
        return Math.round((minutes * MINUTE_MS) / QUARTER_HOUR_MS) * QUARTER_HOUR_MS
      }
      return undefined
    },
  }
}

function capturedAt(message: RecordedMessage, offsetMs: number): number | undefined {
  const captured = captureTime(message)
  return captured && (captured.isLocal ? captured.ts - offsetMs : captured.ts)
}

function captureTime(message: RecordedMessage): { ts: number; isLocal: boolean } | undefined {
  const text = textOf(message.captured_at)
  const found = text?.match(/^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,3})?\d*(Z|[+-]\d\d:\d\d)?$/)
  if (!found) return undefined
  const [, seconds, fraction = '', zone] = found
  const ts = Date.parse(`${seconds}${fraction}${zone ?? 'Z'}`)
  return Number.isNaN(ts) ? undefined : { ts, isLocal: zone === undefined }
}

type Part = Pick<IncomingEvent, 'quantity' | 'product_id' | 'properties'> & {
  readonly type: EventType
}
/** Reads what is special of one type of message; a text says why it cannot be used. */
type Reader = (message: RecordedMessage) => Part | string

const readers: Readonly<Record<string, Reader>> = {
  WebcastChatMessage: (message) => {
    const text = textOf(message.text) ?? textOf(message.content) ?? textOf(message.comment)
    return { type: 'comment', ...(text !== undefined && { properties: { text } }) }
  },
  WebcastMemberMessage: byAction({
    JOINED: 'viewer_joined',
    1: 'viewer_joined',
    SUBSCRIBED: 'subscribe',
    3: 'subscribe',
  }),
  WebcastRoomUserSeqMessage: (message) => {
    const viewers = countOf(message.viewers)
    if (viewers === undefined) return 'without a number of viewers'
    const total_users = countOf(message.total_user)
    return {
      type: 'viewer_count',
      quantity: viewers,
      ...(total_users !== undefined && { properties: { total_users } }),
    }
  },
  WebcastLikeMessage: (message) => {
    const quantity = countOf(message.count)
    const total = countOf(message.total)
    if (quantity === undefined && total === undefined) return 'without a count'
    return {
      type: 'like',
      ...(quantity !== undefined && { quantity }),
      ...(total !== undefined && { properties: { total } }),
    }
  },
  WebcastGiftMessage: gift,
  WebcastOecLiveShoppingMessage: pin,
  // Of one action only follows are counted along, of the other only shares.
  WebcastSocialMessage: byAction({ 1: 'follow', 3: 'share' }),
  WebcastControlMessage: byAction({
    STREAM_PAUSED: 'live_paused',
    1: 'live_paused',
    STREAM_UNPAUSED: 'live_resumed',
    2: 'live_resumed',
    STREAM_ENDED: 'live_ended',
    3: 'live_ended',
    STREAM_SUSPENDED: 'live_ended',
    4: 'live_ended',
  }),
}

function byAction(types: Readonly<Record<string, EventType>>): Reader {
  return ({ action }) => {
    const name = String(action)
    const type = Object.hasOwn(types, name) ? types[name] : undefined
    return type ? { type } : `action ${name}`
  }
}

function gift(message: RecordedMessage): Part | string {
  const gift_id = idOf(message.gift_id)
  const diamond_count = countOf(message.diamond_count)
  if (gift_id === undefined) return 'without gift_id'
  if (diamond_count === undefined) return 'without diamond_count'
  return giftPart({
    gift_id,
    gift_name: textOf(message.gift_name),
    diamond_count,
    // The format writes 0 for what was not said, and whoever sends a gift sends one.
    quantity: countOf(message.repeat_count) || 1,
    streakable: numberOf(message.gift_type) === 1,
    group_id: idOf(message.group_id),
    ended: message.repeat_end === true || numberOf(message.repeat_end) === 1,
  })
}

/**
 * A card with a product was put before the viewers: that is its pin. Recordings name no product id, so a
 * product is known by its title; a message without one only says that something changed in the bag.
 */
function pin({ shop }: RecordedMessage): Part | string {
  const { title } = (typeof shop === 'object' && shop !== null ? shop : {}) as { title?: unknown }
  const product_name = textOf(title)?.trim().slice(0, eventLimits.nameCharacters).toWellFormed()
  if (product_name === undefined || product_name === '') return 'without a product'
  return {
    type: 'product_pinned',
    product_id: `title-${hash('sha256', product_name, 'hex').slice(0, 16)}`,
    properties: { product_name },
  }
}

function skipped(reason: string): Normalised {
  return { kind: 'skipped', reason }
}

/** The same message has the same fingerprint, in whatever order its fields were written. */
export function fingerprint(message: RecordedMessage): string {
  const fields = Object.entries(message).sort(([a], [b]) => (a < b ? -1 : 1))
  return hash('sha256', JSON.stringify(fields), 'hex')
}
