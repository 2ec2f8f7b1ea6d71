import { z } from 'zod'
import { eventsOfOrder, type OrderEvent } from '../../orders/order-life.ts'

const message = z.object({
  id: z.string().min(1),
  buyer: z.string(),
  toy: z.string(),
  /** Cents. */
  price: z.int(),
  /** Epoch ms. */
  paid_at: z.int(),
})

/** The events of an order as the market describes it; throws the reason for what it cannot read. */
export function eventsOfMessage(body: Uint8Array): OrderEvent[] {
  const read = message.safeParse(JSON.parse(Buffer.from(body).toString()))
  if (!read.success) throw new Error('This is no order of a toy.')
  const { id, buyer, toy, price, paid_at } = read.data
  return eventsOfOrder({
    source: 'toy_market',
    channel: 'toys',
    id,
    currency: 'USD',
    customerId: buyer,
    createdAt: paid_at,
    paidAt: paid_at,
    lines: [{ id: '1', productId: toy, quantity: 1, amount: price }],
  })
}
