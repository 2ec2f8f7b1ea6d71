import type { RequestHandler } from 'express'
import type { Log } from '../core/log.ts'
import type { ReadinessPart } from '../core/readiness.ts'
import { isForwardingHeader } from '../core/rights/local-owner.ts'

/** How long a request with forwarding headers is remembered, so a fixed proxy turns readiness green. */
const REMEMBERED_MS = 15 * 60_000

export interface ForwardingWatch {
  readonly handler: RequestHandler
  /** What readiness reports; undefined if nothing. */
  part(): ReadinessPart | undefined
}

/**
 * Detects an unconfigured proxy: all callers behind it would share one address, one budget of attempts and
 * one socket limit.
 */
export function createForwardingWatch(
  trustedProxyHops: number,
  log: Log,
  now: () => number = Date.now,
): ForwardingWatch {
  let seenAt = Number.NEGATIVE_INFINITY
  return {
    handler(request, _response, next) {
      if (trustedProxyHops === 0 && Object.keys(request.headers).some(isForwardingHeader)) {
        if (seenAt === Number.NEGATIVE_INFINITY) {
          log.warn(
            'A request has forwarding headers, but TRUSTED_PROXY_HOPS is 0: everyone behind the proxy counts as one address. Set it to the number of proxies in front of this server.',
          )
        }
        seenAt = now()
      }
      next()
    },
    part: () =>
      now() - seenAt < REMEMBERED_MS
        ? { ok: false, detail: 'forwarding headers are ignored: set TRUSTED_PROXY_HOPS' }
        : undefined,
  }
}
