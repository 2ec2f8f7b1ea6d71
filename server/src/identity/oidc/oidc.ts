import * as client from 'openid-client'
import type { Config } from '../../core/config/config.ts'

export const oidcPaths = {
  start: '/api/v1/sign-in/oidc',
  callback: '/api/v1/sign-in/oidc/callback',
} as const

const timeoutS = 10

/** What a browser must bring back to prove that the provider's answer is its own. */
export interface OidcAttempt {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

/** A person as known by the identity provider. */
export interface Identity {
  /** Issuer and subject: stays the same when the address changes. */
  readonly subject: string
  /** Null unless the provider confirms that it belongs to the person. */
  readonly email: string | null
  readonly name: string | null
}

export interface Oidc {
  readonly label: string
  /** Where to send a browser, and what it must keep until it returns. */
  begin(): Promise<{ url: string; attempt: OidcAttempt }>
  /** Who returned; throws if anything does not match. */
  finish(callback: URL, attempt: OidcAttempt): Promise<Identity>
}

/** Sign-in through an OpenID Connect provider: authorization code, PKCE, state and nonce. Null if there is none. */
export function createOidc(
  config: Pick<
    Config,
    'oidcIssuer' | 'oidcClientId' | 'oidcClientSecret' | 'oidcLabel' | 'publicUrl'
  >,
): Oidc | null {
  const { oidcIssuer, oidcClientId: clientId, oidcClientSecret: secret, publicUrl } = config
  if (!oidcIssuer || !clientId || !secret || !publicUrl) return null
  const withSecret = authenticateWith(secret)
  const issuer = new URL(oidcIssuer)
  // A provider without TLS is in the same house, or a test.
  const execute = issuer.protocol === 'http:' ? [client.allowInsecureRequests] : []
  let known: Promise<client.Configuration> | undefined

  /** Fetched at the first sign-in, and again after a failure: the server starts without its provider. */
  const provider = (): Promise<client.Configuration> => {
    known ??= client
      .discovery(issuer, clientId, undefined, withSecret, {
        execute,
        timeout: timeoutS,
      })
      .catch((error: unknown) => {
        known = undefined
        throw error
      })
    return known
  }

  return {
    label: config.oidcLabel,

    async begin() {
      const attempt = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        verifier: client.randomPKCECodeVerifier(),
      }
      const url = client.buildAuthorizationUrl(await provider(), {
        redirect_uri: `${publicUrl}${oidcPaths.callback}`,
        scope: 'openid email profile',
        code_challenge: await client.calculatePKCECodeChallenge(attempt.verifier),
        code_challenge_method: 'S256',
        state: attempt.state,
        nonce: attempt.nonce,
      })
      return { url: url.href, attempt }
    },

    async finish(callback, { state, nonce, verifier }) {
      const configuration = await provider()
      const tokens = await client.authorizationCodeGrant(configuration, callback, {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      })
      const claims = tokens.claims()
      if (!claims) throw new Error('the identity provider sent no ID token')
      // Many providers return the address only on request.
      const more =
        claims.email === undefined && configuration.serverMetadata().userinfo_endpoint
          ? await client.fetchUserInfo(configuration, tokens.access_token, claims.sub)
          : claims
      const isVerified = more.email_verified === true && typeof more.email === 'string'
      return {
        subject: `${claims.iss} ${claims.sub}`,
        email: isVerified ? String(more.email).trim().toLowerCase() : null,
        name: typeof more.name === 'string' ? more.name.trim().slice(0, 100) : null,
      }
    },
  }
}

/** As the provider supports it; one that does not say takes the header, as the standard says. */
function authenticateWith(secret: string): client.ClientAuth {
  const inHeader = client.ClientSecretBasic(secret)
  const inBody = client.ClientSecretPost(secret)
  return (provider, ...rest) => {
    const known = provider.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
    return (known.includes('client_secret_basic') ? inHeader : inBody)(provider, ...rest)
  }
}
