import type { IncomingHttpHeaders } from 'node:http'

/** What identifies the caller; an HTTP request and a socket handshake both have it. */
export interface Caller {
  readonly headers: IncomingHttpHeaders
  /** Port of this server that the connection used. */
  readonly localPort: number | undefined
  readonly remoteAddress: string | undefined
}

const localNames = ['localhost', '127.0.0.1', '[::1]']
const forwardingHeaders = ['forwarded', 'via', 'x-real-ip', 'x-client-ip', 'true-client-ip']

/**
 * Whether the caller is the person at this machine, who needs no key: the server listens on loopback alone,
 * the page is its own, and no proxy is in between. A name that an attacker pointed at 127.0.0.1 fails by
 * `Host`, a foreign page by `Origin`, a tunnel by its forwarding headers.
 */
export function isLocalOwner(boundHost: string, caller: Caller): boolean {
  const { headers, localPort, remoteAddress } = caller
  if (!isLoopback(boundHost) || !isLoopback(remoteAddress ?? '')) return false
  const host = headers.host?.toLowerCase()
  if (!localPort || !host || !ownHosts(localPort).includes(host)) return false
  if (Object.keys(headers).some(isForwardingHeader)) return false
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false
  return headers.origin === undefined || headers.origin === `http://${host}`
}

function ownHosts(port: number): string[] {
  // A browser omits the default port of http.
  return localNames.flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`]))
}

/** Whether a header is one that proxies add. */
export function isForwardingHeader(name: string): boolean {
  return name.startsWith('x-forwarded') || forwardingHeaders.includes(name)
}

/** True for loopback addresses and for the name `localhost`. */
export function isLoopback(host: string): boolean {
  return (
    host === 'localhost' ||
    host === '::1' ||
    host === '[::1]' ||
    /^(::ffff:)?127(\.\d{1,3}){3}$/.test(host)
  )
}
