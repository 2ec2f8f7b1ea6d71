import { fieldsOf, type Order, type OrderLine, otherCurrency } from './order.ts'
import type { Stage } from './stage.ts'

/** By count, not by chance: even a quiet LIVE has a return. */
const RETURNED_EVERY = 8
const RETURNED_FIRST = 3

const HOUR_MS = 3_600_000

/** What happens to a paid order in the hours and days after: shipped, cancelled, returned, refunded. */
export function planAftermath(stage: Stage, order: Order): void {
  const { random, ledger, options } = stage
  const inHours = (low: number, high: number, step: () => void) =>
    stage.after((low + random.next() * (high - low)) * HOUR_MS, step)

  for (const line of order.lines) {
    const amount = line.product.cost * line.quantity
    ledger.add('product_costs', amount, stage.now)
    stage.emit('product_cost_incurred', { ...fieldsOf(order, line), amount })
  }
  if (random.chance(0.1)) told('order_on_hold', 'on_hold_orders')
  if (random.chance(0.04)) {
    inHours(1, 12, () => {
      told('order_cancelled', 'cancelled_orders')
      for (const line of order.lines) refund(line, line.amount)
    })
    return
  }
  inHours(2, 20, () => told('order_fulfilled', 'fulfilled_orders'))
  inHours(21, 48, () => {
    told('order_shipped', 'shipped_orders')
    payCarrier()
  })
  inHours(60, 150, () => told('order_delivered', 'delivered_orders'))
  if (order.number % RETURNED_EVERY === RETURNED_FIRST)
    inHours(160, 260, () => sendBack(random.pick(order.lines)))

  function told(
    type:
      | 'order_on_hold'
      | 'order_cancelled'
      | 'order_fulfilled'
      | 'order_shipped'
      | 'order_delivered',
    metric:
      | 'on_hold_orders'
      | 'cancelled_orders'
      | 'fulfilled_orders'
      | 'shipped_orders'
      | 'delivered_orders',
  ): void {
    if (order.id === undefined) return
    ledger.add(metric, 1, stage.now)
    stage.emit(type, { order_id: order.id, channel: 'tiktok' })
  }

  function payCarrier(): void {
    const amount = random.between(290, 690)
    const isForeign = random.chance(0.02)
    const currency = isForeign ? otherCurrency(options.currency) : options.currency
    if (isForeign) ledger.excluded(currency, 'entries', stage.now)
    else ledger.add('shipping_costs', amount, stage.now)
    stage.emit('shipping_cost_incurred', {
      ...(order.id !== undefined && { order_id: order.id }),
      amount,
      // Without a currency the creator's is meant.
      ...(random.chance(0.7) || isForeign ? { currency } : {}),
    })
  }

  function sendBack(line: OrderLine): void {
    const quantity = random.between(1, line.quantity)
    if (order.id !== undefined) {
      const of = { product: line.product.id, pin: line.pin }
      ledger.add('returned_items', quantity, stage.now, of)
      stage.emit('order_returned', { ...fieldsOf(order, line), order_id: order.id, quantity })
    }
    refund(line, Math.floor((line.amount * quantity) / line.quantity))
  }

  function refund(line: OrderLine, amount: number): void {
    if (order.counted) {
      ledger.add('refunds', amount, stage.now, { product: line.product.id, pin: line.pin })
    } else {
      ledger.excluded(order.currency, 'entries', stage.now)
    }
    stage.emit('order_refunded', { ...fieldsOf(order, line), amount, currency: order.currency })
  }
}
