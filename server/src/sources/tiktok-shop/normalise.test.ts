import { parseEvent } from '@creatorflow/shared/events'
import { expect, test } from 'vitest'
import { eventsOf } from './look.ts'
import { cancellation, returnRecord } from './normalise.ts'

const at = 1_760_000_000

const item = (id: string, more: object = {}) => ({
  id,
  product_id: `p-${id}`,
  product_name: `Product ${id}`,
  sku_id: `s-${id}`,
  sale_price: '18.90',
  is_gift: false,
  ...more,
})

const detail = (more: object = {}) => ({
  id: '576000000000000001',
  status: 'AWAITING_SHIPMENT',
  user_id: '702',
  create_time: at,
  paid_time: at + 5,
  update_time: at + 9,
  payment: { currency: 'USD', sub_total: '37.80', shipping_fee: '4.00', tax: '2.00' },
  line_items: [item('1'), item('2', { room_id: '765' })],
  ...more,
})

type Beside = Parameters<NonNullable<Parameters<typeof eventsOf>[1]>>[0] extends string
  ? ReturnType<NonNullable<Parameters<typeof eventsOf>[1]>>
  : never

function told(order: object, beside: Beside = {}) {
  const read = eventsOf(order, () => beside)
  if (!read.ok) throw new Error(read.reason)
  return read.events.map(({ event }) => {
    const parsed = parseEvent(event)
    if (!parsed.ok) throw new Error(parsed.reject.message)
    return parsed.event
  })
}
const steps = (order: object, beside?: Beside) =>
  told(order, beside).map(({ id, ts = 0 }) => [id.split(':').slice(2).join(':'), ts / 1_000 - at])

test("[TTSHOP-2] an order's status says what happened, and its times say when", () => {
  const times = { rts_time: at + 20, collection_time: at + 30, delivery_time: at + 40 }
  const created = [['created', 0]]
  const paid = [...created, ['paid:1', 5], ['paid:2', 5]]
  const cases: Record<string, unknown[]> = {
    UNPAID: created,
    ON_HOLD: [...paid, ['on_hold', 5]],
    AWAITING_SHIPMENT: paid,
    PARTIALLY_SHIPPING: paid,
    AWAITING_COLLECTION: [...paid, ['fulfilled', 20]],
    IN_TRANSIT: [...paid, ['fulfilled', 20], ['shipped', 30]],
    DELIVERED: [...paid, ['fulfilled', 20], ['shipped', 30], ['delivered', 40]],
    COMPLETED: [...paid, ['fulfilled', 20], ['shipped', 30], ['delivered', 40]],
  }
  for (const [status, wanted] of Object.entries(cases)) {
    expect(steps(detail({ status, ...times })), status).toEqual(wanted)
  }
})

test('[TTSHOP-2] CANCEL and CANCELLED mean the same, paid or not, and shipped orders stay shipped', () => {
  const cancelled = { cancel_time: at + 60 }
  const unpaid = { ...cancelled, paid_time: 0 }
  expect(steps(detail({ status: 'CANCELLED', ...unpaid }))).toEqual([
    ['created', 0],
    ['cancelled', 60],
  ])
  expect(steps(detail({ status: 'CANCEL', ...unpaid }))).toEqual(
    steps(detail({ status: 'CANCELLED', ...unpaid })),
  )
  const sent = { ...cancelled, rts_time: at + 20, collection_time: at + 30 }
  expect(steps(detail({ status: 'CANCELLED', ...sent }))).toEqual([
    ['created', 0],
    ['paid:1', 5],
    ['paid:2', 5],
    ['fulfilled', 20],
    ['shipped', 30],
    ['cancelled', 60],
  ])
  // `update_time` would give another time with each look.
  const untimed = (update_time: number) => steps(detail({ status: 'CANCELLED', update_time }))
  expect(untimed(at + 100)).toEqual(untimed(at + 200))
})

test('[TTSHOP-2] a hold reported by a delivery stays, even if the order detail no longer shows it', () => {
  expect(steps(detail(), { isHeld: true })).toContainEqual(['on_hold', 5])
  expect(steps(detail({ is_on_hold_order: true }))).toContainEqual(['on_hold', 5])
  expect(steps(detail({ status: 'UNPAID' }), { isHeld: true })).toEqual([['created', 0]])
})

test('[TTSHOP-2] cash on delivery is placed with its value and becomes a sale once it is paid', () => {
  const sums = (more: object) =>
    told(detail({ is_cod: true, ...more })).map(({ type, amount, ts = 0 }) => [
      type,
      amount,
      ts / 1_000 - at,
    ])
  expect(sums({ paid_time: 0 })).toEqual([['order_created', 3_780, 0]])
  expect(sums({ paid_time: undefined, status: 'IN_TRANSIT', collection_time: at + 30 })).toEqual([
    ['order_created', 3_780, 0],
    ['order_shipped', undefined, 30],
  ])
  expect(sums({ paid_time: at + 900, status: 'DELIVERED' })).toMatchObject([
    ['order_created', 3_780, 0],
    ['payment_completed', 1_890, 900],
    ['payment_completed', 1_890, 900],
    ['order_shipped', undefined, 900],
  ])
})

test('[TTSHOP-3] one line is one unit, at its sale price, in the currency’s own minor units', () => {
  const paid = (currency: string, sale_price: string) =>
    told(detail({ payment: { currency }, line_items: [item('1', { sale_price })] })).find(
      ({ type }) => type === 'payment_completed',
    )
  expect(paid('USD', '18.90')).toMatchObject({ amount: 1_890, currency: 'USD', quantity: 1 })
  expect(paid('JPY', '1200')).toMatchObject({ amount: 1_200, currency: 'JPY' })
  expect(paid('KWD', '1.234')).toMatchObject({ amount: 1_234, currency: 'KWD' })
  expect(paid('IDR', '0.01')).toMatchObject({ amount: 1, currency: 'IDR' })
  const shirts = [
    item('1', { sku_id: 's' }),
    item('2', { sku_id: 's' }),
    item('3', { sku_id: 's' }),
  ]
  const units = told(detail({ line_items: shirts })).flatMap(({ quantity }) => quantity ?? [])
  expect(units).toEqual([1, 1, 1])
})

