import type { Tenant } from '@creatorflow/db/tenant'
import { type Action, actions, type Role } from '@creatorflow/shared/endpoint'
import { AppError } from '../errors.ts'
import type { Principal } from './principal.ts'

const roleActions: Readonly<Record<Role, readonly Action[]>> = {
  viewer: ['read'],
  operator: ['read', 'ingest:write', 'operate'],
  owner: actions,
}

/** Allows a principal one action on one creator, or throws. */
export function authorize(principal: Principal | null, action: Action, creatorId: string): Tenant {
  if (!principal) throw new AppError('unauthorized', 'Sign in first, or send an API key.')
  if (!mayDo(principal, action, creatorId)) {
    const who = principal.kind === 'key' ? 'This key' : 'You'
    throw new AppError(
      'forbidden',
      `${who} can’t do that for this creator: it needs the permission ${action}.`,
    )
  }
  return tenant(creatorId)
}

/** The same as a question; null asks about all creators, including future ones. */
export function mayDo(principal: Principal, action: Action, creatorId: string | null): boolean {
  const covers = (held: { readonly creatorId: string | null }) =>
    held.creatorId === null || held.creatorId === creatorId
  switch (principal.kind) {
    case 'owner':
      return true
    case 'user':
      return principal.roles.some((held) => covers(held) && roleActions[held.role].includes(action))
    case 'key': {
      // Scopes are actions; none of them includes managing.
      const scopes: readonly Action[] = principal.scopes
      return scopes.includes(action) && covers(principal)
    }
  }
}

/** Allows a principal to manage a creator, or with null all creators, or throws. */
export function requireManage(principal: Principal, creatorId: string | null): void {
  if (mayDo(principal, 'manage', creatorId)) return
  const what = creatorId === null ? 'all creators' : `the creator "${creatorId}"`
  throw new AppError('forbidden', `Only an owner of ${what} can do that.`)
}

/** Owner of the installation: of every creator, the team and all keys. */
export function isOwner(principal: Principal): boolean {
  return mayDo(principal, 'manage', null)
}

/** The creators that a principal may act on. */
export function allowedCreators(principal: Principal, action: Action): 'all' | readonly string[] {
  if (mayDo(principal, action, null)) return 'all'
  const held =
    principal.kind === 'user' ? principal.roles : principal.kind === 'key' ? [principal] : []
  return held.flatMap(({ creatorId }) =>
    creatorId !== null && mayDo(principal, action, creatorId) ? [creatorId] : [],
  )
}

/** For what the server does on nobody's behalf: jobs, followers, imports at the start. */
export function serverTenant(creatorId: string): Tenant {
  return tenant(creatorId)
}

/** The only place where the brand is applied: behind `authorize` and `serverTenant`. */
function tenant(creatorId: string): Tenant {
  return { creatorId } as Tenant
}
