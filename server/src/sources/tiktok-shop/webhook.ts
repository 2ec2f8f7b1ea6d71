import { createHash } from 'node:crypto'
import type { IncomingEvent } from '@creatorflow/shared/events'
import { z } from 'zod'
import { wordsOfIssues } from '../runtime/plain-words.ts'
import { id, optionalId, seconds } from './fields.ts'
import { readJson } from './read-json.ts'

/** What a delivery means for us. */
export type Notice =
  /** These orders should be read. `news` is what the delivery itself says of one. */
  | { readonly kind: 'orders'; readonly ids: readonly string[]; readonly news?: News }
  | { readonly kind: 'return' | 'cancellation'; readonly orderId: string }
  | { readonly kind: 'stock'; readonly event: IncomingEvent }
  | { readonly kind: 'deauthorized' }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unknown'; readonly name: string }
  | { readonly kind: 'foreign'; readonly shopId: string }
  | { readonly kind: 'unreadable'; readonly reason: string }

/** An order's status according to a delivery. */
export interface News {
  readonly orderId: string
  readonly status: string
  readonly isHeld: boolean
  /** Epoch ms. */
  readonly at: number
}

const envelope = z.looseObject({
  type: z.union([z.int(), z.string().regex(/^\d{1,9}$/)]).transform(Number),
  tts_notification_id: optionalId,
  shop_id: id,
  data: z.looseObject({}).optional(),
})

const orderStatus = z.looseObject({
  order_id: id,
  order_status: z.string(),
  is_on_hold_order: z.boolean().optional(),
  update_time: seconds,
})
const packages = z.looseObject({
  package_list: z.array(z.looseObject({ order_id_list: z.array(id) })),
})
const ofOrder = z.looseObject({ order_id: id })
const inventory = z.looseObject({
  product_id: optionalId,
  sku_id: optionalId,
  inventory_distribution: z.looseObject({
    available_quantity: z.union([z.int(), z.string().regex(/^-?\d+$/)]).transform(Number),
  }),
  update_time: seconds,
})

/** Known types that need nothing: `unknown` on the page should show only new ones. */
const unneeded: ReadonlySet<number> = new Set([
  2, 3, 5, 7, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 33, 35, 36, 37, 38, 39, 42, 64,
  65, 67,
])

/** What a delivery says about itself: for the receiver, which must not fail on an unreadable body. */
export function identify(body: Uint8Array): { id?: string; topic: string; shopId?: string } {
  try {
    const { tts_notification_id, shop_id, type } = envelope.parse(readJson(textOf(body)))
    return {
      ...(tts_notification_id !== undefined && { id: tts_notification_id }),
      topic: String(type),
      shopId: shop_id,
    }
  } catch {
    return { topic: 'unreadable' }
  }
}

/** Reads a delivery for its supposed shop. */
export function readNotice(body: Uint8Array, shopId: string): Notice {
  let json: unknown
  try {
    json = readJson(textOf(body))
  } catch (error) {
    return { kind: 'unreadable', reason: `It is not valid JSON: ${(error as Error).message}` }
  }
  const read = envelope.safeParse(json)
  if (!read.success) return unreadable(read.error)
  const { type, shop_id, data } = read.data
  if (shop_id !== shopId) return { kind: 'foreign', shopId: shop_id }
  const notice = Object.hasOwn(readers, type) ? readers[type] : undefined
  if (notice) return notice(data ?? {}, read.data.tts_notification_id ?? digestOf(body))
  return unneeded.has(type) ? { kind: 'nothing' } : { kind: 'unknown', name: `type ${type}` }
}

const readers: Readonly<Record<number, (data: object, id: string) => Notice>> = {
  1: (data) =>
    as(orderStatus, data, ({ order_id, order_status, is_on_hold_order, update_time }) => ({
      kind: 'orders',
      ids: [order_id],
      news: {
        orderId: order_id,
        status: order_status,
        // An unpaid order is not at risk yet, whatever the flag says.
        isHeld:
          order_status === 'ON_HOLD' || (is_on_hold_order === true && order_status !== 'UNPAID'),
        at: update_time,
      },
    })),
  4: (data) =>
    as(packages, data, ({ package_list }) => ({
      kind: 'orders',
      ids: [...new Set(package_list.flatMap(({ order_id_list }) => order_id_list))],
    })),
  6: () => ({ kind: 'deauthorized' }),
  11: (data) => as(ofOrder, data, ({ order_id }) => ({ kind: 'cancellation', orderId: order_id })),
  12: (data) => as(ofOrder, data, ({ order_id }) => ({ kind: 'return', orderId: order_id })),
  27: (data, id) =>
    as(inventory, data, ({ product_id, sku_id, inventory_distribution, update_time }) => ({
      kind: 'stock',
      event: {
        id: `tiktok_shop:stock:${id}`,
        type: 'stock_level',
        ts: update_time,
        channel: 'tiktok',
        ...(product_id !== undefined && { product_id }),
        ...(sku_id !== undefined && { sku_id }),
        quantity: Math.max(0, inventory_distribution.available_quantity),
      },
    })),
}

const steps: Readonly<Record<string, readonly [string, IncomingEvent['type']]>> = {
  UNPAID: ['created', 'order_created'],
  AWAITING_COLLECTION: ['fulfilled', 'order_fulfilled'],
  IN_TRANSIT: ['shipped', 'order_shipped'],
  DELIVERED: ['delivered', 'order_delivered'],
  CANCEL: ['cancelled', 'order_cancelled'],
  CANCELLED: ['cancelled', 'order_cancelled'],
}

/**
 * The steps of an order that a delivery alone proves, for a shop without API access: no lines and no amounts.
 * They have the same ids as when the order is read.
 */
export function eventsOfNews({ orderId, status, isHeld, at }: News): IncomingEvent[] {
  const step = ([name, type]: readonly [string, IncomingEvent['type']]): IncomingEvent => ({
    id: `tiktok_shop:${orderId}:${name}`,
    type,
    ts: at,
    channel: 'tiktok',
    order_id: orderId,
  })
  const named = Object.hasOwn(steps, status) ? steps[status] : undefined
  return [...(named ? [step(named)] : []), ...(isHeld ? [step(['on_hold', 'order_on_hold'])] : [])]
}

function as<S extends z.ZodType>(
  schema: S,
  data: object,
  notice: (read: z.output<S>) => Notice,
): Notice {
  const read = schema.safeParse(data)
  return read.success ? notice(read.data) : unreadable(read.error)
}

function unreadable({ issues }: z.ZodError): Notice {
  return { kind: 'unreadable', reason: `The format has changed: ${wordsOfIssues(issues)}` }
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true })
const textOf = (body: Uint8Array): string => strictUtf8.decode(body)

function digestOf(body: Uint8Array): string {
  return `sha256:${createHash('sha256').update(body).digest('hex')}`
}
