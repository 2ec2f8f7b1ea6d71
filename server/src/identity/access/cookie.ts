import type { IncomingHttpHeaders } from 'node:http'

const secureName = '__Host-cf_sign_in'
const plainName = 'cf_sign_in'

/** The sign-in token of a request. A server with an https address takes only the protected cookie. */
export function signInTokenOf(headers: IncomingHttpHeaders, httpsOnly: boolean): string | null {
  const token =
    cookieOf(headers, secureName) ?? (httpsOnly ? undefined : cookieOf(headers, plainName))
  return token && /^[A-Za-z0-9_-]{43}$/.test(token) ? token : null
}

/** The value of a cookie; of several with one name, the last one. */
export function cookieOf(headers: IncomingHttpHeaders, wanted: string): string | undefined {
  let value: string | undefined
  for (const pair of (headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=')
    if (at > 0 && pair.slice(0, at).trim() === wanted) value = pair.slice(at + 1).trim()
  }
  return value
}

/** `Set-Cookie` that signs a browser in. */
export function signInCookie(token: string, expiresAt: Date, secure: boolean): string {
  return cookie(token, `Expires=${expiresAt.toUTCString()}`, secure)
}

/** `Set-Cookie` that signs it out. */
export function signOutCookie(secure: boolean): string {
  return cookie('', 'Max-Age=0', secure)
}

function cookie(value: string, lifetime: string, secure: boolean): string {
  const name = secure ? secureName : plainName
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax; ${lifetime}${secure ? '; Secure' : ''}`
}
