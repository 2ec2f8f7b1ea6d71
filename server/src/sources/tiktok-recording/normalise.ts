import { hash } from 'node:crypto'
import { eventLimits, type IncomingEvent } from '@creatorflow/shared/events'
import { type Part, readPart } from '../tiktok/parts.ts'
import { idOf, textOf, timeOf } from '../tiktok/values.ts'

/** One message of a recording: a WebCast message decoded field by field. Numbers may be strings. */
export type RecordedMessage = Readonly<Record<string, unknown>>

/** An event of a recording; `ts` is epoch ms. */
export type RecordedEvent = IncomingEvent & { readonly ts: number }

export type Normalised =
  | { readonly kind: 'event'; readonly event: RecordedEvent }
  /** `reason` is the type of the message, plus what is wrong if its type is known. */
  | { readonly kind: 'skipped'; readonly reason: string }

const MINUTE_MS = 60_000
const QUARTER_HOUR_MS = 15 * MINUTE_MS

/**
 * Turns one message into an event. `offsetMs` is how far the recorder's clock was ahead of UTC, for messages
 * with only a capture time. An event without a room belongs to no LIVE.
 */
export function normalise(message: RecordedMessage, offsetMs: number): Normalised {
  const type = textOf(message.type) ?? 'no type'
  const part = partOfMessage(type, message)
  if (typeof part === 'string') return skipped(part === '' ? type : `${type}: ${part}`)
  const ts = createdAt(message) ?? capturedAt(message, offsetMs)
  if (ts === undefined) return skipped(`${type}: no time`)
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

/** When the platform made the message, epoch ms; undefined if absent or nonsense. */
export function createdAt(message: RecordedMessage): number | undefined {
  return timeOf(message.create_time_ms)
}

/** Finds how far a recorder's local times are ahead of UTC, from messages with both times. */
export interface OffsetFinder {
  add(message: RecordedMessage): void
  /** The median, rounded to 15 min; undefined while no message has both. */
  offsetMs(): number | undefined
}

export function createOffsetFinder(): OffsetFinder {
  // Counted by minute, so a long recording needs no more memory than a short one.
  const counts = new Map<number, number>()
  let total = 0
  return {
    add(message) {
      const created = createdAt(message)
      const captured = captureTime(message)
      if (created === undefined || !captured?.isLocal) return
      const minutes = Math.round((captured.ts - created) / MINUTE_MS)
      // No zone is farther from UTC than 14 h: the rest are messages that were old on arrival.
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

/** What a message is, read like the live source, or why it is not usable. */
function partOfMessage(type: string, message: RecordedMessage): Part | string {
  if (type === 'WebcastOecLiveShoppingMessage') return pin(message)
  const part = readPart(type, wireOf(message), idOf(message.host))
  if (part === undefined) return ''
  if (part === 'ignored') return `action ${String(message.action)}`
  return 'lacks' in part ? `no ${part.lacks}` : part
}

/** Names of actions, as the recorder writes them, and their numbers on the wire. */
const actions: Readonly<Record<string, number>> = {
  JOINED: 1,
  SUBSCRIBED: 3,
  STREAM_PAUSED: 1,
  STREAM_UNPAUSED: 2,
  STREAM_ENDED: 3,
  STREAM_SUSPENDED: 4,
}

/** A message of a recording, whose fields are flat, in its wire format. */
function wireOf(message: RecordedMessage): object {
  const action = String(message.action)
  return {
    action: Object.hasOwn(actions, action) ? actions[action] : message.action,
    content: textOf(message.text) ?? textOf(message.content) ?? textOf(message.comment),
    questionText: textOf(message.text) ?? textOf(message.question),
    emoteList: message.emotes,
    count: message.count,
    total: message.viewers ?? message.total,
    totalUser: message.total_user,
    giftId: message.gift_id,
    gift: {
      name: message.gift_name,
      type: message.gift_type,
      diamondCount: message.diamond_count,
    },
    groupId: message.group_id,
    repeatCount: message.repeat_count,
    repeatEnd: message.repeat_end,
    toUser: { id: message.to_user },
  }
}

/**
 * A product card shown to viewers is its pin. Recordings have no product id, so a product is known by its
 * title; a message without one only says that something changed in the bag.
 */
function pin({ shop }: RecordedMessage): Part | string {
  const { title } = (typeof shop === 'object' && shop !== null ? shop : {}) as { title?: unknown }
  const product_name = textOf(title)?.trim().slice(0, eventLimits.nameCharacters).toWellFormed()
  if (product_name === undefined || product_name === '') return 'no product'
  return {
    type: 'product_pinned',
    product_id: `title-${hash('sha256', product_name, 'hex').slice(0, 16)}`,
    properties: { product_name },
  }
}

function skipped(reason: string): Normalised {
  return { kind: 'skipped', reason }
}

/** The same message has the same fingerprint, whatever the order of its fields. */
export function fingerprint(message: RecordedMessage): string {
  const fields = Object.entries(message).sort(([a], [b]) => (a < b ? -1 : 1))
  return hash('sha256', JSON.stringify(fields), 'hex')
}
