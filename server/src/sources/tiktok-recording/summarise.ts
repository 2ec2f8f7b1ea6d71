import type { EventType } from '@creatorflow/shared/event-types'
import { growNameless } from '../../pipeline/nameless-streak.ts'
import { idOf } from '../tiktok/values.ts'
import { fingerprint, type RecordedEvent, type RecordedMessage } from './normalise.ts'

/** The totals of one room: the same numbers as the LIVE has in the REST API. */
export interface RoomSummary {
  /** The LIVE's `session_id`; null for messages without a room. */
  readonly room: string | null
  readonly messages: number
  /** Messages with different ids; one without an id is identified by its content. */
  readonly unique_messages: number
  /** Messages that count for the LIVE; a room without any is not a LIVE. */
  readonly events: number
  /** The greatest running total. */
  readonly likes: number
  readonly diamonds: number
  readonly gifts: number
  readonly viewers_peak: number
  readonly comments: number
  readonly shares: number
  readonly follows: number
  readonly joins: number
  readonly subscriptions: number
  /** Products pinned; a pinned comment (`WebcastRoomPinMessage`) is not one. */
  readonly pins: number
}

export interface RoomTally {
  message(message: RecordedMessage): void
  /** An event that is sent; the same id again adds nothing. */
  event(event: RecordedEvent): void
  summary(): { readonly rooms: readonly RoomSummary[]; readonly without_room: RoomSummary | null }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

interface Room {
  readonly sums: Mutable<Omit<RoomSummary, 'room' | 'unique_messages'>>
  readonly ids: Set<string>
  readonly eventIds: Set<string>
  /** Taps reported without a running total. */
  taps: number
  /** Greatest repeat of each streak, which is one sender, gift and group. */
  readonly streaks: Map<string, number>
  /** What is remembered of streaks without a group, by sender and gift. */
  readonly nameless: Map<string, string>
}

const counted: Partial<Record<EventType, keyof Room['sums']>> = {
  comment: 'comments',
  share: 'shares',
  follow: 'follows',
  viewer_joined: 'joins',
  subscribe: 'subscriptions',
  product_pinned: 'pins',
}

/** Adds up rooms in any order of their messages. */
export function createRoomTally(): RoomTally {
  const rooms = new Map<string | null, Room>()

  function roomOf(name: string | undefined): Room {
    const key = name ?? null
    const found = rooms.get(key)
    if (found) return found
    const room: Room = {
      sums: {
        messages: 0,
        events: 0,
        likes: 0,
        diamonds: 0,
        gifts: 0,
        viewers_peak: 0,
        comments: 0,
        shares: 0,
        follows: 0,
        joins: 0,
        subscriptions: 0,
        pins: 0,
      },
      ids: new Set(),
      eventIds: new Set(),
      taps: 0,
      streaks: new Map(),
      nameless: new Map(),
    }
    rooms.set(key, room)
    return room
  }

  return {
    message(message) {
      const room = roomOf(idOf(message.room))
      room.sums.messages++
      room.ids.add(idOf(message.msg_id) ?? fingerprint(message))
    },
    event(event) {
      const room = roomOf(event.session_id)
      if (room.eventIds.has(event.id)) return
      room.eventIds.add(event.id)
      const { sums } = room
      sums.events++
      const { type, quantity = 1, properties = {} } = event
      const count = counted[type]
      if (count !== undefined) sums[count]++
      else if (type === 'viewer_count') sums.viewers_peak = Math.max(sums.viewers_peak, quantity)
      else if (type === 'like') {
        const { total } = properties
        if (typeof total === 'number') sums.likes = Math.max(sums.likes, total)
        else room.taps += quantity
      } else if (type === 'gift') {
        const more = growth(room, event, quantity)
        sums.gifts += more
        sums.diamonds += more * Number(properties.diamond_count)
      }
    },
    summary() {
      const all = [...rooms].map(([room, { sums, ids, taps }]) => {
        const { messages, events, likes, ...rest } = sums
        const summary: RoomSummary = {
          room,
          messages,
          unique_messages: ids.size,
          events,
          likes: likes + taps,
          ...rest,
        }
        return summary
      })
      const named = all.filter(({ room }) => room !== null)
      return {
        rooms: named.sort((a, b) => ((a.room ?? '') < (b.room ?? '') ? -1 : 1)),
        without_room: all.find(({ room }) => room === null) ?? null,
      }
    },
  }
}

/** How far a gift extends its streak; any other gift counts in full. */
function growth(room: Room, event: RecordedEvent, quantity: number): number {
  const { gift_id, streak_id, streak_end } = event.properties ?? {}
  if (streak_id === undefined) {
    if (streak_end === undefined) return quantity
    const name = JSON.stringify([event.user_id ?? null, gift_id])
    const report = { ts: event.ts, quantity, isEnd: streak_end === true }
    const { grown, remembered } = growNameless(room.nameless.get(name), report)
    room.nameless.set(name, remembered)
    return grown
  }
  const key = JSON.stringify([event.user_id ?? null, gift_id, streak_id])
  const before = room.streaks.get(key) ?? 0
  if (quantity <= before) return 0
  room.streaks.set(key, quantity)
  return quantity - before
}
