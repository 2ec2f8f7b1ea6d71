import type { eventTypes } from '@creatorflow/shared/event-types'
import { MINUTE_MS } from '@creatorflow/shared/live-state'
import { isLater } from '@creatorflow/shared/numbered-event'
import type { AttributedEvent } from '../eventlog/accepted-event.ts'
import type { Increments } from '../eventlog/event-row.ts'
import {
  type Claim,
  type ClaimBook,
  type ClaimKey,
  type ClaimKind,
  claimsOf,
  keyOf,
} from '../projections/claims.ts'
import { growNameless } from './nameless-streak.ts'

export const nothing: Increments = {
  units: 0,
  opening: 0,
  money: 0,
  diamonds: 0,
  main_order: 0,
  sku_order: 0,
  live_first: 0,
  day_first: 0,
  ever_first: 0,
  excluded: 0,
  level: null,
  high: null,
}

/**
 * Called for an event that changes what was counted for later ones that arrived first: in another LIVE, day
 * or group, or `within` the same, where only minutes change.
 */
export type Overtakes = (where: 'elsewhere' | 'within') => void

/**
 * What one event adds to every sum, given what was seen before; records what it saw in the claims. Events in
 * order of time give the right values of each LIVE, day and group; `overtakes` reports one that comes too
 * late for that.
 */
export function count(
  event: AttributedEvent,
  currency: string,
  claims: ClaimBook,
  overtakes: Overtakes = () => {},
): Increments {
  const { incoming } = event
  const keys = claimsOf(event)
  const quantity = incoming.quantity ?? 1
  const first = (key: ClaimKey | undefined) => firstSight(key, event, claims, overtakes)
  switch (incoming.type) {
    case 'viewer_count':
      return {
        ...nothing,
        units: quantity,
        level: quantity,
        high: numberOf(incoming.properties?.total_users) ?? null,
      }
    case 'viewer_joined':
      return {
        ...nothing,
        ...running(event, keys, quantity, claims, overtakes),
        live_first: first(keys.viewer_live),
        day_first: first(keys.viewer_day),
      }
    case 'gift':
    case 'guest_gift': {
      const units = keys.streak
        ? streakGrowth(event, keys.streak, quantity, claims, overtakes)
        : quantity
      return {
        ...nothing,
        units,
        diamonds: units * (numberOf(incoming.properties?.diamond_count) ?? 0),
      }
    }
    case 'stock_level':
      return { ...nothing, ...stockLeft(event, keys, quantity, claims, overtakes) }
    case 'customer_acquired':
      return { ...nothing, units: quantity, ever_first: first(keys.customer) }
    case 'payment_completed':
      return payment(event, keys, currency, quantity, first)
    default: {
      const foreign = incoming.amount !== undefined && isForeign(event, currency) && isMoney(event)
      // Its payment counts as excluded.
      const isPlaced = incoming.type === 'order_created'
      const main_order = first(keys.order_step)
      return {
        ...nothing,
        ...running(event, keys, quantity, claims, overtakes),
        main_order,
        money: foreign || (isPlaced && main_order === 0) ? 0 : (incoming.amount ?? 0),
        excluded: foreign && !isPlaced ? 1 : 0,
      }
    }
  }
}

function payment(
  event: AttributedEvent,
  keys: ReturnType<typeof claimsOf>,
  currency: string,
  quantity: number,
  first: (key: ClaimKey | undefined) => number,
): Increments {
  const people = {
    live_first: first(keys.customer_live),
    day_first: first(keys.customer_day),
    ever_first: first(keys.customer),
  }
  if (isForeign(event, currency)) {
    return { ...nothing, ...people, excluded: keys.order_excluded ? first(keys.order_excluded) : 1 }
  }
  return {
    ...nothing,
    ...people,
    units: quantity,
    money: event.incoming.amount ?? 0,
    // Without an order id the event stands for its order, and its id was already counted once.
    main_order: keys.order_step ? first(keys.order_step) : 1,
    sku_order: keys.order_sku ? first(keys.order_sku) : 1,
  }
}

/** Types besides payments whose amounts are in totals, if they are in the creator's currency. */
export const moneyTypes: ReadonlySet<string> = new Set([
  'order_created',
  'order_refunded',
  'revenue_generated',
  'shipping_cost_incurred',
  'ad_spend_incurred',
  'product_cost_incurred',
] satisfies (keyof typeof eventTypes)[])

const isMoney = (event: AttributedEvent): boolean => moneyTypes.has(event.incoming.type)

function isForeign(event: AttributedEvent, currency: string): boolean {
  return event.incoming.currency !== undefined && event.incoming.currency !== currency
}

const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' ? value : undefined

/** Within a LIVE or a day, the position does not matter. */
const keyedByPlace: ReadonlySet<ClaimKind> = new Set<ClaimKind>([
  'viewer_live',
  'viewer_day',
  'customer_live',
  'customer_day',
])

/** The LIVE, the day and the groups that an increment counts for. */
function placeOf({ day, session_id, incoming }: AttributedEvent, kind: ClaimKind): string {
  const { channel, traffic_source, product_id, properties } = incoming
  const ofProduct = kind === 'order_sku' || kind === 'running' ? product_id : null
  const price = kind === 'streak' ? String(properties?.diamond_count) : null
  return keyOf(day, session_id, channel, traffic_source, ofProduct, price)
}

/** Whether an event comes before the one that holds a claim, and would count elsewhere. */
function isEarlier(event: AttributedEvent, kind: ClaimKind, held: Claim): boolean {
  return held.at !== null && event.ts <= held.at && placeOf(event, kind) !== held.ref
}

