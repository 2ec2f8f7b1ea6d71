import type { Role } from '@creatorflow/shared/endpoint'
import type { Scope } from '@creatorflow/shared/features/access'

/** Who is asking: the person at the server's machine, a signed-in user, or the holder of an API key. */
export type Principal = OwnerPrincipal | UserPrincipal | KeyPrincipal

export interface OwnerPrincipal {
  readonly kind: 'owner'
}

export interface UserPrincipal {
  readonly kind: 'user'
  readonly userId: string
  readonly email: string
  readonly name: string
  /** The user's sign-in; a LIVE is a session, so this is not one. */
  readonly signInId: string
  readonly roles: readonly HeldRole[]
}

/** A role for one creator; null means all of them. */
export interface HeldRole {
  readonly creatorId: string | null
  readonly role: Role
}

export interface KeyPrincipal {
  readonly kind: 'key'
  readonly keyId: string
  readonly name: string
  /** The key's creator; null if it is for all. */
  readonly creatorId: string | null
  readonly scopes: readonly Scope[]
}

/** How someone authenticated; what a browser sends automatically needs a check of the page's origin. */
export type Credential =
  | { readonly kind: 'local' }
  | { readonly kind: 'api-key' }
  | { readonly kind: 'sign-in' }

export interface Authentication {
  readonly principal: Principal
  readonly credential: Credential
  /** When it expires, in epoch ms. */
  readonly expiresAt: number
}

export const owner: OwnerPrincipal = { kind: 'owner' }

/** Whether two principals of one credential may do the same; roles come in a fixed order from the database. */
export function sameRights(one: Principal, other: Principal): boolean {
  const rights = (of: Principal) =>
    of.kind === 'user' ? of.roles : of.kind === 'key' ? [of.creatorId, ...of.scopes] : []
  return JSON.stringify(rights(one)) === JSON.stringify(rights(other))
}
