import type { Queryable } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { AuditAction, AuditEntry } from '@creatorflow/shared/features/audit'
import type { Principal } from '../../core/rights/principal.ts'

/** Who changed something, as they were called then. */
export interface Actor {
  readonly kind: AuditEntry['actor']['kind']
  readonly id: string | null
  readonly name: string
  readonly address: string | null
}

export interface Change {
  readonly action: AuditAction
  readonly creatorId?: string | null
  /** What was changed: an id, or an e-mail address. */
  readonly target?: string
  /** What one wants to know later; never a secret. */
  readonly details?: Readonly<Record<string, unknown>>
}

/** The actor of a request. */
export function actorOf(principal: Principal, address: string | undefined): Actor {
  const from = { address: address ?? null }
  switch (principal.kind) {
    case 'owner':
      return { kind: 'owner', id: null, name: 'owner at the machine', ...from }
    case 'user':
      return { kind: 'user', id: principal.userId, name: principal.name, ...from }
    case 'key':
      return { kind: 'key', id: principal.keyId, name: principal.name, ...from }
  }
}

/** The same for somebody who is only just coming in. */
export function actorOfUser(
  user: { readonly id: string; readonly name: string },
  address: string | undefined,
): Actor {
  return { kind: 'user', id: user.id, name: user.name, address: address ?? null }
}

/** What the server does because it was started so. */
export const serverActor: Actor = { kind: 'server', id: null, name: 'server', address: null }

/** Notes a change, in the transaction that makes it: neither is there without the other. */
export async function recordChange(
  transaction: Queryable,
  actor: Actor,
  { action, creatorId = null, target, details = {} }: Change,
): Promise<void> {
  await transaction.query(sql`
    insert into audit_log (actor_kind, actor_id, actor_name, address, creator_id, action, target, details)
    values (${actor.kind}, ${actor.id}, ${actor.name}, ${actor.address}, ${creatorId}, ${action},
      ${target ?? null}, ${JSON.stringify(details)}::jsonb)`)
}
