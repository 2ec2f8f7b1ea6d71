import type { Database } from '@creatorflow/db/database'
import type { Log } from '../../core/log.ts'
import type { Mail } from '../mail/mail.ts'
import type { Access } from './access.ts'
import type { Attempts } from './attempts.ts'
import type { Browser } from './browser.ts'
import type { KnownBrowsers } from './known-browser.ts'
import type { PasswordHasher } from './password-hash.ts'
import type { SecondFactor } from './totp.ts'

/** What a user's own pages need. */
export interface MeDeps {
  readonly database: Database
  readonly access: Access
  readonly attempts: Attempts
  readonly browser: Browser
  readonly passwords: PasswordHasher
  readonly secondFactor: SecondFactor
}

/** What signing in needs as well. */
export interface SignInDeps extends MeDeps {
  readonly known: KnownBrowsers
  readonly mail: { readonly letters: Mail; readonly publicUrl: string } | null
  readonly log: Log
  readonly oidc: { readonly label: string; readonly url: string } | null
}
