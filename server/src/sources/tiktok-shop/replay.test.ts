import { parseEvent } from '@creatorflow/shared/events'
import { expect, test } from 'vitest'
import type { SourceRow } from '../runtime/source.ts'
import { eventsOf } from './look.ts'
import { cancellation } from './normalise.ts'
import { replayLetter } from './replay.ts'

const source = { account: '749' } as SourceRow
const at = 1_760_000_000
const order = {
  id: '57',
  status: 'AWAITING_SHIPMENT',
  create_time: at,
  paid_time: at,
  payment: { currency: 'EUR' },
  line_items: [{ id: '1', product_id: '7', sale_price: '3.00' }],
}
const record = {
  cancel_id: 'c',
  order_id: '57',
  cancel_status: 'CANCELLATION_REQUEST_COMPLETE',
  create_time: at,
  refund_amount: { currency: 'EUR', refund_total: '3.00' },
}

const replayed = (topic: string, raw: unknown) =>
  replayLetter(source, {
    topic,
    raw: Buffer.from(typeof raw === 'string' ? raw : JSON.stringify(raw)),
  }).map(({ event }) => {
    const parsed = parseEvent(event)
    if (!parsed.ok) throw new Error(parsed.reject.message)
    return parsed.event.id
  })

test('[TTSHOP-5] a replayed letter becomes the events it would have been', () => {
  const read = eventsOf(order, () => ({ cancellations: [cancellation.parse(record)] }))
  const usual = read.ok ? read.events.map(({ event }) => (event as { id: string }).id) : []
  expect([...replayed('order', order), ...replayed('cancellation', record)].sort()).toEqual(
    [...usual].sort(),
  )
  const stock = {
    type: 27,
    tts_notification_id: '5',
    shop_id: '749',
    data: {
      sku_id: '1',
      inventory_distribution: { available_quantity: 2 },
      update_time: at,
    },
  }
  expect(replayed('27', stock)).toEqual(['tiktok_shop:stock:5'])
  const news = { order_id: '57', order_status: 'CANCEL', update_time: at }
  expect(replayed('1', { ...stock, type: 1, data: news })).toEqual(['tiktok_shop:57:cancelled'])
})

test.each([
  ['order', { ...order, create_time: 0 }, 'create_time'],
  ['cancellation', { ...record, cancel_status: 'PENDING' }, 'Nothing has been returned'],
  ['27', '{"type": 27, ', 'It is not valid JSON'],
  ['987', { type: 987, shop_id: '749', data: {} }, 'type 987'],
  ['1', { type: 1, shop_id: '750', data: {} }, 'the shop 750'],
  ['5', { type: 5, shop_id: '749', data: {} }, 'nothing to count'],
])('[TTSHOP-5] a letter that still cannot be understood says why: %s %#', (topic, raw, words) => {
  expect(() => replayed(topic, raw)).toThrow(words)
})
