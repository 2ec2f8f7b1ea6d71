import {
  type EventType,
  type EventTypeDefinition,
  eventTypes,
} from '@creatorflow/shared/event-types'
import type { AttributedEvent } from '../eventlog/accepted-event.ts'

/** What a claim remembers: a first sight, a greatest total, a level, or facts of an order. */
export type ClaimKind =
  | 'order'
  | 'order_step'
  | 'order_excluded'
  | 'order_sku'
  | 'streak'
  | 'likes'
  | 'running'
  | 'viewer_live'
  | 'viewer_day'
  | 'customer_live'
  | 'customer_day'
  | 'customer'
  | 'stock'
  | 'stock_total'

export interface ClaimKey {
  readonly creator_id: string
  readonly kind: ClaimKind
  readonly key: string
}

/**
 * A claim's content. `at` and `ref` are the time and place of the event that holds it: an order's LIVE, the
 * event that set a level, else where the increment counts. `at` is null if dropped events hold it.
 */
export interface Claim {
  readonly value: number
  readonly ref: string | null
  readonly at: number | null
}

/** Bit of an order's value: an event named its LIVE; it was not guessed from a time. */
export const LIVE_NAMED = 128

/** Types that count once for each order. */
const orderSteps: ReadonlySet<string> = new Set([
  'order_created',
  'order_on_hold',
  'order_cancelled',
  'order_fulfilled',
  'order_shipped',
  'order_delivered',
] satisfies EventType[])

/** Claims that were read, and the batch's changes. Asking for one that was not read throws. */
export interface ClaimBook {
  /** Adds the result of a read: the requested keys and the claims found. */
  learn(asked: Iterable<ClaimKey>, found: Iterable<ClaimKey & Claim>): void
  get(key: ClaimKey): Claim | undefined
  set(key: ClaimKey, claim: Claim): void
  /** Changed claims, in key order, so two writers never deadlock. */
  changed(): (ClaimKey & Claim)[]
}

/** The claims of a batch, read by key from their table. */
export interface ReadClaims extends ClaimBook {
  /** Whether the table already has the key; the lock on its creator keeps the answer true. */
  isStored(key: ClaimKey): boolean
}

export function claimBook(): ReadClaims {
  const known = new Map<string, (ClaimKey & Claim) | undefined>()
  const stored = new Set<string>()
  const written = new Map<string, ClaimKey & Claim>()
  return {
    learn(asked, found) {
      for (const key of asked) known.set(nameOf(key), undefined)
      for (const claim of found) {
        const name = nameOf(claim)
        known.set(name, claim)
        stored.add(name)
      }
    },
    isStored: (key) => stored.has(nameOf(key)),
    get(key) {
      const name = nameOf(key)
      if (!known.has(name)) throw new Error(`claim ${name} was not read`)
      return known.get(name)
    },
    set({ creator_id, kind, key }, claim) {
      const name = nameOf({ creator_id, kind, key })
      const whole = { creator_id, kind, key, ...claim }
      known.set(name, whole)
      written.set(name, whole)
    },
    changed: () =>
      [...written.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, claim]) => claim),
  }
}

const nameOf = ({ creator_id, kind, key }: ClaimKey): string => `${creator_id}\n${kind}\n${key}`

/** Parts of a key, joined so that different lists never give the same key. */
export const keyOf = (...parts: (string | null | undefined)[]): string =>
  JSON.stringify(parts.map((part) => part ?? null))

/** Every claim that counting an event may meet, by purpose. */
export function claimsOf(event: AttributedEvent): Partial<Record<ClaimKind, ClaimKey>> {
  const { creator_id, session_id, day, incoming } = event
  const claim = (kind: ClaimKind, key: string): ClaimKey => ({ creator_id, kind, key })
  switch (incoming.type) {
    case 'viewer_joined': {
      const { user_id } = incoming
      return {
        ...runningOf(event),
        ...(user_id !== undefined && {
          viewer_day: claim('viewer_day', keyOf(user_id, day)),
          ...(session_id !== null && {
            viewer_live: claim('viewer_live', keyOf(session_id, user_id)),
          }),
        }),
      }
    }
    case 'gift':
    case 'guest_gift': {
      const { gift_id, streak_id, streak_end } = incoming.properties ?? {}
      const isNamed = typeof streak_id === 'string'
      if (!isNamed && typeof streak_end !== 'boolean') return {}
      const parts = [session_id, incoming.user_id, String(gift_id), isNamed ? streak_id : null]
      // Without a name it could be mistaken for a gift to someone else.
      if (incoming.type === 'guest_gift') parts.push('guest')
      return { streak: claim('streak', keyOf(...parts)) }
    }
    case 'stock_level': {
      const product = incoming.product_id ?? incoming.sku_id
      const sku = incoming.sku_id ?? incoming.product_id
      return {
        stock: claim('stock', keyOf(product, sku)),
        stock_total: claim('stock_total', keyOf(product)),
      }
    }
    case 'customer_acquired':
      return { customer: claim('customer', keyOf(incoming.customer_id)) }
    case 'payment_completed': {
      const { order_id, customer_id } = incoming
      const sku = incoming.sku_id ?? incoming.product_id ?? incoming.id
      return {
        ...(order_id !== undefined && {
          order_step: claim('order_step', keyOf(order_id, incoming.type)),
          order_sku: claim('order_sku', keyOf(order_id, sku)),
          ...(incoming.currency !== undefined && {
            order_excluded: claim('order_excluded', keyOf(order_id)),
          }),
        }),
        ...(customer_id !== undefined && {
          customer: claim('customer', keyOf(customer_id)),
          customer_day: claim('customer_day', keyOf(customer_id, day)),
          ...(session_id !== null && {
            customer_live: claim('customer_live', keyOf(session_id, customer_id)),
          }),
        }),
      }
    }
    default:
      if (!orderSteps.has(incoming.type) || incoming.order_id === undefined) return runningOf(event)
      return { order_step: claim('order_step', keyOf(incoming.order_id, incoming.type)) }
  }
}

/** The claim of a running total, if the event reports one of something it names. */
function runningOf({ creator_id, session_id, incoming }: AttributedEvent) {
  const { type, properties, video_id, product_id } = incoming
  const { running } = eventTypes[type] as EventTypeDefinition
  if (running === undefined || typeof properties?.total !== 'number') return {}
  if (running === 'video') {
    if (video_id === undefined) return {}
    return { running: { creator_id, kind: 'running', key: keyOf(type, video_id) } } as const
  }
  if (session_id === null) return {}
  // Likes had their claim before the others.
  if (type === 'like') return { likes: { creator_id, kind: 'likes', key: session_id } } as const
  const key = keyOf(type, session_id, running === 'product' ? product_id : null)
  return { running: { creator_id, kind: 'running', key } } as const
}

export function orderClaim(creator_id: string, order_id: string): ClaimKey {
  return { creator_id, kind: 'order', key: order_id }
}
