import type { Scope } from '@creatorflow/shared/features/access'

/** Who asks: the person at the machine of the server, or whoever holds an API key. */
export type Principal = OwnerPrincipal | KeyPrincipal

export interface OwnerPrincipal {
  readonly kind: 'owner'
}

export interface KeyPrincipal {
  readonly kind: 'key'
  readonly keyId: string
  /** The one creator the key is for; null when it is for all. */
  readonly creatorId: string | null
  readonly scopes: readonly Scope[]
}

/** By which door somebody came in; what a browser sends by itself needs a check of the page's origin. */
export type Credential =
  | { readonly kind: 'local' }
  | { readonly kind: 'api-key' }
  | { readonly kind: 'sign-in'; readonly tokenHash: string }

export interface Authentication {
  readonly principal: Principal
  readonly credential: Credential
}

export const owner: OwnerPrincipal = { kind: 'owner' }
