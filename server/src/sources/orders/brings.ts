import type { EventType } from '@creatorflow/shared/event-types'

/** What a shop brings that reports its orders' whole life and its stock. */
export const orderEvents: readonly EventType[] = [
  'order_created',
  'order_on_hold',
  'payment_completed',
  'order_fulfilled',
  'order_shipped',
  'order_delivered',
  'order_cancelled',
  'order_returned',
  'order_refunded',
  'stock_level',
]
