import { randomUUID } from 'node:crypto'
import type { Request } from 'express'
import type { Log } from '../../core/log.ts'
import { hashSecret } from '../../core/rights/api-key-form.ts'
import type { Sealer } from '../../core/seal.ts'
import { cookieOf } from './cookie.ts'

const name = 'cf_known'
/** Encrypted for this purpose alone, so nothing else encrypted can be used here. */
const context = 'known browser'
const days = 180
/** Accounts known to one browser; the latest stay. */
const maxAccounts = 8

interface Known {
  readonly id: string
  readonly accounts: readonly string[]
  readonly until: number
}

/** Browsers that signed in before. Strangers cannot lock them out: their attempts count separately. */
export interface KnownBrowsers {
  /** The browser of a request, if this account signed in with it before. */
  of(request: Pick<Request, 'headers'>, email: string): string | undefined
  /** `Set-Cookie` that makes this browser known to the account; undefined if nothing can be encrypted. */
  cookieFor(request: Pick<Request, 'headers'>, email: string, isHttps: boolean): string | undefined
}

export function createKnownBrowsers(sealer: Sealer, log: Log): KnownBrowsers {
  function read({ headers }: Pick<Request, 'headers'>): Known | undefined {
    const cookie = cookieOf(headers, name)
    if (cookie === undefined) return undefined
    try {
      // Safe: sealed by `cookieFor` below, which alone uses this context.
      const known = JSON.parse(sealer.open(Buffer.from(cookie, 'base64url'), context)) as Known
      return known.until > Date.now() ? known : undefined
    } catch {
      // Forged, truncated, or of another key: a browser like any other.
      return undefined
    }
  }

  return {
    of(request, email) {
      const known = read(request)
      return known?.accounts.includes(accountOf(email)) ? known.id : undefined
    },
    cookieFor(request, email, isHttps) {
      const before = read(request)
      const account = accountOf(email)
      const others = before?.accounts.filter((one) => one !== account) ?? []
      const known: Known = {
        id: before?.id ?? randomUUID(),
        accounts: [account, ...others].slice(0, maxAccounts),
        until: Date.now() + days * 86_400_000,
      }
      try {
        const sealed = Buffer.from(sealer.seal(JSON.stringify(known), context))
        const attributes = `Path=/api/v1/sign-in; HttpOnly; SameSite=Lax; Max-Age=${days * 86_400}`
        return `${name}=${sealed.toString('base64url')}; ${attributes}${isHttps ? '; Secure' : ''}`
      } catch (error) {
        // Signing in must not fail because of it, such as on a read-only DATA_DIR.
        log.warn({ err: error }, 'can’t remember browsers: there is no key to encrypt with')
        return undefined
      }
    },
  }
}

/** Short, and no address: the cookie stays in the browser. */
function accountOf(email: string): string {
  return hashSecret(email).slice(0, 32)
}
