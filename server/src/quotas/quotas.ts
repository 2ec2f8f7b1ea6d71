import { QUOTA_WINDOW_S } from '@creatorflow/shared/features/usage'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { Config } from '../core/config/config.ts'
import { AppError } from '../core/errors.ts'
import type { UsageCounts } from './usage-counts.ts'

export type QuotaLimits = Pick<
  Config,
  'maxEventsPerSPerCreator' | 'maxRequestsPerSPerCreator' | 'maxSocketsPerCreator'
>

/** What one creator may use of this process. A limit of 0 is none. */
export interface Quotas {
  /** Ms until a creator past its limit of events may send more; 0 if it may now. */
  eventsWaitMs(creatorId: string): Promise<number>
  /** Counts events; one request over the limit passes, and the next one waits. */
  spendEvents(creatorId: string, events: number): Promise<void>
  /** Counts a request; throws `too_many` past the limit. */
  spendRequest(creatorId: string): Promise<void>
  /** Counts a socket that starts watching while `open` others do; throws `too_many` past the limit. */
  spendSocket(creatorId: string, open: number): void
}

export function createQuotas(limits: QuotaLimits, counts: UsageCounts): Quotas {
  const events = limiterOf(limits.maxEventsPerSPerCreator)
  const requests = limiterOf(limits.maxRequestsPerSPerCreator)

  return {
    async eventsWaitMs(creatorId) {
      const waitMs = await waitOf(events, creatorId)
      if (waitMs > 0) counts.add(creatorId, 'events_held', 1)
      return waitMs
    },
    async spendEvents(creatorId, count) {
      counts.add(creatorId, 'events', count)
      await events?.penalty(creatorId, count)
    },
    async spendRequest(creatorId) {
      const waitMs = await waitOf(requests, creatorId)
      counts.add(creatorId, waitMs > 0 ? 'requests_refused' : 'requests', 1)
      if (waitMs > 0) throw over(`${limits.maxRequestsPerSPerCreator} requests per second`, waitMs)
      await requests?.penalty(creatorId)
    },
    spendSocket(creatorId, open) {
      if (limits.maxSocketsPerCreator > 0 && open >= limits.maxSocketsPerCreator) {
        counts.add(creatorId, 'sockets_refused', 1)
        throw over(`${limits.maxSocketsPerCreator} screens`, SOCKET_RETRY_MS)
      }
      counts.most(creatorId, 'sockets', open + 1)
    },
  }
}

const SOCKET_RETRY_MS = 5_000

/** The failure of a creator past its quota; it says which one, and when it may continue. */
export function over(share: string, retryAfterMs: number): AppError {
  const seconds = Math.ceil(retryAfterMs / 1_000)
  return new AppError(
    'too_many',
    `This creator is at its limit (${share}). Try again in ${seconds} s.`,
    { retryAfterMs },
  )
}

function limiterOf(perSecond: number): RateLimiterMemory | undefined {
  const points = perSecond * QUOTA_WINDOW_S
  return points > 0 ? new RateLimiterMemory({ points, duration: QUOTA_WINDOW_S }) : undefined
}

/** Past use decides, so nothing is refused for being large. */
async function waitOf(limiter: RateLimiterMemory | undefined, key: string): Promise<number> {
  const used = await limiter?.get(key)
  if (!limiter || !used || used.consumedPoints < limiter.points) return 0
  return Math.max(0, used.msBeforeNext)
}