/** From an earlier minute: within one, order changes nothing. */
const isBefore = ({ ts }: AttributedEvent, { at }: Claim) =>
  at !== null && Math.floor(ts / MINUTE_MS) < Math.floor(at / MINUTE_MS)

/** 1 the first time a key is met, else 0. */
function firstSight(
  key: ClaimKey | undefined,
  event: AttributedEvent,
  claims: ClaimBook,
  overtakes: Overtakes,
): number {
  if (!key) return 0
  const { kind } = key
  const known = claims.get(key)
  if (!known) {
    const isWithin = keyedByPlace.has(kind)
    const held = isWithin ? { ref: null, at: null } : { ref: placeOf(event, kind), at: event.ts }
    claims.set(key, { value: 1, ...held })
    return 1
  }
  if (isEarlier(event, kind, known)) overtakes('elsewhere')
  else if (isBefore(event, known)) overtakes('within')
  return 0
}

/** Since when a whole running total counted in one place, and that place. */
const stretch = (since: number, place: string) => `${since} ${place}`
const sinceOf = (ref: string | null) => Number(ref?.split(' ', 1)[0])
const isOfPlace = (ref: string | null, place: string) => ref?.endsWith(` ${place}`) === true

/** Whether an event precedes a report that counted in another place. */
function isBeforeStretch(event: AttributedEvent, kind: ClaimKind, { ref, at }: Claim): boolean {
  if (at === null || event.ts > at) return false
  return event.ts < sinceOf(ref) || !isOfPlace(ref, placeOf(event, kind))
}

/** A running total's range with its latest report. */
function stretchWith(event: AttributedEvent, kind: ClaimKind, known?: Claim) {
  const place = placeOf(event, kind)
  if (known?.at == null) return { ref: stretch(Number.NEGATIVE_INFINITY, place), at: event.ts }
  return { ref: isOfPlace(known.ref, place) ? known.ref : stretch(event.ts, place), at: event.ts }
}

/** How far a running total rose above its previous maximum. */
function growth(
  key: ClaimKey,
  event: AttributedEvent,
  total: number,
  claims: ClaimBook,
  overtakes: Overtakes,
): number {
  const known = claims.get(key)
  if (known && total > 0) {
    if (isBeforeStretch(event, key.kind, known)) overtakes('elsewhere')
    else if (isBefore(event, known)) overtakes('within')
  }
  const before = known?.value ?? 0
  if (total <= before) return 0
  const isLatest = known?.at == null || event.ts >= known.at
  const { ref, at } = isLatest ? stretchWith(event, key.kind, known) : known
  claims.set(key, { value: total, ref, at })
  return total - before
}

/** What an event that may report a running total adds; the first total happened before anybody watched. */
function running(
  event: AttributedEvent,
  keys: ReturnType<typeof claimsOf>,
  quantity: number,
  claims: ClaimBook,
  overtakes: Overtakes,
): Pick<Increments, 'units' | 'opening'> {
  const key = keys.likes ?? keys.running
  if (!key) return { units: quantity, opening: 0 }
  const isFirst = claims.get(key) === undefined
  const total = numberOf(event.incoming.properties?.total) ?? 0
  if (isFirst) claims.set(key, { value: total, ...stretchWith(event, key.kind) })
  return isFirst
    ? { units: 0, opening: total }
    : { units: growth(key, event, total, claims, overtakes), opening: 0 }
}

/** How far a report extends a streak. */
function streakGrowth(
  event: AttributedEvent,
  key: ClaimKey,
  quantity: number,
  claims: ClaimBook,
  overtakes: Overtakes,
): number {
  const { streak_id, streak_end } = event.incoming.properties ?? {}
  if (streak_id !== undefined) return growth(key, event, quantity, claims, overtakes)
  const before = claims.get(key)
  const report = { ts: event.ts, quantity, isEnd: streak_end === true }
  const { grown, remembered } = growNameless(before?.ref, report)
  claims.set(key, { value: (before?.value ?? 0) + grown, ref: remembered, at: null })
  return grown
}

/**
 * The last report of a product by time, and whether a SKU of it was ever gone: otherwise no order can have
 * emptied it.
 */
const lastReport = (id: string, wasGone: boolean) => `${wasGone ? 'gone' : 'left'} ${id}`
const wasGone = (ref: string | null | undefined) => ref?.startsWith('gone ') === true

/** A product's stock over all its SKUs; for one SKU the later report counts. `units` is 1 if that sold it out. */
function stockLeft(
  event: AttributedEvent,
  keys: ReturnType<typeof claimsOf>,
  left: number,
  claims: ClaimBook,
  overtakes: Overtakes,
): Pick<Increments, 'level' | 'units'> {
  const sku = keys.stock as ClaimKey
  const product = keys.stock_total as ClaimKey
  const known = claims.get(sku)
  const before = claims.get(product)
  const total = before?.value ?? 0
  const latest = { ts: event.ts, id: event.incoming.id }
  const gone = left === 0 || wasGone(before?.ref)
  const last = { ts: before?.at ?? Number.NEGATIVE_INFINITY, id: before?.ref?.slice(5) ?? '' }
  // A restated report is still the last one.
  const isLast = !isLater(last, latest)
  if (!isLast && gone) overtakes('elsewhere')
  const { ts: at, id } = isLast ? latest : last
  const ref = lastReport(id, gone)
  if (known && isLater({ ts: known.at ?? 0, id: known.ref ?? '' }, latest)) {
    claims.set(product, { value: total, ref, at })
    return { level: total, units: 0 }
  }
  const after = total - (known?.value ?? 0) + left
  claims.set(sku, { value: left, ref: latest.id, at: latest.ts })
  claims.set(product, { value: after, ref, at })
  return { level: after, units: after === 0 && before?.value !== 0 ? 1 : 0 }
}
