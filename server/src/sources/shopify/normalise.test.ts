import { parseEvent } from '@creatorflow/shared/events'
import { expect, test } from 'vitest'
import { normalise, shopifyTopics } from './normalise.ts'

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

/** What is paid for the lines of an order. */
function paid(changes: object, lines: readonly object[] = [{}]): number[] {
  const line_items = lines.map((change, n) => ({ ...line, id: n + 1, ...change }))
  return eventsOf('orders/paid', { ...order, ...changes, line_items }).flatMap(
    ({ amount }) => amount ?? [],
  )
}

test('[SHOP-2] ids keep their digits, in whichever form they come', () => {
  const huge = '9223372036854775807'
  const text = JSON.stringify(order).replace('450789469', huge)
  const [, told] = eventsOf('orders/create', text)
  expect(told).toMatchObject({ id: `shopify:${huge}:paid:1`, order_id: huge })
  const asText = { ...order, id: `gid://shopify/Order/${huge}` }
  expect(eventsOf('orders/create', asText)).toEqual(eventsOf('orders/create', text))
})

test('[SHOP-2] what the API wraps is the same as what a webhook sends', () => {
  expect(eventsOf('orders/create', { order })).toEqual(eventsOf('orders/create', order))
  const wrapped = { refund: { ...refund, transactions: [money('11.90')] } }
  expect(eventsOf('refunds/create', wrapped)).toEqual(eventsOf('refunds/create', wrapped.refund))
})

test('[SHOP-11] a paid order is placed and paid, by line', () => {
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

test('[SHOP-11] discounts and included taxes leave the amount, taxes on top never were in it', () => {
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

test('[SHOP-11] amounts have the digits of the shop’s currency, whatever the buyer saw', () => {
  expect(paid({ currency: 'JPY' }, [{ price: '1500' }])).toEqual([4_500])
  expect(paid({ currency: 'JPY' }, [{ price: '1500.00' }])).toEqual([4_500])
  expect(paid({ currency: 'KWD' }, [{ price: '1.234' }])).toEqual([3_702])
  const price_set = {
    shop_money: { amount: '10.00', currency_code: 'USD' },
    presentment_money: { amount: '1566', currency_code: 'JPY' },
  }
  expect(paid({ presentment_currency: 'JPY' }, [{ price_set }])).toEqual([3_000])
})

test('[SHOP-11] gift cards and tips are no sales', () => {
  expect(paid({}, [{}, { gift_card: true }, { tip: { payment_method: null } }])).toEqual([3_000])
})

const item = { id: 11, quantity: 1, line_item: line, subtotal: 10, total_tax: 1.9 }
const refund = { id: 5, order_id: 450789469, created_at: at, refund_line_items: [item] }
const money = (amount: string, more: object = {}) => ({
  kind: 'refund',
  status: 'success',
  amount,
  currency: 'USD',
  ...more,
})

function refunded(changes: object) {
  return eventsOf('refunds/create', { ...refund, ...changes }).map(
    ({ id, type, amount, quantity }) => [
      id.replace('shopify:450789469:', ''),
      amount ?? `${quantity} ${type}`,
    ],
  )
}

test('[SHOP-12] a refund is goods without tax, whether prices include it or not', () => {
  expect(refunded({ transactions: [money('11.90')] })).toEqual([['refunded:11', 1_000]])
  expect(refunded({ transactions: [money('10.00')] })).toEqual([['refunded:11', 810]])
})

test('[SHOP-12] shipping is none of it, and adjustments are', () => {
  const shipping = { kind: 'shipping_refund', amount: '-5.00', tax_amount: '-0.95' }
  const adjusted = (amount: string) => ({ kind: 'refund_discrepancy', amount, tax_amount: '0.00' })
  const transactions = [money('17.85')]
  expect(refunded({ transactions, order_adjustments: [shipping] })).toEqual([
    ['refunded:11', 1_000],
  ])
  expect(
    refunded({ transactions: [money('8.90')], order_adjustments: [adjusted('3.00')] }),
  ).toEqual([['refunded:11', 700]])
  expect(
    refunded({
      transactions: [money('7.00')],
      refund_line_items: [],
      order_adjustments: [adjusted('-7.00')],
    }),
  ).toEqual([['refunded:5:beyond', 700]])
})

test('[SHOP-12] no more is counted than was paid back, and nothing without money', () => {
  expect(refunded({ transactions: [money('4.00')] })).toEqual([['refunded:11', 400]])
  expect(refunded({ transactions: [] })).toEqual([])
  expect(refunded({ transactions: [money('11.90', { status: 'failure' })] })).toEqual([])
  expect(refunded({ transactions: [money('11.90', { kind: 'void' })] })).toEqual([])
  expect(refunded({ transactions: [money('11.90', { test: true })] })).toEqual([])
  expect(refunded({ transactions: [money('11.90', { status: 'pending' })] })).toHaveLength(1)
  const giftCard = { ...item, line_item: { ...line, gift_card: true } }
  expect(refunded({ transactions: [money('11.90')], refund_line_items: [giftCard] })).toEqual([])
})

test('[SHOP-12] without a subtotal it is the share of the units', () => {
  const { subtotal: _, total_tax: _tax, ...old } = item
  const twoOf = [{ ...old, quantity: 2 }]
  expect(refunded({ transactions: [money('20.00')], refund_line_items: twoOf })).toEqual([
    ['refunded:11', 2_000],
  ])
})

test('[SHOP-12] units that had left and were put back are returned', () => {
  const put = (restock_type: string | undefined) =>
    refunded({ transactions: [], refund_line_items: [{ ...item, restock_type }] })
  expect(put('return')).toEqual([['returned:11', '1 order_returned']])
  expect(put('legacy_restock')).toHaveLength(1)
  for (const none of ['cancel', 'no_restock', undefined]) expect(put(none)).toEqual([])
  expect(refunded({ transactions: [], restock: true })).toHaveLength(1)
})

test('[SHOP-5] a parcel is packed when it is made, and on its way once its carrier says so', () => {
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

test('[SHOP-13] a place of an item is a SKU of it; nothing and less than nothing', () => {
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

test('[SHOP-10] what cannot be understood says why, for every topic', () => {
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
    reason: 'much USD is no amount',
  })
  for (const topic of ['orders/updated', 'toString', '__proto__', '']) {
    expect(normalise(topic, Buffer.from('{}'))).toEqual({ kind: 'unknown' })
  }
})
