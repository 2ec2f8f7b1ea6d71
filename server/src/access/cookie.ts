import type { IncomingHttpHeaders } from 'node:http'

const secureName = '__Host-cf_sign_in'
const plainName = 'cf_sign_in'

/** The sign-in token of a request. A server with an https address takes only the protected cookie. */
export function signInTokenOf(headers: IncomingHttpHeaders, httpsOnly: boolean): string | null {
  const cookies = new Map<string, string>()
  for (const pair of (headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=')
    if (at > 0) cookies.set(pair.slice(0, at).trim(), pair.slice(at + 1).trim())
  }
  const token = cookies.get(secureName) ?? (httpsOnly ? undefined : cookies.get(plainName))
  return token && /^[A-Za-z0-9_-]{43}$/.test(token) ? token : null
}

/** `Set-Cookie` that opens a session. */
export function signInCookie(token: string, expiresAt: Date, secure: boolean): string {
  return cookie(token, `Expires=${expiresAt.toUTCString()}`, secure)
}

/** `Set-Cookie` that ends it. */
export function signOutCookie(secure: boolean): string {
  return cookie('', 'Max-Age=0', secure)
}

function cookie(value: string, lifetime: string, secure: boolean): string {
  const name = secure ? secureName : plainName
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax; ${lifetime}${secure ? '; Secure' : ''}`
}
