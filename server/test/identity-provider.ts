import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'

export interface Person {
  readonly sub: string
  readonly email: string
  readonly email_verified: boolean
  readonly name?: string
}

export interface IdentityProvider extends AsyncDisposable {
  readonly issuer: string
  /** Who signs in there from now on. */
  person: Person
}

export const oidcClient = { id: 'creatorflow', secret: 'a secret of the provider' } as const

/** A certified provider on this machine: it checks PKCE, the redirect address and the client's secret itself. */
export async function startIdentityProvider(redirectUri: string): Promise<IdentityProvider> {
  const http = createServer().listen(0, '127.0.0.1')
  await once(http, 'listening')
  const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  let person: Person = { sub: 'nobody', email: 'nobody@example.com', email_verified: false }

  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: oidcClient.id,
        client_secret: oidcClient.secret,
        redirect_uris: [redirectUri],
        response_types: ['code'],
        grant_types: ['authorization_code'],
      },
    ],
    claims: { email: ['email', 'email_verified'], profile: ['name'] },
    scopes: ['openid', 'email', 'profile'],
    ttl: { AccessToken: 60, Grant: 60, IdToken: 60, Interaction: 60, Session: 60 },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    cookies: { keys: ['a key of this test'] },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    findAccount: (_, sub) => ({
      accountId: sub,
      claims: () => ({ ...person, sub }),
    }),
    async loadExistingGrant({ oidc }) {
      const grant = new provider.Grant({
        clientId: oidc.client?.clientId ?? '',
        accountId: oidc.session?.accountId ?? '',
      })
      grant.addOIDCScope('openid email profile')
      await grant.save()
      return grant
    },
  })
  const answer = provider.callback()
  http.on('request', (request, response) => {
    if (!request.url?.startsWith('/interaction/')) return void answer(request, response)
    const result = { login: { accountId: person.sub } }
    void provider.interactionFinished(request, response, result)
  })

  return {
    issuer,
    get person() {
      return person
    },
    set person(next) {
      person = next
    },
    async [Symbol.asyncDispose]() {
      http.closeAllConnections()
      await new Promise<void>((done) => http.close(() => done()))
    },
  }
}
