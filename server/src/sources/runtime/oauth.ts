import type { AuthorizationOutcome } from '@creatorflow/shared/features/sources'
import type { Secrets, SourceRow } from './source.ts'

interface Authorizing<C> {
  /** Absent while a new source is connected: its account is learned at the service. */
  readonly source?: SourceRow
  /** Entries made before, such as the key of an app. */
  readonly secrets: Secrets
  readonly config: C
  /** Where the service sends the browser back to. */
  readonly redirectUri: string
  /** A secret of this attempt: the code verifier, for services with PKCE. */
  readonly verifier: string
}

/** How a person authorizes this server at a service: the authorization code grant of OAuth 2.0. */
export interface OAuth<C> {
  /** The button's label, such as “Authorize in TikTok Shop”. */
  readonly action: string
  /** Where a person authorizes; `state` must come back unchanged. */
  authorizeUrl(of: Authorizing<C> & { readonly state: string }): URL
  /**
   * Trades the code for secrets, which replace those of the same names. `account` says whose they are, if the
   * service tells: an account other than the source's is refused. Throws if the service refuses or doesn't
   * answer.
   */
  exchange(
    of: Authorizing<C> & {
      readonly code: string
      /** Everything that came back. */
      readonly answer: Readonly<Record<string, unknown>>
      readonly signal: AbortSignal
    },
  ): Promise<{ readonly secrets: Secrets; readonly account?: string }>
  /** How a new source is connected by the visit alone. */
  readonly connect?: Connect<C>
}

/** For a kind that learns its account at the service: nothing has to be entered. */
export interface Connect<C> {
  /** The button's label, such as “Connect TikTok Shop”. */
  readonly action: string
  /** What it is called to enter an app of one's own, such as “Use your own TikTok Shop app”. */
  readonly ownApp: string
  /** Fields of one's own app; all others come from the visit. */
  readonly fields: readonly string[]
  /** Whether this server has an app of its own. */
  hasApp(config: C): boolean
  /** The accounts that the person authorized. */
  accounts(of: {
    readonly secrets: Secrets
    readonly config: C
    readonly signal: AbortSignal
  }): Promise<readonly Account[]>
}

/** One account that a person authorized. */
export interface Account {
  readonly account: string
  readonly name: string
  readonly region: string | null
  /** Its own, besides those that all accounts share. */
  readonly secrets: Secrets
}

/** Why an authorization ended, in a way that its page explains. */
export class AuthorizationError extends Error {
  readonly outcome: AuthorizationOutcome
  constructor(outcome: AuthorizationOutcome, reason: string) {
    super(reason)
    this.name = 'AuthorizationError'
    this.outcome = outcome
  }
}
