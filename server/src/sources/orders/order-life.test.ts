import { parseEvent } from '@creatorflow/shared/events'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { eventsOfOrder, type Order } from './order-life.ts'

const at = Date.UTC(2026, 10, 20, 19)
const paid: Order = {
  source: 'tiktok_shop',
  channel: 'tiktok',
  id: '576653688135258178',
  currency: 'USD',
  customerId: '7021436810468230477',
  createdAt: at,
  paidAt: at + 2_000,
  onHoldAt: at + 2_000,
  lines: [
    { id: 'l1', productId: 'p', skuId: 's', productName: 'Mug', quantity: 1, amount: 1_890 },
    { id: 'l2', productId: 'p', skuId: 's', quantity: 1, amount: 1_890, sessionId: 'room' },
  ],
}
const over: Order = {
  ...paid,
  shippedAt: at + 10,
  deliveredAt: at + 20,
  cancelledAt: at + 30,
  returns: [{ id: 'r', at: at + 40, quantity: 1, ...withLine(0) }],
  refunds: [{ id: 'r', at: at + 50, amount: 900, ...withLine(1) }],
}

function withLine(index: number) {
  const line = paid.lines[index]
  return line ? { line } : {}
}

test('[SOURCE-8] every step of an order is an event of the catalogue, at its own time', () => {
  const events = eventsOfOrder(over)
  for (const event of events) expect(parseEvent(event)).toMatchObject({ ok: true })
  expect(events.map(({ id, ts }) => [id.split(':').slice(2).join(':'), ts - at])).toEqual([
    ['created', 0],
    ['paid:l1', 2_000],
    ['paid:l2', 2_000],
    ['on_hold', 2_000],
    ['shipped', 10],
    ['delivered', 20],
    ['cancelled', 30],
    ['returned:r', 40],
    ['refunded:r', 50],
  ])
  // A LIVE named by one line is the LIVE of the order.
  expect(new Set(events.map(({ session_id }) => session_id))).toEqual(new Set(['room']))
})

test('[SOURCE-8] an unpaid order has no money, and one line is one payment', () => {
  const { paidAt: _, onHoldAt: _held, ...unpaid } = paid
  expect(eventsOfOrder(unpaid).map(({ type }) => type)).toEqual(['order_created'])
  const amounts = eventsOfOrder(paid).flatMap(({ amount }) => amount ?? [])
  expect(amounts).toEqual([1_890, 1_890])
})

test('[SOURCE-8] however often and in whatever order an order is read, each step has one id and one content', () => {
  const looks = [paid, over, { ...paid, shippedAt: at + 10 }]
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...looks), { minLength: 1 }), (seen) => {
      const byId = new Map<string, string>()
      for (const event of [...seen, over].flatMap(eventsOfOrder)) {
        const content = JSON.stringify(event)
        expect(byId.get(event.id) ?? content).toBe(content)
        byId.set(event.id, content)
      }
      expect([...byId.keys()].sort()).toEqual(
        eventsOfOrder(over)
          .map(({ id }) => id)
          .sort(),
      )
    }),
  )
})
