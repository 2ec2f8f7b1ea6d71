import { planAftermath } from './aftermath.ts'
import type { Person } from './audience.ts'
import { fieldsOf, type Order, type OrderLine, otherCurrency } from './order.ts'
import { type Interest, pinOf } from './pins.ts'
import type { Shelf } from './shelf.ts'
import type { SimulatedProduct } from './shop.ts'
import type { Stage } from './stage.ts'

export interface Till {
  /** A checkout becomes an order, and most orders are paid. */
  order(person: Person, interest: Interest): void
}

/** By count, not by chance: also a quiet LIVE has some. */
const FOREIGN_EVERY = 25
const FOREIGN_FIRST = 8
const TWICE_EVERY = 25
const TWICE_FIRST = 4

export function openTill(stage: Stage, shelf: Shelf): Till {
  const { random, ledger, options } = stage
  const customers = new Set<string>()
  let orders = 0

  function order(person: Person, interest: Interest): void {
    const lines = chooseLines(stage, shelf, interest)
    if (lines.length === 0) return
    // What runs out is taken with the order: two orders must not get the same last unit.
    for (const { product, sku, quantity } of lines) {
      if (product.limited) shelf.take(product, sku, quantity)
    }
    orders++
    const counted = options.foreign === false || orders % FOREIGN_EVERY !== FOREIGN_FIRST
    const order: Order = {
      id: `${options.sessionId}-order-${orders}`,
      // The one id of a viewer who buys: so a buyer has a name.
      customer: random.chance(0.05) ? undefined : person.id,
      currency: counted ? options.currency : otherCurrency(options.currency),
      counted,
      number: orders,
      lines,
    }
    if (random.chance(0.02)) {
      pay({ ...order, id: undefined, lines: order.lines.slice(0, 1) })
      return
    }
    const fields = { order_id: order.id, channel: 'tiktok' }
    ledger.add('created_orders', 1, stage.now)
    stage.emit('order_created', fields)
    // Two sources may tell of the same order: it stays one.
    if (orders % TWICE_EVERY === TWICE_FIRST) stage.emit('order_created', fields)

    if (random.chance(0.9)) {
      stage.after(random.between(1_000, 20_000), () => pay(order))
    } else if (random.chance(0.7) && options.aftermath !== false) {
      stage.after(random.between(30, 90) * 60_000, () => {
        ledger.add('cancelled_orders', 1, stage.now)
        stage.emit('order_cancelled', fields)
      })
    }
  }

  function pay(order: Order): void {
    const ts = stage.now
    if (order.counted) ledger.add('main_orders', 1, ts)
    else ledger.excluded(order.currency, 'orders', ts)
    if (order.customer !== undefined) greet(order.customer)
    const skusOfOrder = new Set<string>()
    for (const line of order.lines) {
      const { product, sku, quantity, amount, discount } = line
      line.pin ??= pinOf(stage, product)
      if (!product.limited) shelf.take(product, sku, quantity)
      if (order.counted) {
        const of = { product: product.id, pin: line.pin }
        ledger.add('gmv', amount, ts, of)
        ledger.add('items_sold', quantity, ts, of)
        const key = sku ?? product.id
        if (!skusOfOrder.has(key)) ledger.add('sku_orders', 1, ts, of)
        skusOfOrder.add(key)
      }
      stage.emit('payment_completed', {
        ...fieldsOf(order, line),
        ...(order.customer !== undefined && { customer_id: order.customer }),
        channel: 'tiktok',
        amount,
        currency: order.currency,
        quantity,
        properties: { product_name: product.name, discount, tax: Math.floor(amount / 10) },
      })
    }
    if (options.aftermath !== false) planAftermath(stage, order)
  }

  function greet(customer_id: string): void {
    const isNew = !customers.has(customer_id)
    customers.add(customer_id)
    ledger.customer(customer_id, stage.now)
    if (!random.chance(0.8)) return
    stage.after(500, () => {
      if (!isNew) ledger.add('retained_customers', 1, stage.now)
      stage.emit(isNew ? 'customer_acquired' : 'customer_retained', { customer_id })
    })
  }

  return { order }
}

function chooseLines(stage: Stage, shelf: Shelf, interest: Interest): readonly OrderLine[] {
  const { random } = stage
  const first = line(random, interest.product, interest.pin)
  const lines = [first]
  // The same SKU twice is one SKU order; another SKU of the product is a second one.
  if (random.chance(0.06)) lines.push(line(random, first.product, first.pin, first.sku))
  if (random.chance(0.12)) lines.push(line(random, first.product, first.pin))
  while (lines.length < 5 && random.chance(0.25)) {
    const product = shelf.choose()
    // A SKU that came with another pin would count for whichever line arrives first.
    if (!lines.some((other) => other.product === product))
      lines.push(line(random, product, undefined))
  }
  return lines.flatMap((one, index) => inStock(shelf, one, lines.slice(0, index)))
}

/** As much of a line as there is, with what lines before it take of the same. */
function inStock(shelf: Shelf, line: OrderLine, before: readonly OrderLine[]): OrderLine[] {
  if (!line.product.limited) return [line]
  const taken = before.reduce((sum, { sku, product, quantity }) => {
    return product === line.product && sku === line.sku ? sum + quantity : sum
  }, 0)
  const quantity = Math.min(line.quantity, shelf.available(line.product, line.sku) - taken)
  if (quantity <= 0) return []
  const share = quantity / line.quantity
  const discount = Math.floor(line.discount * share)
  return [{ ...line, quantity, discount, amount: quantity * line.product.price - discount }]
}

function line(
  random: Stage['random'],
  product: SimulatedProduct,
  pin: string | undefined,
  sku = product.skus.length > 0 ? random.pick(product.skus) : undefined,
): OrderLine {
  const quantity = random.pick([1, 1, 1, 1, 2, 2, 3])
  const price = quantity * product.price
  const discount = random.chance(0.4) ? Math.floor((price * random.between(5, 25)) / 100) : 0
  return { product, sku, quantity, amount: price - discount, discount, pin }
}
