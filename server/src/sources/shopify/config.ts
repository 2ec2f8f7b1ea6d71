import {
  type ConfigOf,
  optional,
  origin,
  variable,
  whole,
  wholeMs,
} from '../../core/config/variable.ts'

/** Shopify. */
export const variables = {
  SHOP_ORDERS_KEPT_DAYS: variable(
    whole(1),
    '400',
    'days',
    'How long order details are kept after the last delivery, so that later edits and refunds are exact.',
  ),
  SHOP_REFUND_WAIT_MS: variable(
    wholeMs(100),
    '14400000',
    'ms',
    'How long a refund that may include tax waits for its order; after that, the shop’s newest order decides whether prices include tax.',
  ),
  SHOPIFY_API_URL: optional(
    origin,
    'URL',
    'URL of a proxy in front of the Shopify API; the shop’s domain is the first part of the path. Without it, requests go to the shop’s own domain.',
  ),
}

export type ShopifyConfig = ConfigOf<typeof variables>
