import { parseEvent } from '@creatorflow/shared/events'
import { expect, test } from 'vitest'
import { emptyLedger } from './ledger.ts'
import { normalise, read, shopifyTopics } from './normalise.ts'

const at = '2025-06-01T10:00:00-04:00'
const ts = Date.parse(at)
const line = { id: 1, product_id: 2, variant_id: 3, title: 'Mug', quantity: 3, price: '10.00' }
const order = {
  id: 450789469,
  created_at: at,
  currency: 'USD',
  financial_status: 'paid',
  line_items: [line],
}

function eventsOf(topic: string, payload: unknown) {
  const body = Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload))
  const normalised = normalise(topic, body)
  if (normalised.kind !== 'events') throw new Error(JSON.stringify(normalised))
  for (const event of normalised.events) expect(parseEvent(event)).toMatchObject({ ok: true })
  return normalised.events
}

/** The payment for an order's lines. */
function paid(changes: object, lines: readonly object[] = [{}]): number[] {
  const line_items = lines.map((change, n) => ({ ...line, id: n + 1, ...change }))
  return eventsOf('orders/paid', { ...order, ...changes, line_items }).flatMap(
    ({ amount }) => amount ?? [],
  )
}

test('[SHOPIFY-2] ids keep their digits, in whichever form they come', () => {
  const huge = '9223372036854775807'
  const text = JSON.stringify(order).replace('450789469', huge)
  const [, told] = eventsOf('orders/create', text)
  expect(told).toMatchObject({ id: `shopify:${huge}:paid:1`, order_id: huge })
  const asText = { ...order, id: `gid://shopify/Order/${huge}` }
  expect(eventsOf('orders/create', asText)).toEqual(eventsOf('orders/create', text))
})

test('[SHOPIFY-2] API objects and webhook payloads mean the same', () => {
  expect(eventsOf('orders/create', { order })).toEqual(eventsOf('orders/create', order))
  const wrapped = { refund: { ...refund, transactions: [money('11.90')] } }
  expect(eventsOf('refunds/create', wrapped)).toHaveLength(1)
  expect(eventsOf('refunds/create', wrapped)).toEqual(eventsOf('refunds/create', wrapped.refund))
})

test('[SHOPIFY-3] a paid order is placed and paid, by line', () => {
  const customer = { id: 7, email: 'bob@example.com' }
  expect(eventsOf('orders/create', { ...order, customer })).toEqual([
    {
      id: 'shopify:450789469:created',
      type: 'order_created',
      ts,
      channel: 'shopify',
      order_id: '450789469',
      customer_id: '7',
    },
    {
      id: 'shopify:450789469:paid:1',
      type: 'payment_completed',
      ts,
      channel: 'shopify',
      order_id: '450789469',
      customer_id: '7',
      product_id: '2',
      sku_id: '3',
      properties: { product_name: 'Mug' },
      amount: 3_000,
      currency: 'USD',
      quantity: 3,
    },
  ])
  const pending = { ...order, financial_status: 'authorized' }
  expect(eventsOf('orders/create', pending).map(({ type }) => type)).toEqual(['order_created'])
  expect(eventsOf('orders/create', { ...order, test: true })).toEqual([])
})

test('[SHOPIFY-3] discounts and included taxes are taken off the amount; added taxes were never in it', () => {
  const taxed = { tax_lines: [{ price: '1.20' }, { price: '0.35' }] }
  expect(paid({}, [taxed])).toEqual([3_000])
  expect(paid({ taxes_included: true }, [taxed])).toEqual([2_845])
  expect(paid({}, [{ discount_allocations: [{ amount: '1.00' }, { amount: '0.33' }] }])).toEqual([
    2_867,
  ])
  expect(paid({}, [{ total_discount: '2.00' }])).toEqual([2_800])
  expect(paid({}, [{ total_discount: '2.00', discount_allocations: [] }])).toEqual([3_000])
  expect(paid({}, [{ discount_allocations: [{ amount: '99.00' }] }])).toEqual([0])
})

test('[SHOPIFY-3] amounts have the digits of the shop’s currency, whatever the buyer saw', () => {
  expect(paid({ currency: 'JPY' }, [{ price: '1500' }])).toEqual([4_500])
  expect(paid({ currency: 'JPY' }, [{ price: '1500.00' }])).toEqual([4_500])
  expect(paid({ currency: 'KWD' }, [{ price: '1.234' }])).toEqual([3_702])
  const price_set = {
    shop_money: { amount: '10.00', currency_code: 'USD' },
    presentment_money: { amount: '1566', currency_code: 'JPY' },
  }
  expect(paid({ presentment_currency: 'JPY' }, [{ price_set }])).toEqual([3_000])
})

test('[SHOPIFY-3] gift cards and tips are not sales', () => {
  expect(paid({}, [{}, { gift_card: true }, { tip: { payment_method: null } }])).toEqual([3_000])
})

