import { createRandom, type Random } from '@creatorflow/shared/simulator/random'

/** The expected totals of a shop at the end: whole cents and counts. */
export type Truth = Record<
  | 'gmv'
  | 'main_orders'
  | 'items_sold'
  | 'created_orders'
  | 'on_hold_orders'
  | 'fulfilled_orders'
  | 'shipped_orders'
  | 'delivered_orders'
  | 'cancelled_orders'
  | 'refunds'
  | 'returned_items',
  number
>

type Json = Record<string, unknown>

export interface ModelOrder {
  readonly id: string
  /** Its detail after each step of its life, the last one final. */
  readonly looks: readonly Json[]
  /** Bodies of deliveries, without their ids. */
  readonly told: readonly { readonly type: number; readonly data: Json }[]
  readonly returns: readonly Json[]
  readonly cancellations: readonly Json[]
}

export interface ShopModel {
  readonly orders: readonly ModelOrder[]
  readonly truth: Truth
}

const path = [
  'UNPAID',
  'AWAITING_SHIPMENT',
  'AWAITING_COLLECTION',
  'IN_TRANSIT',
  'DELIVERED',
  'COMPLETED',
]
const fates = [
  'alive',
  'alive',
  'alive',
  'cancelled unpaid',
  'cancelled',
  'returned',
  'refunded',
  'no sale',
] as const

/** Orders of a shop with everything that happens to them, and their totals. Money is in cents throughout. */
export function modelShop(seed: number | string, count: number, until: number): ShopModel {
  const random = createRandom(`tiktok-shop/${seed}`)
  const truth: Truth = {
    gmv: 0,
    main_orders: 0,
    items_sold: 0,
    created_orders: 0,
    on_hold_orders: 0,
    fulfilled_orders: 0,
    shipped_orders: 0,
    delivered_orders: 0,
    cancelled_orders: 0,
    refunds: 0,
    returned_items: 0,
  }
  const orders = Array.from({ length: count }, (_, n) => modelOrder(random, n, until, truth))
  return { orders, truth }
}

function modelOrder(random: Random, n: number, until: number, truth: Truth): ModelOrder {
  const id = `5764${String(n).padStart(14, '0')}`
  const fate = random.pick(fates)
  const start = Math.floor(until / 1_000) - random.between(4_000, 86_400)
  const cents = Array.from({ length: random.between(1, 4) }, () => random.between(1, 9_999))
  const lines = cents.map((price, i) => lineOf(`${id}${i}`, price))
  if (random.chance(0.2)) lines.push({ ...lineOf(`${id}9`, 0), is_gift: true })
  const isHeld = random.chance(0.3)
  const reached =
    fate === 'cancelled unpaid'
      ? 0
      : fate === 'cancelled'
        ? random.between(1, 2)
        : fate === 'returned' || fate === 'refunded'
          ? 5
          : random.between(0, 5)
  const whole: Json = {
    id,
    user_id: `70${n % 97}`,
    create_time: start,
    payment: { currency: 'USD', shipping_fee: '4.00', tax: '1.00', total_amount: '999.00' },
    line_items: lines,
    is_sample_order: fate === 'no sale' && n % 3 === 0,
    is_replacement_order: fate === 'no sale' && n % 3 === 1,
    is_exchange_order: fate === 'no sale' && n % 3 === 2,
  }
  const looks: Json[] = []
  const told: { type: number; data: Json }[] = []
  let times: Json = {}
  const step = (status: string, at: number, more: Json = {}, word = status) => {
    times = { ...times, ...more }
    looks.push({
      ...whole,
      ...times,
      status,
      update_time: at,
      is_on_hold_order: status === 'ON_HOLD',
    })
    const data = { order_id: id, order_status: word, is_on_hold_order: status === 'ON_HOLD' }
    told.push({ type: 1, data: { ...data, update_time: at } })
  }
  const stamps: readonly Json[] = [
    {},
    { paid_time: start + 10 },
    { rts_time: start + 300 },
    { collection_time: start + 600 },
    { delivery_time: start + 900 },
    {},
  ]
  for (let i = 0; i <= reached; i++) {
    if (i === 1 && isHeld) step('ON_HOLD', start + 10, stamps[1])
    step(path[i] as string, start + i * 300, stamps[i])
  }
  const end = start + 2_000
  if (fate.startsWith('cancelled')) step('CANCELLED', end, { cancel_time: end }, 'CANCEL')

  const isSale = fate !== 'no sale'
  const isPaid = isSale && reached >= 1
  const total = cents.reduce((sum, price) => sum + price, 0)
  if (isSale) truth.created_orders++
  if (isPaid) {
    truth.main_orders++
    truth.gmv += total
    truth.items_sold += cents.length
    if (isHeld) truth.on_hold_orders++
    if (reached >= 2) truth.fulfilled_orders++
    if (reached >= 3) truth.shipped_orders++
    if (reached >= 4) truth.delivered_orders++
  }
  if (fate.startsWith('cancelled')) truth.cancelled_orders++

  const cancellations: Json[] = []
  if (fate === 'cancelled') {
    truth.refunds += total
    told.push({
      type: 11,
      data: { order_id: id, cancel_id: `c${id}`, cancel_status: 'COMPLETE', create_time: end },
    })
    cancellations.push({
      cancel_id: `c${id}`,
      order_id: id,
      cancel_type: 'BUYER_CANCEL',
      cancel_status: 'CANCELLATION_REQUEST_COMPLETE',
      create_time: end,
      update_time: end + 60,
      refund_amount: refund(total),
      cancel_line_items: cents.map((price, i) => ({
        cancel_line_item_id: `cl${i}`,
        order_line_item_id: `${id}${i}`,
        refund_amount: refund(price),
      })),
    })
  }
  const returns: Json[] = []
  if (fate === 'returned' || fate === 'refunded') {
    const back = cents.slice(0, random.between(1, cents.length))
    truth.refunds += back.reduce((sum, price) => sum + price, 0)
    if (fate === 'returned') truth.returned_items += back.length
    const statuses = ['RETURN_OR_REFUND_REQUEST_PENDING', 'RETURN_OR_REFUND_REQUEST_COMPLETE']
    for (const return_status of statuses) {
      told.push({
        type: 12,
        data: { order_id: id, return_id: `r${id}`, return_status, create_time: end },
      })
    }
    returns.push({
      return_id: `r${id}`,
      order_id: id,
      return_type: fate === 'returned' ? 'RETURN_AND_REFUND' : 'REFUND',
      return_status: statuses[1],
      create_time: end,
      update_time: end + 500,
      return_line_items: back.map((price, i) => ({
        return_line_item_id: `rl${i}`,
        order_line_item_id: `${id}${i}`,
        refund_amount: refund(price),
      })),
    })
  }
  return { id, looks, told, returns, cancellations }
}

const dollars = (cents: number) =>
  `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`

const refund = (cents: number): Json => ({
  currency: 'USD',
  refund_subtotal: dollars(cents),
  refund_total: dollars(cents + 125),
  refund_tax: '1.25',
})

function lineOf(id: string, cents: number): Json {
  return {
    id,
    product_id: `1729${id.slice(-3)}`,
    product_name: `Product ${id.slice(-3)}`,
    sku_id: `2729${id.slice(-3)}`,
    sale_price: dollars(cents),
    original_price: dollars(cents + 300),
    seller_discount: '2.00',
    platform_discount: '1.00',
    currency: 'USD',
    is_gift: false,
  }
}
