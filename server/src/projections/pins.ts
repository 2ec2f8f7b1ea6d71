import type { EventType } from '@creatorflow/shared/event-types'
import { isLater } from '@creatorflow/shared/numbered-event'
import type { AttributedEvent } from '../eventlog/accepted-event.ts'

/** A pin, or an unpin if it has no product. Times are epoch ms. */
export interface PinRow {
  readonly creator_id: string
  readonly session_id: string
  readonly at: number
  readonly id: string
  readonly product_id: string | null
}

/** The pins of the LIVEs that a batch may meet, and its own. */
export interface PinBook {
  note(event: AttributedEvent): void
  /** The pin under which an event of the pinned product happened. */
  pinOf(event: AttributedEvent): string | null
  added(): readonly PinRow[]
}

const pinnedTypes: ReadonlySet<EventType> = new Set<EventType>([
  'product_click',
  'add_to_cart',
  'checkout_initiated',
  'payment_completed',
  'product_pinned',
])

/** Whether events of this type belong to the pin they happen under. */
export function isPinned(type: EventType): boolean {
  return pinnedTypes.has(type)
}

/** LIVEs whose pins must be read to settle these events, with the relevant range of times. */
export function pinsToRead(
  fresh: readonly AttributedEvent[],
): { creator_id: string; session_id: string; from: number; to: number }[] {
  const wanted = new Map<
    string,
    { creator_id: string; session_id: string; from: number; to: number }
  >()
  for (const { creator_id, session_id, incoming, ts } of fresh) {
    if (session_id === null || incoming.product_id === undefined || !isPinned(incoming.type))
      continue
    const key = `${creator_id}\n${session_id}`
    const range = wanted.get(key) ?? { creator_id, session_id, from: ts, to: ts }
    range.from = Math.min(range.from, ts)
    range.to = Math.max(range.to, ts)
    wanted.set(key, range)
  }
  return [...wanted.values()]
}

export function pinBook(read: Iterable<PinRow>): PinBook {
  const byLive = new Map<string, PinRow[]>()
  const added: PinRow[] = []
  const marksOf = (creator_id: string, session_id: string): PinRow[] => {
    const key = `${creator_id}\n${session_id}`
    const marks = byLive.get(key) ?? []
    byLive.set(key, marks)
    return marks
  }
  for (const pin of read) marksOf(pin.creator_id, pin.session_id).push(pin)
  return {
    note({ creator_id, session_id, incoming, ts }) {
      const isPin = incoming.type === 'product_pinned'
      if (session_id === null || (!isPin && incoming.type !== 'product_unpinned')) return
      const product_id = isPin ? (incoming.product_id ?? null) : null
      const mark = { creator_id, session_id, at: ts, id: incoming.id, product_id }
      marksOf(creator_id, session_id).push(mark)
      added.push(mark)
    },
    pinOf({ creator_id, session_id, incoming, ts }) {
      if (incoming.type === 'product_pinned') return incoming.id
      if (session_id === null || incoming.product_id === undefined) return null
      let last: PinRow | undefined
      for (const mark of marksOf(creator_id, session_id)) {
        if (mark.at > ts) continue
        if (!last || isLater({ ts: mark.at, id: mark.id }, { ts: last.at, id: last.id }))
          last = mark
      }
      return last?.product_id === incoming.product_id ? last.id : null
    },
    added: () => added,
  }
}
