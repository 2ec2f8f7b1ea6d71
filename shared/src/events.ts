import { z } from 'zod'
import type { RejectCode } from './errors.ts'
import {
  type EventType,
  eventTypeNames,
  isEventType,
  isRestatable,
  nearestEventType,
} from './event-types.ts'

/** Limits of one event: they bound every row, message and screen made of it. */
export const eventLimits = {
  idCharacters: 200,
  nameCharacters: 200,
  textCharacters: 2_000,
  propertyNodes: 500,
  propertyDepth: 8,
  propertyCharacters: 16_000,
  amountMinorUnits: 1_000_000_000_000,
  quantity: 1_000_000_000,
} as const

// Names that every object inherits would be mistaken for entries of maps keyed by ids.
const reserved: ReadonlySet<string> = /* @__PURE__ */ new Set(
  Object.getOwnPropertyNames(Object.prototype),
)
const id = z
  .string()
  .min(1)
  .max(eventLimits.idCharacters)
  .refine((value) => !reserved.has(value), { error: 'this name is reserved' })
const amount = z
  .int({ error: 'amount must be a whole number of minor units (cents)' })
  .min(0, {
    error: 'amount must not be negative: refunds and costs are positive on their own types',
  })
  .max(eventLimits.amountMinorUnits)
const quantity = z.int().min(0).max(eventLimits.quantity)
const running = z.int().min(0).max(Number.MAX_SAFE_INTEGER)
const revision = z.int().min(0).max(Number.MAX_SAFE_INTEGER)
const notATime = { error: 'ts must be ISO 8601 with an offset or Z, or whole epoch milliseconds' }
// The members need the message too: a text in a wrong format fails as a text, not as a union.
const timestamp = z.union(
  [z.int(notATime), z.iso.datetime({ offset: true, ...notATime })],
  notATime,
)
const name = z.string().max(eventLimits.nameCharacters)
const text = z.string().max(eventLimits.textCharacters)

const user = z.strictObject({
  handle: name.optional(),
  name: name.optional(),
  avatar: text.optional(),
})

/** Fields that any event may have; `properties` keeps everything else its sender knows. */
const envelope = {
  id,
  /** Which statement of the figure `id` this is; 0 if absent. */
  revision: revision.optional(),
  ts: timestamp.optional(),
  creator_id: id.optional(),
  session_id: id.optional(),
  channel: id.optional(),
  traffic_source: id.optional(),
  order_id: id.optional(),
  product_id: id.optional(),
  sku_id: id.optional(),
  customer_id: id.optional(),
  video_id: id.optional(),
  pin_id: id.optional(),
  user_id: id.optional(),
  user: user.optional(),
  amount: amount.optional(),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, { error: 'currency must be three capital letters' })
    .optional(),
  quantity: quantity.optional(),
} as const

function properties<S extends z.ZodRawShape>(known: S) {
  return z.looseObject(known).optional()
}
const ofAnything = properties({ product_name: name.optional() })

type Fields<T extends EventType> = typeof envelope & {
  readonly type: z.ZodLiteral<T>
  readonly properties: typeof ofAnything
}
type EventSchema<T extends EventType, S> = z.ZodObject<Omit<Fields<T>, keyof S> & S, z.core.$strict>

function event<T extends EventType, S extends z.ZodRawShape>(
  type: T,
  fields: S,
): EventSchema<T, S> {
  const shape = { ...envelope, type: z.literal(type), properties: ofAnything, ...fields }
  // Later members of a spread replace earlier ones: TypeScript would intersect those of a generic type.
  return z.strictObject(shape) as unknown as EventSchema<T, S>
}

/** `total` counts from the start of the LIVE, of the product in it, or of the video. */
const ofRunning = {
  properties: properties({ product_name: name.optional(), total: running.optional() }),
} as const
const ofOrder = { order_id: id } as const
const ofProduct = { product_id: id } as const
const ofMoney = { amount } as const
const ofCustomer = { customer_id: id } as const

/**
 * `streak_end` without a `streak_id` is a running total too: of the streak of that sender and gift, until its
 * end.
 */