const item = {
  id: 11,
  line_item_id: 1,
  quantity: 1,
  line_item: line,
  subtotal: 10,
  total_tax: 1.9,
}
const refund = { id: 5, order_id: 450789469, created_at: at, refund_line_items: [item] }
const money = (amount: string, more: object = {}) => ({
  kind: 'refund',
  status: 'success',
  amount,
  currency: 'USD',
  ...more,
})

/** The events of a refund, by the end of its id; of its order too if that came before. */
function refunded(changes: object, before?: object): [string, number | string][] {
  const body = (payload: unknown) => Buffer.from(JSON.stringify(payload))
  const first = read('orders/paid', body({ ...order, ...before }))
  const known = before && first.kind === 'order' ? first.account(emptyLedger).known : emptyLedger
  const told = normalise('refunds/create', body({ ...refund, ...changes }), known)
  if (told.kind !== 'events') throw new Error(JSON.stringify(told))
  return told.events.map(({ id, type, amount, quantity }) => [
    id.replace('shopify:450789469:', ''),
    amount ?? `${quantity} ${type}`,
  ])
}
const taxed = { taxes_included: true }
const untaxed = { taxes_included: false }

test('[SHOPIFY-3] the order says whether a refund includes tax, however the payment adds up', () => {
  for (const paidBack of ['11.90', '17.85', '999.00']) {
    const transactions = [money(paidBack)]
    expect(refunded({ transactions }, untaxed), paidBack).toEqual([['refunded:11', 1_000]])
    expect(refunded({ transactions }, taxed), paidBack).toEqual([['refunded:11', 810]])
  }
})

test('[SHOPIFY-3] until its order arrives, a refund counts the goods without tax', () => {
  const transactions = [money('11.90')]
  expect(refunded({ transactions })).toEqual([['refunded:11', 810]])
  expect(refunded({ transactions, order_adjustments: [adjusted('-3.00')] })).toEqual([
    ['refunded:11', 810],
  ])
})

const adjusted = (amount: string) => ({ kind: 'refund_discrepancy', amount, tax_amount: '0.00' })

test('[SHOPIFY-3] a refund excludes shipping, in either API version, and includes adjustments', () => {
  const shipping = { kind: 'shipping_refund', amount: '-5.00', tax_amount: '-0.95' }
  const set = (amount: string) => ({ shop_money: { amount, currency_code: 'USD' } })
  const shippingLine = { subtotal_amount_set: set('5.95'), tax_amount_set: set('0.95') }
  const transactions = [money('15.95')]
  for (const way of [
    { order_adjustments: [shipping] },
    { refund_shipping_lines: [shippingLine] },
    { refund_shipping_lines: [{}] },
  ]) {
    expect(refunded({ transactions, ...way }, taxed)).toEqual([['refunded:11', 810]])
  }
  expect(
    refunded({ transactions: [money('8.90')], order_adjustments: [adjusted('3.00')] }, untaxed),
  ).toEqual([['refunded:11', 700]])
  expect(
    refunded(
      {
        transactions: [money('7.00')],
        refund_line_items: [],
        order_adjustments: [adjusted('-7.00')],
      },
      untaxed,
    ),
  ).toEqual([['refunded:5:beyond', 700]])
})

test('[SHOPIFY-3] goods count as far as they were paid back, and not at all without money', () => {
  // 5.95 is half of 11.90, the goods with their tax.
  expect(refunded({ transactions: [money('5.95')] }, untaxed)).toEqual([['refunded:11', 500]])
  const split = [money('4.00'), money('1.95', { gateway: 'gift_card' })]
  expect(refunded({ transactions: split }, untaxed)).toEqual([['refunded:11', 500]])
  expect(refunded({ transactions: [money('5.00')] }, taxed)).toEqual([['refunded:11', 405]])
  expect(refunded({ transactions: [] }, untaxed)).toEqual([])
  expect(refunded({ transactions: [money('11.90', { status: 'failure' })] }, untaxed)).toEqual([])
  expect(refunded({ transactions: [money('11.90', { kind: 'void' })] }, untaxed)).toEqual([])
  expect(refunded({ transactions: [money('11.90', { test: true })] }, untaxed)).toEqual([])
  const pending = [money('11.90', { status: 'pending' })]
  expect(refunded({ transactions: pending }, untaxed)).toHaveLength(1)
  const giftCard = { ...item, line_item: { ...line, gift_card: true } }
  expect(
    refunded({ transactions: [money('11.90')], refund_line_items: [giftCard] }, untaxed),
  ).toEqual([])
})

test('[SHOPIFY-3] payments in another currency are compared in that currency', () => {
  const sets = (shop: string, buyer: string) => ({
    shop_money: { amount: shop, currency_code: 'USD' },
    presentment_money: { amount: buyer, currency_code: 'JPY' },
  })
  const foreign = {
    ...item,
    subtotal_set: sets('10.00', '1500'),
    total_tax_set: sets('1.90', '285'),
  }
  const paidBack = (amount: string) =>
    refunded(
      { transactions: [money(amount, { currency: 'JPY' })], refund_line_items: [foreign] },
      taxed,
    )
  expect(paidBack('1500')).toEqual([['refunded:11', 810]])
  expect(paidBack('750')).toEqual([['refunded:11', 405]])
})

