import type { AuditEntry } from '@creatorflow/shared/features/audit'
import type { Principal } from './principal.ts'

/** Who changed something, by their name at the time. */
export interface Actor {
  readonly kind: AuditEntry['actor']['kind']
  readonly id: string | null
  readonly name: string
  readonly address: string | null
}

/** The actor of a request. */
export function actorOf(principal: Principal, address: string | undefined): Actor {
  const from = { address: address ?? null }
  switch (principal.kind) {
    case 'owner':
      return { kind: 'owner', id: null, name: 'local owner', ...from }
    case 'user':
      return { kind: 'user', id: principal.userId, name: principal.name, ...from }
    case 'key':
      return { kind: 'key', id: principal.keyId, name: principal.name, ...from }
  }
}

/** The same for someone who is just signing in. */
export function actorOfUser(
  user: { readonly id: string; readonly name: string },
  address: string | undefined,
): Actor {
  return { kind: 'user', id: user.id, name: user.name, address: address ?? null }
}

/** The server, acting on its start options. */
export const serverActor: Actor = { kind: 'server', id: null, name: 'server', address: null }
