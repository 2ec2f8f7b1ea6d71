import { parseEvent } from '@creatorflow/shared/events'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readJson } from './read-json.ts'
import { eventsOfNews, identify, readNotice } from './webhook.ts'

const shop = '7490000000000000001'

function bytes(type: unknown, data: unknown, more: object = {}): Uint8Array {
  const envelope = { type, tts_notification_id: '7330000000000000009', shop_id: shop }
  return Buffer.from(JSON.stringify({ ...envelope, timestamp: 1_760_000_000, data, ...more }))
}

const status = (order_status: string, more: object = {}) =>
  bytes(1, { order_id: '57', order_status, update_time: 1_760_000_000, ...more })

test('[TTSHOP-1] integers too large for a number keep their digits', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }), (n) => {
      const read = readJson(`{"a":[${n}]}`) as { a: [unknown] }
      expect(String(read.a[0])).toBe(String(n))
    }),
  )
  expect(readJson('{"a":1e400,"b":0.1,"c":"9007199254740993"}')).toEqual({
    a: Number.POSITIVE_INFINITY,
    b: 0.1,
    c: '9007199254740993',
  })
})

test('[TTSHOP-1] ids of a delivery may be integers above 2^53', () => {
  const body = Buffer.from(
    '{"type":27,"tts_notification_id":7327112393057371911,"shop_id":7490000000000000001,"timestamp":1,' +
      '"data":{"product_id":576486316948490003,"sku_id":1729000000000000007,' +
      '"inventory_distribution":{"available_quantity":4},"update_time":1760000000}}',
  )
  expect(identify(body)).toEqual({ id: '7327112393057371911', topic: '27', shopId: shop })
  expect(readNotice(body, shop)).toMatchObject({
    kind: 'stock',
    event: { product_id: '576486316948490003', sku_id: '1729000000000000007', quantity: 4 },
  })
})

test('[TTSHOP-3] an inventory delivery is a stock level of its SKU', () => {
  const data = {
    product_id: '73',
    sku_id: '74',
    current_inventory_status: 'LOW_STOCK',
    inventory_distribution: { total_quantity: 100, available_quantity: 50 },
    update_time: 1_760_000_000,
  }
  const notice = readNotice(bytes(27, data), shop)
  if (notice.kind !== 'stock') throw new Error(notice.kind)
  expect(parseEvent(notice.event)).toMatchObject({
    ok: true,
    event: {
      id: 'tiktok_shop:stock:7330000000000000009',
      type: 'stock_level',
      ts: 1_760_000_000_000,
      product_id: '73',
      sku_id: '74',
      quantity: 50,
    },
  })
  const unknown = { ...data, inventory_distribution: { available_quantity: null } }
  expect(readNotice(bytes(27, unknown), shop).kind).toBe('unreadable')
})

test('[TTSHOP-1] deliveries are classified by type', () => {
  const cases: [Uint8Array, object][] = [
    [status('UNPAID'), { kind: 'orders', ids: ['57'] }],
    [
      bytes(4, { package_list: [{ order_id_list: ['1', '2'] }, { order_id_list: [2] }] }),
      { kind: 'orders', ids: ['1', '2'] },
    ],
    [bytes(6, { message: 'bye' }), { kind: 'deauthorized' }],
    [bytes(11, { order_id: 57, cancel_id: '1' }), { kind: 'cancellation', orderId: '57' }],
    [bytes(12, { order_id: '57', return_id: '1' }), { kind: 'return', orderId: '57' }],
    [bytes(5, { product_id: 1 }), { kind: 'nothing' }],
    [bytes(987, {}), { kind: 'unknown', name: 'type 987' }],
    [bytes('1', { order_id: '', order_status: 'X' }), { kind: 'unreadable' }],
    [bytes(1, undefined), { kind: 'unreadable' }],
    [status('UNPAID').subarray(3), { kind: 'unreadable' }],
    [Buffer.from([0xff, 0xfe]), { kind: 'unreadable' }],
    [Buffer.from('[]'), { kind: 'unreadable' }],
    [bytes(1, {}, { shop_id: '1' }), { kind: 'foreign', shopId: '1' }],
  ]
  for (const [body, wanted] of cases) expect(readNotice(body, shop)).toMatchObject(wanted)
})

test('[TTSHOP-1] whatever a delivery is, reading it throws nothing', () => {
  const anything = fc.oneof(
    fc.json().map((text) => Buffer.from(text)),
    fc.uint8Array(),
    fc
      .tuple(fc.oneof(fc.constantFrom(1, 4, 6, 11, 12, 27), fc.jsonValue()), fc.jsonValue())
      .map(([type, data]) => bytes(type, data)),
  )
  fc.assert(
    fc.property(anything, (body) => {
      identify(body)
      expect(readNotice(body, shop).kind).toEqual(expect.any(String))
    }),
  )
})

test('[TTSHOP-2] a delivery reports a hold once the order is paid', () => {
  const isHeld = (body: Uint8Array) => {
    const notice = readNotice(body, shop)
    return notice.kind === 'orders' && notice.news?.isHeld
  }
  expect(isHeld(status('UNPAID', { is_on_hold_order: true }))).toBe(false)
  expect(isHeld(status('ON_HOLD'))).toBe(true)
  expect(isHeld(status('AWAITING_SHIPMENT', { is_on_hold_order: true }))).toBe(true)
  expect(isHeld(status('AWAITING_SHIPMENT', { is_on_hold_order: false }))).toBe(false)
})

test("[TTSHOP-5] without the API a delivery yields its own step, with that step's usual id", () => {
  const told = (name: string, isHeld = false) =>
    eventsOfNews({ orderId: '57', status: name, isHeld, at: 5 }).map((event) => {
      expect(parseEvent(event)).toMatchObject({ ok: true })
      return event.id
    })
  expect(told('UNPAID')).toEqual(['tiktok_shop:57:created'])
  expect(told('ON_HOLD', true)).toEqual(['tiktok_shop:57:on_hold'])
  expect(told('AWAITING_SHIPMENT')).toEqual([])
  expect(told('AWAITING_COLLECTION')).toEqual(['tiktok_shop:57:fulfilled'])
  expect(told('IN_TRANSIT')).toEqual(['tiktok_shop:57:shipped'])
  expect(told('DELIVERED')).toEqual(['tiktok_shop:57:delivered'])
  expect(told('CANCEL')).toEqual(told('CANCELLED'))
  expect(told('toString')).toEqual([])
})
