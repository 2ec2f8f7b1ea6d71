import { type ConfigOf, variable, wholeMs } from '../../core/config/variable.ts'

/** Shopify. */
export const variables = {
  SHOP_REFUND_WAIT_MS: variable(
    wholeMs(100),
    '14400000',
    'ms',
    'How long a refund that may include tax waits for its order before the newest order of the shop decides.',
  ),
}

export type ShopifyConfig = ConfigOf<typeof variables>
