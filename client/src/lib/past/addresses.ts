import type { getOverview } from '@creatorflow/shared/features/overview'
import type { getSummary } from '@creatorflow/shared/features/summary'
import { addressOf } from '#lib/navigation.ts'
import type { PagePath } from '#lib/pages.ts'
import { request } from '#lib/request.ts'

const to = (path: PagePath, params: Readonly<Record<string, string>>) => addressOf(path, params)

/** Pages of one creator and of one LIVE. */
export const historyOf = (creator: string) => to('/c/[creator]/history', { creator })
export const summaryOf = (creator: string, session: string) =>
  to('/c/[creator]/lives/[session]', { creator, session })
export const replayOf = (creator: string, session: string) =>
  to('/c/[creator]/lives/[session]/replay', { creator, session })
export const compareOf = (creator: string, a: string, b: string) =>
  `${to('/c/[creator]/compare', { creator })}?${new URLSearchParams({ a, b })}`

/** The server's values for them. */
export const overviewOf = (creator_id: string, cursor?: string) =>
  request<typeof getOverview>('GET /api/v1/creators/:creator_id/overview', {
    params: { creator_id },
    query: { cursor },
  })
export const wholeSummaryOf = (creator_id: string, session_id: string) =>
  request<typeof getSummary>('GET /api/v1/creators/:creator_id/lives/:session_id/summary', {
    params: { creator_id, session_id },
  })
