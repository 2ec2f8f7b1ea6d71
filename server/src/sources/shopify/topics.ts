/** Everything that this server subscribes to, by topic as deliveries name it, with what people call it in the admin. */
export const topics = {
  'orders/create': 'Order creation',
  'orders/paid': 'Order payment',
  'orders/updated': 'Order update',
  'orders/edited': 'Order edit',
  'orders/cancelled': 'Order cancellation',
  'refunds/create': 'Refund create',
  'fulfillments/create': 'Fulfillment creation',
  'fulfillments/update': 'Fulfillment update',
  'inventory_levels/update': 'Inventory level update',
} as const
export type Topic = keyof typeof topics

/** How the Admin API spells a topic. */
export const inAdminApi = (topic: Topic): string => topic.toUpperCase().replace('/', '_')

/** What an app must be allowed to read for these topics. */
export const neededScopes = ['read_orders', 'read_fulfillments', 'read_inventory'] as const
