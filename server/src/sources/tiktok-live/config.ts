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
    'Sign server, without which TikTok lets nobody into a LIVE.',
  ),
  TIKTOK_SIGN_API_KEY: basic(
    optional(z.string(), 'key', 'Key of its plan; without one few connections are free.'),
  ),
  TIKTOK_CONNECTS_PER_HOUR: variable(
    whole(1),
    '30',
    'connections',
    'Most connections to the LIVEs of one handle within an hour; each costs a signature.',
  ),
  TIKTOK_POLL_MS: variable(
    wholeMs(100),
    '60000',
    'ms',
    'Time between two questions whether a handle is on air; they cost no signature.',
  ),
  TIKTOK_SILENCE_MS: variable(
    wholeMs(100),
    '300000',
    'ms',
    'Time without any sign of life after which a LIVE is over.',
  ),
  TIKTOK_STALE_MS: variable(
    wholeMs(100),
    '60000',
    'ms',
    'Time without a byte after which a connection to a LIVE is given up.',
  ),
  TIKTOK_WEB_URL: variable(
    z.url({ protocol: /^https?$/, error: 'must be an https:// address' }),
    'https://www.tiktok.com',
    'URL',
    'Where it is asked whether a handle is on air.',
  ),
  TIKTOK_LIVE_CONNECTOR: optional(
    z.string(),
    'path',
    'Module with another client of TikTok LIVE, see `server/src/sources/tiktok-live/connector.ts`.',
  ),
}

export type TikTokLiveConfig = ConfigOf<typeof variables>
