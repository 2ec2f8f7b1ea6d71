import { resolve } from '$app/paths'

/** Pages of one creator. What others name, such as a LIVE, may hold any character. */
export const cockpitOf = (creator: string) => resolve('/c/[creator]', { creator })
export const historyOf = (creator: string) => `${cockpitOf(creator)}/history`
export const summaryOf = (creator: string, session: string) =>
  `${cockpitOf(creator)}/lives/${encodeURIComponent(session)}`
export const replayOf = (creator: string, session: string) =>
  `${summaryOf(creator, session)}/replay`
export const compareOf = (creator: string, a: string, b: string) =>
  `${cockpitOf(creator)}/compare?${new URLSearchParams({ a, b })}`

/** The same of the server. */
const apiOf = (creator: string) => `/api/v1/creators/${encodeURIComponent(creator)}`
export const apiOverview = (creator: string, cursor: string | null) =>
  `${apiOf(creator)}/overview${cursor === null ? '' : `?${new URLSearchParams({ cursor })}`}`
export const apiLive = (creator: string, session: string) =>
  `${apiOf(creator)}/lives/${encodeURIComponent(session)}`
export const apiSummary = (creator: string, session: string) =>
  `${apiLive(creator, session)}/summary`
export const apiState = (creator: string) => `${apiOf(creator)}/live`