test("[SHOPIFY-3] without a subtotal a refund is the units' share, with their tax", () => {
  const { subtotal: _, total_tax: _tax, ...old } = item
  const line_item = { ...line, tax_lines: [{ price: '3.00' }] }
  const twoOf = [{ ...old, quantity: 2, line_item }]
  const transactions = [money('20.00')]
  expect(refunded({ transactions, refund_line_items: twoOf }, taxed)).toEqual([
    ['refunded:11', 1_800],
  ])
  expect(refunded({ transactions: [money('22.00')], refund_line_items: twoOf }, untaxed)).toEqual([
    ['refunded:11', 2_000],
  ])
})

test('[SHOPIFY-3] a fully refunded order leaves nothing, however its parts are rounded', () => {
  const line_items = [{ ...line, price: '3.34', discount_allocations: [{ amount: '0.02' }] }]
  const third = (n: number) => ({ ...item, id: 20 + n, subtotal: '3.33', total_tax: '0.00' })
  const refund_line_items = [third(1), third(2), third(3)]
  const told = refunded({ refund_line_items, transactions: [money('10.00')] }, { line_items })
  expect(told.map(([, amount]) => amount)).toEqual([333, 333, 334])
})

test('[SHOPIFY-3] refunds never exceed what was sold', () => {
  const amount = { refund_line_items: [], order_adjustments: [adjusted('-35.70')] }
  expect(refunded({ ...amount, transactions: [money('35.70')] }, untaxed)).toEqual([
    ['refunded:5:beyond', 3_000],
  ])
})

test('[SHOPIFY-3] restocked units that had left are returns; gift cards and tips are not', () => {
  const put = (restock_type: string | undefined, line_item: object = line) =>
    refunded({ transactions: [], refund_line_items: [{ ...item, line_item, restock_type }] })
  expect(put('return')).toEqual([['returned:11', '1 order_returned']])
  expect(put('legacy_restock')).toHaveLength(1)
  for (const none of ['cancel', 'no_restock', undefined]) expect(put(none)).toEqual([])
  expect(refunded({ transactions: [], restock: true })).toHaveLength(1)
  expect(put('return', { ...line, gift_card: true })).toEqual([])
  expect(put('return', { ...line, tip: {} })).toEqual([])
})

test('[SHOPIFY-4] a parcel is packed when created, and shipped once its carrier says so', () => {
  const parcel = { id: 9, order_id: 450789469, created_at: at, status: 'success' }
  const steps = (changes: object) =>
    eventsOf('fulfillments/update', { ...parcel, ...changes }).map(({ type, ts: when }) => [
      type,
      (when ?? 0) - ts,
    ])
  expect(steps({})).toEqual([['order_fulfilled', 0]])
  expect(steps({ shipment_status: 'label_printed' })).toEqual([['order_fulfilled', 0]])
  expect(steps({ shipment_status: 'delivered', updated_at: '2025-06-03T10:00:00-04:00' })).toEqual([
    ['order_fulfilled', 0],
    ['order_shipped', 0],
    ['order_delivered', 2 * 86_400_000],
  ])
  for (const status of ['pending', 'cancelled', 'error', 'failure']) {
    expect(steps({ status, shipment_status: 'delivered' })).toEqual([])
  }
})

test('[SHOPIFY-2] each location of an item is a SKU; zero and negative levels are handled', () => {
  const level = { inventory_item_id: 808950810, location_id: 905684977, updated_at: at }
  const [told] = eventsOf('inventory_levels/update', { ...level, available: 6 })
  expect(told).toMatchObject({
    type: 'stock_level',
    product_id: 'inventory_item:808950810',
    sku_id: '808950810@905684977',
    quantity: 6,
    ts,
  })
  expect(eventsOf('inventory_levels/update', { ...level, available: -2 })).toMatchObject([
    { quantity: 0 },
  ])
  expect(eventsOf('inventory_levels/update', { ...level, available: null })).toEqual([])
})

test('[SHOPIFY-2] what cannot be understood says why, for every topic', () => {
  for (const topic of shopifyTopics) {
    for (const body of ['', '{', '[]', '7', 'null', '{}', '{"id":"x"}', '{"id":{}}']) {
      expect(normalise(topic, Buffer.from(body)), `${topic} ${body}`).toMatchObject({
        kind: 'unreadable',
        reason: expect.stringMatching(/.{10}/),
      })
    }
  }
  const rough = { ...order, line_items: [{ ...line, price: 'much' }] }
  expect(normalise('orders/paid', Buffer.from(JSON.stringify(rough)))).toEqual({
    kind: 'unreadable',
    reason: 'much USD is not a valid amount',
  })
  for (const topic of ['carts/update', 'toString', '__proto__', '']) {
    expect(normalise(topic, Buffer.from('{}'))).toEqual({ kind: 'unknown' })
  }
})
