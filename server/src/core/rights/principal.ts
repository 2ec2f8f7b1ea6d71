import type { Role } from '@creatorflow/shared/endpoint'
import type { Scope } from '@creatorflow/shared/features/access'

/** Who asks: the person at the machine of the server, a user who signed in, or whoever holds an API key. */
export type Principal = OwnerPrincipal | UserPrincipal | KeyPrincipal

export interface OwnerPrincipal {
  readonly kind: 'owner'
}

export interface UserPrincipal {
  readonly kind: 'user'
  readonly userId: string
  readonly email: string
  readonly name: string
  /** The sign-in by which the user is here; a LIVE is a session, so this is not one. */
  readonly signInId: string
  readonly roles: readonly HeldRole[]
}

/** A role for one creator; null stands for all of them. */
export interface HeldRole {
  readonly creatorId: string | null
  readonly role: Role
}

export interface KeyPrincipal {
  readonly kind: 'key'
  readonly keyId: string
  readonly name: string
  /** The one creator the key is for; null when it is for all. */
  readonly creatorId: string | null
  readonly scopes: readonly Scope[]
}

/** By which door somebody came in; what a browser sends by itself needs a check of the page's origin. */
export type Credential =
  | { readonly kind: 'local' }
  | { readonly kind: 'api-key' }
  | { readonly kind: 'sign-in' }

export interface Authentication {
  readonly principal: Principal
  readonly credential: Credential
  /** When it ends by itself, in epoch ms. */
  readonly expiresAt: number
}

export const owner: OwnerPrincipal = { kind: 'owner' }

/** Whether two principals of one credential may do the same; roles come in one order from the database. */
export function sameRights(one: Principal, other: Principal): boolean {
  const rights = (of: Principal) =>
    of.kind === 'user' ? of.roles : of.kind === 'key' ? [of.creatorId, ...of.scopes] : []
  return JSON.stringify(rights(one)) === JSON.stringify(rights(other))
}
