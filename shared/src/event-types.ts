/**
 * How much an event says about a LIVE being on air. `room`: only happens while the LIVE runs, so it keeps the
 * LIVE open however it was attributed. `sale`: keeps open the LIVE it names. `none`: may come days later and
 * keeps nothing open.
 */
export type Presence = 'room' | 'sale' | 'none'

export interface EventTypeDefinition {
  readonly description: string
  readonly presence: Presence
  /** What `properties.total` counts from its start, if a sender knows it: its maximum counts. */
  readonly running?: 'live' | 'product' | 'video'
  /** Sources correct it later: a higher `revision` of the same id replaces what was reported. */
  readonly restatable?: true
}

/** Every accepted event type. A new type starts here; its fields are in `events.ts`. */
export const eventTypes = {
  live_started: { description: 'The LIVE went on air', presence: 'room' },
  live_ended: { description: 'The LIVE ended', presence: 'none' },
  live_paused: { description: 'The host paused the LIVE', presence: 'room' },
  live_resumed: { description: 'The host resumed the LIVE', presence: 'room' },
  viewer_count: { description: 'Number of people watching now', presence: 'room' },
  viewer_joined: { description: 'A viewer entered the LIVE', presence: 'room', running: 'live' },
  comment: { description: 'A viewer wrote a comment', presence: 'room', running: 'live' },
  like: { description: 'A viewer tapped like', presence: 'room', running: 'live' },
  share: { description: 'A viewer shared the LIVE', presence: 'room', running: 'live' },
  follow: { description: 'A viewer followed the host', presence: 'room' },
  subscribe: { description: 'A viewer subscribed to the host', presence: 'room' },
  gift: { description: 'A viewer sent a gift to the host', presence: 'room' },
  guest_gift: { description: 'A viewer sent a gift to a guest of the LIVE', presence: 'room' },
  live_impression: {
    description: 'The LIVE was shown to a viewer',
    presence: 'room',
    running: 'live',
  },
  product_impression: {
    description: 'A product was shown',
    presence: 'sale',
    running: 'product',
  },
  product_click: { description: 'A product was clicked', presence: 'sale', running: 'product' },
  product_pinned: { description: 'The host pinned a product', presence: 'room' },
  product_unpinned: { description: 'The host unpinned a product', presence: 'room' },
  video_view: {
    description: 'A video was watched',
    presence: 'none',
    running: 'video',
    restatable: true,
  },
  product_page_visit: {
    description: 'A product page was opened',
    presence: 'sale',
    restatable: true,
  },
  add_to_cart: { description: 'A product was added to a cart', presence: 'sale' },
  checkout_initiated: { description: 'A checkout was started', presence: 'sale' },
  payment_completed: { description: 'One line of an order was paid', presence: 'sale' },
  order_created: { description: 'An order was placed, paid or not', presence: 'sale' },
  order_on_hold: {
    description: 'A paid order is on hold: the buyer can still cancel it',
    presence: 'none',
  },
  order_fulfilled: { description: 'An order was packed', presence: 'none' },
  order_shipped: { description: 'An order was handed to the carrier', presence: 'none' },
  order_delivered: { description: 'An order arrived', presence: 'none' },
  order_cancelled: { description: 'An order was canceled', presence: 'none' },
  order_returned: { description: 'Units of an order were returned', presence: 'none' },
  order_refunded: { description: 'Money was refunded for an order', presence: 'none' },
  revenue_generated: { description: 'Revenue outside orders', presence: 'none' },
  shipping_cost_incurred: { description: 'Shipping was paid', presence: 'none' },
  ad_spend_incurred: { description: 'Advertising was paid', presence: 'none', restatable: true },
  product_cost_incurred: { description: 'Goods were paid for', presence: 'none' },
  customer_acquired: { description: 'A customer bought for the first time', presence: 'none' },
  customer_retained: { description: 'A customer bought again', presence: 'none' },
  tiktok_video_viral: { description: 'A video went viral', presence: 'none' },
  product_trending: { description: 'A product is trending', presence: 'none' },
  stock_level: { description: 'Units left in stock', presence: 'none', restatable: true },
  price_changed: { description: 'A product’s price changed', presence: 'none' },
  note: { description: 'A note about this moment', presence: 'none' },
  source_gap: { description: 'A source was disconnected for a while', presence: 'none' },
  page_view: { description: 'A page of the shop was opened', presence: 'none', restatable: true },
  email_sent: { description: 'An e-mail was sent', presence: 'none', restatable: true },
  email_opened: { description: 'An e-mail was opened', presence: 'none', restatable: true },
  email_clicked: {
    description: 'A link in an e-mail was clicked',
    presence: 'none',
    restatable: true,
  },
  system_error: { description: 'A connected system reported an error', presence: 'none' },
} as const satisfies Record<string, EventTypeDefinition>

export type EventType = keyof typeof eventTypes

export const eventTypeNames = Object.keys(eventTypes) as readonly EventType[]

export function isEventType(name: string): name is EventType {
  return Object.hasOwn(eventTypes, name)
}

/** Whether a higher `revision` may replace an event of this type. */
export function isRestatable(type: EventType): boolean {
  return (eventTypes[type] as EventTypeDefinition).restatable === true
}

/** Longer names are compared by their start: no known type is as long. */
const COMPARED_CHARACTERS = 32

/** The known type nearest to `name` by edits, for the message of a reject. */
export function nearestEventType(name: string): EventType {
  const wanted = name.slice(0, COMPARED_CHARACTERS).toLowerCase()
  let best: EventType = 'live_started'
  let fewest = Number.POSITIVE_INFINITY
  for (const candidate of eventTypeNames) {
    // The difference in length alone needs as many edits.
    if (Math.abs(candidate.length - wanted.length) >= fewest) continue
    const edits = editDistance(wanted, candidate)
    if (edits < fewest) {
      best = candidate
      fewest = edits
    }
  }
  return best
}

/** Unknown names per request that get the nearest type; whoever sends more has seen the pattern. */
const SUGGESTED_NAMES = 20

/** `nearestEventType` for one request: caches its results, and says nothing about further names. */
export function createTypeSuggestions(): (name: string) => EventType | undefined {
  const said = new Map<string, EventType>()
  return (name) => {
    const known = said.get(name)
    if (known !== undefined || said.size >= SUGGESTED_NAMES) return known
    const nearest = nearestEventType(name)
    said.set(name, nearest)
    return nearest
  }
}

/** Levenshtein distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
