import type { ProblemWords } from '@creatorflow/shared/sources'

/** What problems mean for a shop that is polled. */
export const problems = {
  reconnect: {
    text: 'The authorization expired or was revoked.',
    todo: 'Choose Authorize in TikTok Shop, and agree as the seller.',
  },
  unknown_account: {
    text: 'TikTok Shop doesn’t know this account.',
    todo: 'Check the shop ID, and that the seller authorized this app.',
  },
  api_unavailable: {
    text: 'Can’t reach TikTok Shop.',
    todo: 'It retries automatically, and then fetches the orders it missed.',
  },
  api_refused: {
    text: 'The API refuses the requests.',
    todo: 'Check that the app may read this shop’s orders, returns and products.',
  },
  rate_limited: {
    text: 'TikTok Shop’s rate limit is reached.',
    todo: 'It retries when the limit allows, and then fetches the orders it missed.',
  },
  connection_lost: {
    text: 'The connection to TikTok Shop was lost.',
    todo: 'It retries automatically, and then fetches the orders it missed.',
  },
} as const satisfies Readonly<Record<string, ProblemWords>>
