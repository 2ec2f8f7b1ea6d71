import { backoffMs } from '@creatorflow/shared/backoff'
import type { TikTokLiveProblem } from './problems.ts'

const SECOND_MS = 1_000
export const MINUTE_MS = 60 * SECOND_MS
export const HOUR_MS = 60 * MINUTE_MS
/** Problems that need a person or a plan are retried this rarely. */
const SELDOM_MS = 15 * MINUTE_MS

/** What a step may know of the world: the time, and a random number from 0 to 1 that spreads simultaneous work. */
export interface Moment {
  readonly at: number
  readonly random: number
}

/** How long to wait after consecutive failures, by the kind of the last one. */
export function waitAfter(problem: TikTokLiveProblem, failures: number, moment: Moment): number {
  if (problem === 'payment_required') return SELDOM_MS
  if (problem !== 'rate_limited') return backoff(failures, moment)
  return Math.min(SELDOM_MS, MINUTE_MS * 2 ** Math.min(failures - 1, 10)) * (1 + moment.random / 4)
}

/** After a lost connection. */
export function backoff(failures: number, { random }: Moment): number {
  return backoffMs(failures, { firstMs: SECOND_MS, longestMs: MINUTE_MS }, random)
}

/** About as long, so that many do not ask at once. */
export function spread(ms: number, { random }: Moment): number {
  return Math.round(ms * (0.9 + random / 5))
}
