import type { IncomingMessage } from 'node:http'

/**
 * The caller's address, as express derives it with `trust proxy` set to a number: trusted proxies are at the
 * end of X-Forwarded-For, and anyone may have written what is before them.
 */
export function clientAddress(
  request: Pick<IncomingMessage, 'headers' | 'socket'>,
  trustedProxyHops: number,
): string {
  const header = request.headers['x-forwarded-for']
  const forwarded = (Array.isArray(header) ? header.join(',') : (header ?? ''))
    .split(',')
    .map((address) => address.trim())
    .filter(Boolean)
  const chain = [...forwarded, request.socket.remoteAddress ?? '']
  return chain.at(-1 - trustedProxyHops) ?? chain[0] ?? ''
}
