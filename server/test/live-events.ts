import { type EventType, eventTypeNames } from '@creatorflow/shared/event-types'
import type { NumberedEvent } from '@creatorflow/shared/numbered-event'
import type { Random } from '@creatorflow/shared/simulator/random'

const MINUTE_MS = 60_000
const NOON = Date.UTC(2026, 10, 20, 12)

export interface NumberedOptions {
  readonly lives: number
  readonly products: number
  readonly pins: number
  /** How many minutes the events are spread over. */
  readonly minutes: number
}

/**
 * An endless stream of written events, as wild as a log may be: any order of times, LIVEs that start before
 * others.
 */
export function* numberedEvents(random: Random, of: NumberedOptions): Generator<NumberedEvent> {
  const starts = Array.from({ length: of.lives }, () => random.between(0, of.minutes) * MINUTE_MS)
  const opened = new Set<number>()
  for (let seq = 1; ; seq++) {
    // Later LIVEs appear later, so that earlier ones exist to be dropped.
    const live = random.between(0, Math.min(of.lives - 1, Math.floor(seq / 40)))
    const type = random.pick(eventTypeNames)
    const started = NOON + (starts[live] ?? 0)
    const ts = started + random.between(-1, of.minutes) * MINUTE_MS + random.between(0, 59_999)
    yield {
      seq,
      ts,
      id: `event-${seq}`,
      type,
      day: new Date(ts).toISOString().slice(0, 10),
      ...(random.chance(0.9) && {
        session_id: `live-${live}`,
        ...(opened.size < opened.add(live).size && { opens_live: 1 }),
        attribution: random.pick(['session', 'order', 'time'] as const),
        live_started_at: started - (random.chance(0.02) ? MINUTE_MS : 0),
      }),
      ...(random.chance(0.6) && { product_id: `product-${random.between(1, of.products)}` }),
      ...(random.chance(0.4) && { pin_id: `pin-${random.between(1, of.pins)}` }),
      ...(random.chance(0.3) && { label: `label ${random.between(1, 9)}` }),
      ...(random.chance(0.02) && { excluded: 1, currency: random.pick(['EUR', 'GBP']) }),
      user_id: `user-${random.between(1, 30)}`,
      units: random.between(0, 5),
      opening: random.chance(0.1) ? 7 : 0,
      money: random.between(0, 9_999),
      diamonds: random.between(0, 3),
      main_order: random.between(0, 1),
      sku_order: random.between(0, 1),
      live_first: random.between(0, 1),
      day_first: random.between(0, 1),
      ever_first: random.between(0, 1),
      level: random.between(0, 500),
      high: random.between(0, 900),
    }
  }
}

/** As many of them as wanted, from the generator's position. */
export function nextOf<T>(events: Iterator<T>, count: number): T[] {
  return Array.from({ length: count }, () => events.next().value as T)
}

const sentTypes = [
  'comment',
  'like',
  'viewer_count',
  'viewer_joined',
  'product_click',
  'add_to_cart',
  'payment_completed',
  'gift',
  'share',
] as const satisfies readonly EventType[]

let sent = 0

/** Events as sent, of one LIVE, with new ids. */
export function sentEvents(creator_id: string, count: number, session_id = 'live-1') {
  return Array.from({ length: count }, (_, index) => {
    const n = ++sent
    const type = sentTypes[n % sentTypes.length]
    return {
      id: `sent-${n}`,
      type,
      creator_id,
      session_id,
      ts: Date.now() - (count - index),
      user_id: `user-${n % 50}`,
      product_id: `product-${n % 20}`,
      customer_id: `customer-${n % 10}`,
      ...(type === 'payment_completed' && {
        amount: 100 + n,
        currency: 'USD',
        order_id: `order-${n}`,
      }),
      ...(type === 'viewer_count' && { quantity: n % 100 }),
      ...(type === 'comment' && { properties: { text: 'hello' } }),
      ...(type === 'gift' && {
        properties: { gift_id: '1', gift_name: 'Rose', diamond_count: 1 },
      }),
    }
  })
}
