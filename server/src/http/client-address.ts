import type { IncomingMessage } from 'node:http'

/**
 * The address of a caller, as express tells it with `trust proxy` set to a number: the proxies that
 * are trusted stand at the end of X-Forwarded-For, and what is before them anybody may have written.
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