const giftProperties = z.looseObject({
  gift_id: id,
  gift_name: name.optional(),
  diamond_count: z.int().min(0).max(1_000_000),
  streak_id: id.optional(),
  streak_end: z.boolean().optional(),
})

/** One schema for each type: what it needs beyond the envelope. */
export const eventSchemas = {
  live_started: event('live_started', { properties: properties({ title: name.optional() }) }),
  live_ended: event('live_ended', {}),
  live_paused: event('live_paused', {}),
  live_resumed: event('live_resumed', {}),
  viewer_count: event('viewer_count', {
    quantity,
    properties: properties({ total_users: running.optional() }),
  }),
  viewer_joined: event('viewer_joined', ofRunning),
  comment: event('comment', {
    properties: properties({ text: text.optional(), total: running.optional() }),
  }),
  like: event('like', ofRunning),
  share: event('share', ofRunning),
  follow: event('follow', {}),
  subscribe: event('subscribe', {}),
  gift: event('gift', { properties: giftProperties }),
  guest_gift: event('guest_gift', { properties: giftProperties }),
  live_impression: event('live_impression', ofRunning),
  product_impression: event('product_impression', { ...ofProduct, ...ofRunning }),
  product_click: event('product_click', { ...ofProduct, ...ofRunning }),
  product_pinned: event('product_pinned', ofProduct),
  product_unpinned: event('product_unpinned', ofProduct),
  video_view: event('video_view', ofRunning).refine(
    (e) => e.properties?.total === undefined || e.video_id !== undefined,
    { error: 'a running total needs a video_id' },
  ),
  product_page_visit: event('product_page_visit', {}),
  add_to_cart: event('add_to_cart', {}),
  checkout_initiated: event('checkout_initiated', {}),
  payment_completed: event('payment_completed', ofMoney),
  order_created: event('order_created', ofOrder),
  order_on_hold: event('order_on_hold', ofOrder),
  order_fulfilled: event('order_fulfilled', ofOrder),
  order_shipped: event('order_shipped', ofOrder),
  order_delivered: event('order_delivered', ofOrder),
  order_cancelled: event('order_cancelled', ofOrder),
  order_returned: event('order_returned', ofOrder),
  order_refunded: event('order_refunded', ofMoney),
  revenue_generated: event('revenue_generated', ofMoney),
  shipping_cost_incurred: event('shipping_cost_incurred', ofMoney),
  ad_spend_incurred: event('ad_spend_incurred', ofMoney),
  product_cost_incurred: event('product_cost_incurred', ofMoney),
  customer_acquired: event('customer_acquired', ofCustomer),
  customer_retained: event('customer_retained', ofCustomer),
  tiktok_video_viral: event('tiktok_video_viral', { video_id: id }),
  product_trending: event('product_trending', ofProduct),
  stock_level: event('stock_level', { quantity }).refine(
    (e) => e.product_id !== undefined || e.sku_id !== undefined,
    { error: 'stock_level needs a product_id or a sku_id' },
  ),
  price_changed: event('price_changed', { product_id: id, amount }),
  note: event('note', { properties: z.looseObject({ text }) }),
  // `ts` is the start, `quantity` the length in ms; `properties.source` names the kind of source.
  source_gap: event('source_gap', {
    quantity,
    properties: properties({ source: id.optional() }),
  }),
  page_view: event('page_view', {}),
  email_sent: event('email_sent', {}),
  email_opened: event('email_opened', {}),
  email_clicked: event('email_clicked', {}),
  system_error: event('system_error', {}),
} as const satisfies Record<EventType, z.ZodType>

type Envelope = { [K in keyof typeof envelope]?: z.infer<(typeof envelope)[K]> }

/** An event that passed its schema. `ts` is epoch ms, absent if the sender gave none. */
export interface IncomingEvent extends Omit<Envelope, 'id' | 'ts'> {
  readonly id: string
  readonly type: EventType
  readonly ts?: number
  readonly properties?: Readonly<Record<string, unknown>>
}

export interface Reject {
  readonly code: RejectCode
  readonly message: string
}

