import type { Tenant } from '@creatorflow/db/tenant'
import type { Action } from '@creatorflow/shared/endpoint'
import { AppError } from '../errors.ts'
import type { Principal } from './principal.ts'

/** Lets a principal do one thing to one creator, or throws. */
export function authorize(principal: Principal | null, action: Action, creatorId: string): Tenant {
  if (!principal) throw new AppError('unauthorized', 'Sign in first, or send an API key.')
  if (!mayDo(principal, action, creatorId)) {
    throw new AppError('forbidden', `This key may not do that (${action}) for this creator.`)
  }
  return tenant(creatorId)
}

/** The same as a question, for callers that reject one event instead of a request. */
export function mayDo(principal: Principal, action: Action, creatorId: string): boolean {
  if (principal.kind === 'owner') return true
  // Managing a creator is for the owner alone: no scope of a key stands for it.
  if (action === 'manage' || !principal.scopes.includes(action)) return false
  return principal.creatorId === null || principal.creatorId === creatorId
}

/** For what the server does by itself, on nobody's behalf: jobs, followers, imports at the start. */
export function serverTenant(creatorId: string): Tenant {
  return tenant(creatorId)
}

/** The one place where the brand is put on: behind `authorize` and `serverTenant`. */
function tenant(creatorId: string): Tenant {
  return { creatorId } as Tenant
}
