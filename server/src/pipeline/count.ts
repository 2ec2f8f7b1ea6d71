import type { eventTypes } from '@creatorflow/shared/event-types'
import { isLater } from '@creatorflow/shared/numbered-event'
import type { AttributedEvent } from './accepted-event.ts'
import { type ClaimBook, type ClaimKey, claimsOf, orderFlags } from './claims.ts'
import type { countedColumns, EventRow } from './event-row.ts'

type Increments = Pick<EventRow, (typeof countedColumns)[number]>

const nothing: Increments = {
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

/** What one event adds to every sum, given what was seen before; notes what it saw in the claims. */
export function count(event: AttributedEvent, currency: string, claims: ClaimBook): Increments {
  const { incoming } = event
  const keys = claimsOf(event)
  const quantity = incoming.quantity ?? 1
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
        units: quantity,
        live_first: firstSight(keys.viewer_live, claims),
        day_first: firstSight(keys.viewer_day, claims),
      }
    case 'like': {
      const total = numberOf(incoming.properties?.total)
      if (!keys.likes || total === undefined) return { ...nothing, units: quantity }
      const seen = claims.get(keys.likes)
      if (!seen) {
        claims.set(keys.likes, valued(total))
        return { ...nothing, opening: total }
      }
      return { ...nothing, units: growth(keys.likes, total, claims) }
    }
    case 'gift': {
      const units = keys.streak ? growth(keys.streak, quantity, claims) : quantity
      return {
        ...nothing,
        units,
        diamonds: units * (numberOf(incoming.properties?.diamond_count) ?? 0),
      }
    }
    case 'stock_level':
      return { ...nothing, ...stockLeft(event, keys, quantity, claims) }
    case 'customer_acquired':
      return { ...nothing, units: quantity, ever_first: firstSight(keys.customer, claims) }
    case 'payment_completed':
      return payment(event, keys, currency, quantity, claims)
    default: {
      const isOrder = keys.order !== undefined && incoming.type in orderFlags
      const main_order = isOrder
        ? raiseFlag(
            keys.order as ClaimKey,
            orderFlags[incoming.type as keyof typeof orderFlags],
            claims,
          )
        : 0
      const foreign = incoming.amount !== undefined && isForeign(event, currency) && isMoney(event)
      return {
        ...nothing,
        units: quantity,
        main_order,
        money: foreign ? 0 : (incoming.amount ?? 0),
        excluded: foreign ? 1 : 0,
      }
    }
  }
}

function payment(
  event: AttributedEvent,
  keys: ReturnType<typeof claimsOf>,
  currency: string,
  quantity: number,
  claims: ClaimBook,
): Increments {
  const people = {
    live_first: firstSight(keys.customer_live, claims),
    day_first: firstSight(keys.customer_day, claims),
    ever_first: firstSight(keys.customer, claims),
  }
  if (isForeign(event, currency)) {
    const excluded = keys.order ? raiseFlag(keys.order, orderFlags.paidInOtherCurrency, claims) : 1
    return { ...nothing, ...people, excluded }
  }
  return {
    ...nothing,
    ...people,
    units: quantity,
    money: event.incoming.amount ?? 0,
    // Without an order id the event stands for its order, and its id was counted once already.
    main_order: keys.order ? raiseFlag(keys.order, orderFlags.payment_completed, claims) : 1,
    sku_order: keys.order_sku ? firstSight(keys.order_sku, claims) : 1,
  }
}

const moneyTypes: ReadonlySet<string> = new Set([
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

const valued = (value: number) => ({ value, ref: null, at: null })

const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' ? value : undefined

/** 1 the first time that a key is met, else 0. */
function firstSight(key: ClaimKey | undefined, claims: ClaimBook): number {
  if (!key || claims.get(key)) return 0
  claims.set(key, valued(1))
  return 1
}

/** How far a running total rose above the greatest one seen. */
function growth(key: ClaimKey, total: number, claims: ClaimBook): number {
  const before = claims.get(key)?.value ?? 0
  if (total <= before) return 0
  claims.set(key, valued(total))
  return total - before
}

/** 1 the first time that something is reported of an order, else 0. */
function raiseFlag(key: ClaimKey, flag: number, claims: ClaimBook): number {
  const order = claims.get(key)
  const flags = order?.value ?? 0
  if ((flags & flag) !== 0) return 0
  claims.set(key, { value: flags | flag, ref: order?.ref ?? null, at: order?.at ?? null })
  return 1
}

/**
 * What is left of a product over all its SKUs; of one SKU the later report counts. `units` is 1 when that was
 * the end of it.
 */
function stockLeft(
  event: AttributedEvent,
  keys: ReturnType<typeof claimsOf>,
  left: number,
  claims: ClaimBook,
): Pick<Increments, 'level' | 'units'> {
  const sku = keys.stock as ClaimKey
  const product = keys.stock_total as ClaimKey
  const known = claims.get(sku)
  const before = claims.get(product)?.value
  const total = before ?? 0
  const latest = { ts: event.ts, id: event.incoming.id }
  if (known && !isLater(latest, { ts: known.at ?? 0, id: known.ref ?? '' })) {
    return { level: total, units: 0 }
  }
  const after = total - (known?.value ?? 0) + left
  claims.set(sku, { value: left, ref: latest.id, at: latest.ts })
  claims.set(product, valued(after))
  return { level: after, units: after === 0 && before !== 0 ? 1 : 0 }
}
