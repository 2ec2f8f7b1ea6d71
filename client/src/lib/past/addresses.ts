import { addressOf } from '#lib/navigation.ts'
import type { PagePath } from '#lib/pages.ts'

const to = (path: PagePath, params: Readonly<Record<string, string>>) => addressOf(path, params)

/** Pages of one creator and of one LIVE. */
export const historyOf = (creator: string) => to('/c/[creator]/history', { creator })
export const summaryOf = (creator: string, session: string) =>
  to('/c/[creator]/lives/[session]', { creator, session })
export const replayOf = (creator: string, session: string) =>
  to('/c/[creator]/lives/[session]/replay', { creator, session })
export const compareOf = (creator: string, a: string, b: string) =>
  `${to('/c/[creator]/compare', { creator })}?${new URLSearchParams({ a, b })}`

/** The same of the server. */
const apiOf = (creator: string) => `/api/v1/creators/${encodeURIComponent(creator)}`
export const apiOverview = (creator: string, cursor: string | null) =>
  `${apiOf(creator)}/overview${cursor === null ? '' : `?${new URLSearchParams({ cursor })}`}`
export const apiLive = (creator: string, session: string) =>
  `${apiOf(creator)}/lives/${encodeURIComponent(session)}`
export const apiSummary = (creator: string, session: string) =>
  `${apiLive(creator, session)}/summary`
export const apiState = (creator: string) => `${apiOf(creator)}/live`