export type ParsedEvent =
  | { readonly ok: true; readonly event: IncomingEvent }
  | { readonly ok: false; readonly reject: Reject }

/**
 * Checks one value of a request body against the catalogue. Rejects: `invalid_event` (the message names field
 * and reason), `unknown_type` (with the type that `suggest` finds nearest). Finding it is expensive: whoever
 * checks many values of a stranger limits it.
 */
export function parseEvent(
  value: unknown,
  suggest: (type: string) => EventType | undefined = nearestEventType,
): ParsedEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return rejected('invalid_event', 'an event must be a JSON object')
  }
  const type = (value as { type?: unknown }).type
  if (typeof type !== 'string') return rejected('invalid_event', 'type: must be a string')
  if (!isEventType(type)) {
    const shown = type.length > 64 ? `${type.slice(0, 64)}…` : type
    const nearest = suggest(type)
    const hint = nearest === undefined ? '' : `, did you mean "${nearest}"?`
    return rejected('unknown_type', `unknown type ${JSON.stringify(shown.toWellFormed())}${hint}`)
  }
  const flaw = flawIn(value)
  if (flaw) return rejected('invalid_event', flaw)
  const parsed = eventSchemas[type].safeParse(value)
  if (!parsed.success) return rejected('invalid_event', describeIssues(parsed.error.issues))
  // The schema made this object, with a `ts` that is a number or a text: it is completed in place.
  const event = parsed.data as Omit<IncomingEvent, 'ts'> & { ts?: number | string }
  if (typeof event.ts === 'string') event.ts = Date.parse(event.ts)
  const misplaced = event.revision ? revisionFlaw(event as IncomingEvent) : undefined
  return misplaced === undefined
    ? { ok: true, event: event as IncomingEvent }
    : rejected('invalid_event', `revision: ${misplaced}`)
}

/** Why an event cannot restate another one. */
function revisionFlaw({ type, ts }: IncomingEvent): string | undefined {
  if (!isRestatable(type)) {
    const restatable = eventTypeNames.filter(isRestatable).join(', ')
    return `${type} cannot be restated, only ${restatable} can`
  }
  // The time of arrival differs each time.
  return ts === undefined ? 'must have the ts of the event it restates' : undefined
}

function rejected(code: RejectCode, message: string): ParsedEvent {
  return { ok: false, reject: { code, message } }
}

function describeIssues(issues: readonly z.core.$ZodIssue[]): string {
  const text = issues
    .slice(0, 3)
    .map((issue) => (issue.path.length > 0 ? `${issue.path.join('.')}: ` : '') + issue.message)
    .join('; ')
  // Joined again: a substring keeps the whole text in memory, here all names of unknown fields.
  return ` ${text.slice(0, 500)}`.slice(1).toWellFormed()
}

/** What no schema checks: text PostgreSQL cannot store, keys that pollute, and sizes past the limits. */
function flawIn(value: object): string | undefined {
  let nodes = 0
  let characters = 0
  const visit = (part: unknown, depth: number): string | undefined => {
    if (typeof part === 'string') {
      characters += part.length
      if (part.includes('\0')) return 'text must not contain NUL'
      if (!part.isWellFormed()) return 'text must not contain a lone surrogate'
    } else if (typeof part === 'number') {
      if (!Number.isFinite(part)) return 'numbers must be finite'
    } else if (typeof part === 'object' && part !== null) {
      if (depth > eventLimits.propertyDepth) {
        return `nested deeper than ${eventLimits.propertyDepth} levels`
      }
      for (const key in part) {
        if (key === '__proto__') return 'the key __proto__ is not allowed'
        const flaw = visit(key, depth) ?? visit((part as Record<string, unknown>)[key], depth + 1)
        if (flaw) return flaw
      }
    }
    if (++nodes > eventLimits.propertyNodes) return `more than ${eventLimits.propertyNodes} values`
    if (characters > eventLimits.propertyCharacters) {
      return `more than ${eventLimits.propertyCharacters} characters of text`
    }
    return undefined
  }
  return visit(value, 0)
}
