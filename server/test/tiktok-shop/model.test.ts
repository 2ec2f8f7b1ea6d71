import { parseEvent } from '@creatorflow/shared/events'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { eventsOf } from '../../src/sources/tiktok-shop/look.ts'
import { cancellation, returnRecord } from '../../src/sources/tiktok-shop/normalise.ts'
import { readNotice } from '../../src/sources/tiktok-shop/webhook.ts'
import { delivery } from './connected.ts'
import { type ModelOrder, modelShop } from './model.ts'

/** The events of one look, at a moment of the order's life; returns are only reported at the end. */
function eventsAt(order: ModelOrder, moment: number, isHeld: boolean) {
  const isEnd = moment === order.looks.length - 1
  const read = eventsOf(order.looks[moment], () => ({
    isHeld,
    ...(isEnd && {
      returns: order.returns.map((one) => returnRecord.parse(one)),
      cancellations: order.cancellations.map((one) => cancellation.parse(one)),
    }),
  }))
  if (!read.ok) throw new Error(read.reason)
  return read.events.map(({ event }) => {
    const parsed = parseEvent(event)
    if (!parsed.ok) throw new Error(parsed.reject.message)
    return parsed.event
  })
}

const isHeldBy = ({ type, data }: ModelOrder['told'][number]) => {
  const notice = readNotice(Buffer.from(delivery('1', type, data)), '1')
  return notice.kind === 'orders' && notice.news?.isHeld === true
}

test('[TTSHOP-4] deliveries in any order, read at any time, give the right totals', () => {
  fc.assert(
    fc.property(fc.nat(), fc.infiniteStream(fc.nat({ max: 1_000 })), (seed, chance) => {
      const { orders, truth } = modelShop(seed, 12, Date.UTC(2026, 10, 20))
      const log = new Map<string, ReturnType<typeof eventsAt>[number]>()
      const next = () => chance.next().value as number
      const deliveries = orders
        .flatMap((order) => [...order.told, ...order.told].map((told) => ({ order, told })))
        .map((one) => ({ ...one, place: next() }))
        .sort((a, b) => a.place - b.place)
      const looks = deliveries.map(({ order, told }) => {
        // No look is older than the delivery: the API knows at least that.
        const step = told.type === 1 ? order.told.indexOf(told) : order.looks.length - 1
        const moment = step + (next() % (order.looks.length - step))
        return eventsAt(order, moment, isHeldBy(told))
      })
      // The poll's look, at the end.
      for (const order of orders) looks.push(eventsAt(order, order.looks.length - 1, false))
      for (const event of looks.flat()) {
        expect(log.get(event.id) ?? event).toEqual(event)
        log.set(event.id, event)
      }
      const all = [...log.values()]
      const of = (type: string) => all.filter((event) => event.type === type)
      const ordersOf = (type: string) => new Set(of(type).map(({ order_id }) => order_id)).size
      const sum = (type: string) => of(type).reduce((total, { amount = 0 }) => total + amount, 0)
      expect({
        gmv: sum('payment_completed'),
        main_orders: ordersOf('payment_completed'),
        items_sold: of('payment_completed').length,
        created_orders: of('order_created').length,
        on_hold_orders: of('order_on_hold').length,
        fulfilled_orders: of('order_fulfilled').length,
        shipped_orders: of('order_shipped').length,
        delivered_orders: of('order_delivered').length,
        cancelled_orders: of('order_cancelled').length,
        refunds: sum('order_refunded'),
        returned_items: of('order_returned').length,
      }).toEqual(truth)
    }),
    { numRuns: 50 },
  )
})
