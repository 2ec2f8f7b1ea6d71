import { z } from 'zod'
import {
  basic,
  type ConfigOf,
  optional,
  variable,
  whole,
  wholeMs,
} from '../../core/config/variable.ts'

/** TikTok LIVE. */
export const variables = {
  TIKTOK_SIGN_API_URL: variable(
    z.url({ protocol: /^https?$/, error: 'must be an https:// address' }),
    'https://api.eulerstream.com',
    'URL',
    'Sign server, required to connect to a TikTok LIVE.',
  ),
  TIKTOK_SIGN_API_KEY: basic(
    optional(
      z.string(),
      'key',
      'API key of your sign server plan. Without one, only a few connections are free.',
    ),
  ),
  TIKTOK_CONNECTS_PER_HOUR: variable(
    whole(1),
    '30',
    'connections',
    'Maximum connections per handle within an hour; each costs a signature.',
  ),
  TIKTOK_POLL_MS: variable(
    wholeMs(100),
    '60000',
    'ms',
    'How often a handle is checked for a LIVE; checks cost no signature.',
  ),
  TIKTOK_SILENCE_MS: variable(
    wholeMs(100),
    '300000',
    'ms',
    'Time without any activity after which a LIVE counts as over.',
  ),
  TIKTOK_STALE_MS: variable(
    wholeMs(100),
    '60000',
    'ms',
    'Time without data after which a connection to a LIVE is closed.',
  ),
  TIKTOK_WEB_URL: variable(
    z.url({ protocol: /^https?$/, error: 'must be an https:// address' }),
    'https://www.tiktok.com',
    'URL',
    'URL used to check whether a handle is on air.',
  ),
  TIKTOK_LIVE_CONNECTOR: optional(
    z.string(),
    'path',
    'Module with a different TikTok LIVE client; see `server/src/sources/tiktok-live/connector.ts`.',
  ),
}

export type TikTokLiveConfig = ConfigOf<typeof variables>
