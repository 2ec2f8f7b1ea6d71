import { z } from 'zod'
import {
  type ConfigOf,
  optional,
  origin,
  variable,
  whole,
  wholeMs,
  wholeS,
} from '../../core/config/variable.ts'

/** TikTok Shop. */
export const variables = {
  TIKTOK_SHOP_APP_KEY: optional(
    z.string().trim(),
    'text',
    'App key of your TikTok Shop app. With TIKTOK_SHOP_APP_SECRET, sellers connect a shop with one button.',
  ),
  TIKTOK_SHOP_APP_SECRET: optional(
    z.string().trim(),
    'text',
    'App secret of your TikTok Shop app.',
  ),
  TIKTOK_SHOP_AUTHORIZATION_LINK: optional(
    z.url({ protocol: /^https?$/ }),
    'URL',
    'Authorization link of your TikTok Shop app, as the Partner Center shows it. Without it, a link with the app key is used.',
  ),
  TIKTOK_SHOP_API_URL: variable(
    origin,
    'https://open-api.tiktokglobalshop.com',
    'URL',
    'URL of the TikTok Shop API.',
  ),
  TIKTOK_SHOP_AUTH_URL: variable(
    origin,
    'https://auth.tiktok-shops.com',
    'URL',
    'URL of the TikTok Shop token service.',
  ),
  TIKTOK_SHOP_TIMEOUT_MS: variable(
    wholeMs(100),
    '10000',
    'ms',
    'Timeout of a TikTok Shop API request before it is retried.',
  ),
  TIKTOK_SHOP_POLL_S: variable(
    wholeS(1),
    '60',
    's',
    'How often TikTok Shop is polled for changes missed by webhooks.',
  ),
  TIKTOK_SHOP_BACKFILL_DAYS: variable(
    whole(0, 365),
    '7',
    'days',
    'How far back orders are fetched when a TikTok Shop is connected.',
  ),
}

export type TikTokShopConfig = ConfigOf<typeof variables>
