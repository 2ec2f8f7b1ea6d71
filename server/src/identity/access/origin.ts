import type { IncomingHttpHeaders } from 'node:http'

export interface OriginRules {
  readonly publicUrl?: string | undefined
  readonly allowedOrigins: readonly string[]
}

/**
 * Whether a request that a browser signs automatically (cookie, local owner) comes from a page of this
 * server. Callers without `Origin` and `Sec-Fetch-Site` are not browsers and have no page.
 */
export function originFits(headers: IncomingHttpHeaders, rules: OriginRules): boolean {
  const { origin } = headers
  if (origin !== undefined) {
    if (rules.allowedOrigins.includes(origin) || origin === rules.publicUrl) return true
    // With a known public address, that is the only own one; otherwise the page's host must be the requested
    // one.
    return rules.publicUrl === undefined && hostOf(origin) === headers.host?.toLowerCase()
  }
  const site = headers['sec-fetch-site']
  return site === undefined || site === 'same-origin' || site === 'none'
}

function hostOf(origin: string): string | undefined {
  return /^https?:\/\/([^/]+)$/.exec(origin)?.[1]?.toLowerCase()
}
