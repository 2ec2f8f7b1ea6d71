import type { Queryable } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { AuditAction } from '@creatorflow/shared/features/audit'
import type { Actor } from '../../core/rights/actor.ts'

export interface Change {
  readonly action: AuditAction
  readonly creatorId?: string | null
  /** The subject: an id, or an e-mail address. */
  readonly target?: string
  /** Details for later; never a secret. */
  readonly details?: Readonly<Record<string, unknown>>
}

/** Records a change, in its transaction: neither exists without the other. */
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
