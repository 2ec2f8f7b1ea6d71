import type { Secrets, SourceRow } from './source.ts'

interface Authorizing<C> {
  readonly source: SourceRow
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
}
