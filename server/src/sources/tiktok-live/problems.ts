import type { ProblemWords, SourceProblem } from '@creatorflow/shared/sources'

/** Problems specific to a watched handle, and what other problems mean for it. */
export const problems = {
  sign_server: {
    text: 'The sign server isn’t responding correctly. It’s required to connect to TikTok.',
    todo: 'It retries automatically. What happens in a LIVE meanwhile isn’t recorded. If this continues, check TIKTOK_SIGN_API_URL.',
  },
  payment_required: {
    text: 'The sign server requires a paid plan.',
    todo: 'Set TIKTOK_SIGN_API_KEY to the key of a plan that includes this feature.',
  },
  connect_budget: {
    text: 'The connection dropped too often, so no more attempts are made this hour.',
    todo: 'Wait, or raise TIKTOK_CONNECTS_PER_HOUR if your plan allows it. What happens in the LIVE meanwhile isn’t recorded.',
  },
  unknown_account: {
    text: 'TikTok doesn’t know this handle.',
    todo: 'Check the spelling, remove this source, and add it again.',
  },
  api_unavailable: {
    text: 'Can’t reach TikTok.',
    todo: 'It retries automatically. What happens in a LIVE meanwhile isn’t recorded. If this continues, check this server’s internet connection.',
  },
  rate_limited: {
    text: 'The sign server’s rate limit is reached.',
    todo: 'It retries when the limit allows. What happens in a LIVE meanwhile isn’t recorded. Your own key (TIKTOK_SIGN_API_KEY) raises the limit.',
  },
} as const satisfies Readonly<Record<string, ProblemWords>>

export type TikTokLiveProblem = SourceProblem | keyof typeof problems