test('[TTSHOP-3] without a sale price, the original price less both discounts counts', () => {
  const line = item('1', {
    sale_price: null,
    original_price: '20.00',
    seller_discount: '1.50',
    platform_discount: '0.25',
  })
  expect(told(detail({ line_items: [line] }))).toContainEqual(
    expect.objectContaining({ type: 'payment_completed', amount: 1_825 }),
  )
})

test('[TTSHOP-3] samples, replacements, exchanges and free gifts are not sales', () => {
  for (const kind of ['is_sample_order', 'is_replacement_order', 'is_exchange_order']) {
    expect(told(detail({ [kind]: true })), kind).toEqual([])
    expect(told(detail({ [kind]: 'true' })), kind).toEqual([])
    expect(told(detail({ [kind]: 'false' })).length, kind).toBeGreaterThan(0)
  }
  const lines = [item('1'), item('gift', { is_gift: true, sale_price: '0' })]
  expect(steps(detail({ line_items: lines }))).toEqual([
    ['created', 0],
    ['paid:1', 5],
  ])
})

test('[TTSHOP-3] an order whose amount, currency or time cannot be read says so', () => {
  const flaws: [object, string][] = [
    [detail({ line_items: [item('1', { sale_price: '1,50' })] }), 'is not a valid amount in USD'],
    [detail({ payment: {} }), 'no currency'],
    [detail({ create_time: 0 }), 'create_time'],
    [detail({ id: undefined }), 'id'],
  ]
  for (const [order, words] of flaws) {
    const read = eventsOf(order)
    expect(read.ok ? '' : read.reason).toContain(words)
  }
})

test("[TTSHOP-2] a line's room is its order's LIVE", () => {
  const sessions = (order: object) => new Set(told(order).map(({ session_id }) => session_id))
  expect(sessions(detail())).toEqual(new Set(['765']))
  const none = [item('1'), item('2', { room_id: '0' }), item('3', { room_id: '' })]
  expect(sessions(detail({ line_items: none }))).toEqual(new Set([undefined]))
})

const returned = (more: object = {}) =>
  returnRecord.parse({
    return_id: 'r',
    order_id: '576000000000000001',
    return_type: 'RETURN_AND_REFUND',
    return_status: 'RETURN_OR_REFUND_REQUEST_COMPLETE',
    create_time: at + 50,
    update_time: at + 70,
    refund_amount: { currency: 'USD', refund_total: '20.00', refund_subtotal: '18.90' },
    return_line_items: [
      {
        return_line_item_id: 'rl',
        order_line_item_id: '2',
        refund_amount: { currency: 'USD', refund_total: '20.00', refund_subtotal: '18.90' },
      },
    ],
    ...more,
  })

test('[TTSHOP-3] a finished return brings money and units back, for its line', () => {
  const events = told(detail(), { returns: [returned()] }).filter(({ type }) =>
    /re(f|t)u/.test(type),
  )
  expect(events).toMatchObject([
    { type: 'order_returned', ts: (at + 70) * 1_000, product_id: 'p-2', quantity: 1 },
    { type: 'order_refunded', ts: (at + 70) * 1_000, product_id: 'p-2', amount: 1_890 },
  ])
})

test.each([
  ['money alone', { return_type: 'REFUND' }, ['refunded:r:rl']],
  ['a replacement', { return_type: 'REPLACEMENT', refund_amount: null, return_line_items: [] }, []],
  ['what the buyer keeps', { can_buyer_keep_item: true }, ['refunded:r:rl']],
  ['one that is under way', { return_status: 'BUYER_SHIPPED_ITEM' }, []],
  ['one that was withdrawn', { return_status: 'RETURN_OR_REFUND_REQUEST_CANCEL' }, []],
  [
    'one told as a whole',
    { return_line_items: [{ return_line_item_id: 'rl', order_line_item_id: '2' }] },
    ['returned:r:rl', 'refunded:r'],
  ],
])('[TTSHOP-3] returns: %s', (_, more, wanted) => {
  const names = steps(detail(), { returns: [returned(more)] }).map(([name]) => name)
  expect(names.filter((name) => /^re/.test(String(name)))).toEqual(wanted)
})

test('[TTSHOP-3] cancelling a paid order refunds the stated amount, and nothing without one', () => {
  const record = (refund_amount: object | null, cancel_status = 'CANCELLATION_REQUEST_COMPLETE') =>
    cancellation.parse({
      cancel_id: 'c',
      order_id: '576000000000000001',
      cancel_status,
      create_time: at + 50,
      update_time: at + 60,
      refund_amount,
      cancel_line_items: [{ cancel_line_item_id: 'cl', order_line_item_id: '1', refund_amount }],
    })
  const refunds = (one: ReturnType<typeof record>) =>
    told(detail(), { cancellations: [one] }).filter(({ type }) => type === 'order_refunded')
  expect(refunds(record({ currency: 'USD', refund_total: '18.90' }))).toMatchObject([
    { id: 'tiktok_shop:576000000000000001:refunded:c:cl', product_id: 'p-1', amount: 1_890 },
  ])
  expect(refunds(record(null))).toEqual([])
  const pending = record({ refund_total: '18.90' }, 'CANCELLATION_REQUEST_PENDING')
  expect(refunds(pending)).toEqual([])
})
