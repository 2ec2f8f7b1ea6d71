import {
  type ConfigOf,
  origin,
  variable,
  whole,
  wholeMs,
  wholeS,
} from '../../core/config/variable.ts'

/** TikTok Shop. */
export const variables = {
  TIKTOK_SHOP_API_URL: variable(
    origin,
    'https://open-api.tiktokglobalshop.com',
    'URL',
    'Where the API of TikTok Shop is asked.',
  ),
  TIKTOK_SHOP_AUTH_URL: variable(
    origin,
    'https://auth.tiktok-shops.com',
    'URL',
    'Where tokens of TikTok Shop are given out.',
  ),
  TIKTOK_SHOP_TIMEOUT_MS: variable(
    wholeMs(100),
    '10000',
    'ms',
    'Time that the API of TikTok Shop has to answer before it is asked again.',
  ),
  TIKTOK_SHOP_POLL_S: variable(
    wholeS(1),
    '60',
    's',
    'Time between two questions to TikTok Shop for changes that no delivery told of.',
  ),
  TIKTOK_SHOP_BACKFILL_DAYS: variable(
    whole(0, 365),
    '7',
    'days',
    'How far back the orders of a newly connected TikTok Shop are fetched.',
  ),
}

export type TikTokShopConfig = ConfigOf<typeof variables>
