import { isIPv6 } from 'node:net'
import { Redis } from 'ioredis'
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
} from 'rate-limiter-flexible'
import type { Config } from '../../core/config/config.ts'
import { AppError } from '../../core/errors.ts'
import { hashSecret } from '../../core/rights/api-key-form.ts'

export type AttemptKind = 'sign_in' | 'reset'

export interface Attempts {
  /**
   * Counts an attempt from an address, and for an account if it names one; past the limit it throws
   * `rate_limited`. The result takes it back, for a correct attempt. With a browser known to the account,
   * only the account's attempts from that browser count: strangers do not lock it out.
   */
  spend(
    kind: AttemptKind,
    of: {
      readonly address: string | undefined
      readonly account?: string
      readonly browser?: string | undefined
    },
  ): Promise<() => Promise<void>>
  /** Counts an invitation for its maker and for its address; past either limit it throws. */
  spendInvitation(of: { readonly inviter: string; readonly email: string }): Promise<void>
}

export type AttemptLimits = Pick<
  Config,
  | 'signInAttemptsPerAccount'
  | 'signInAttemptsPerAddress'
  | 'resetsPerAccount'
  | 'attemptWindowS'
  | 'invitationsPerInviter'
  | 'invitationsPerAddress'
  | 'invitationWindowS'
>

/** Limits against guessing, shared by all nodes through Redis; while it is away each node counts alone. */
export function createAttempts(limits: AttemptLimits, redis?: Redis): Attempts {
  const limiter = (
    keyPrefix: string,
    points: number,
    duration = limits.attemptWindowS,
  ): RateLimiterAbstract => {
    const memory = new RateLimiterMemory({ keyPrefix, points, duration })
    if (!redis) return memory
    return new RateLimiterRedis({
      storeClient: redis,
      keyPrefix,
      points,
      duration,
      insuranceLimiter: memory,
      rejectIfRedisNotReady: true,
    })
  }
  const byAddress = limiter('attempts:address', limits.signInAttemptsPerAddress)
  const byAccount = {
    sign_in: limiter('attempts:sign-in', limits.signInAttemptsPerAccount),
    reset: limiter('attempts:reset', limits.resetsPerAccount),
  }

  const byBrowser = limiter('attempts:browser', limits.signInAttemptsPerAccount)
  const invitations = {
    byInviter: limiter(
      'invitations:inviter',
      limits.invitationsPerInviter,
      limits.invitationWindowS,
    ),
    byAddress: limiter(
      'invitations:address',
      limits.invitationsPerAddress,
      limits.invitationWindowS,
    ),
  }

  return {
    async spendInvitation({ inviter, email }) {
      await consume(invitations.byInviter, inviter, 'Too many invitations. Try again later.')
      const toOne = 'Too many invitations for this address. Try again later.'
      await consume(invitations.byAddress, hashSecret(email), toOne)
    },

    async spend(kind, { address = '', account, browser }) {
      const spent: (readonly [RateLimiterAbstract, string])[] = []
      // Hashed, since it is kept outside the database.
      if (kind === 'sign_in' && account !== undefined && browser !== undefined) {
        spent.push([byBrowser, hashSecret(`${browser} ${account}`)])
      } else {
        spent.push([byAddress, network(address)])
        if (account !== undefined) spent.push([byAccount[kind], hashSecret(account)])
      }
      for (const [limit, key] of spent) await consume(limit, key)
      return async () => {
        for (const [limit, key] of spent) await limit.reward(key)
      }
    },
  }
}

/** A connection for counting, with its own key names: a sign-in never waits for an unavailable Redis. */
export function openAttemptsRedis(url: string, prefix: string): { redis: Redis } & Disposable {
  const redis = new Redis(url, {
    keyPrefix: `${prefix}:`,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: 500,
    retryStrategy: (times) => Math.min(times * 100, 2_000),
    connectionName: 'creatorflow-attempts',
  })
  // Without a listener ioredis prints each; the bus already reports that Redis is away.
  redis.on('error', () => {})
  return { redis, [Symbol.dispose]: () => redis.disconnect() }
}

async function consume(
  limit: RateLimiterAbstract,
  key: string,
  words = 'Too many attempts. Wait, then try again.',
): Promise<void> {
  try {
    await limit.consume(key)
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error
    throw new AppError('rate_limited', words, {
      retryAfterMs: error.msBeforeNext,
    })
  }
}

/** One household has 2^64 IPv6 addresses, and counts as one. */
function network(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address
  const [head = ''] = address.split('::')
  return `${head.split(':').slice(0, 4).join(':')}::/64`
}
