import type { Transaction } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { KeysOfMember } from '@creatorflow/shared/features/team'
import type { Actor } from '../../core/rights/actor.ts'
import type { Access } from '../access/access.ts'
import { keyWorks } from '../access/api-keys.ts'
import { manages } from '../access/manages.ts'
import { recordChange } from '../audit/record.ts'

/**
 * Ends what a user made and may no longer make: invitations, links that set a password and, unless kept, API
 * keys. Called after the roles changed, in the same transaction. Returns the ids of the revoked keys.
 */
export async function endGrants(
  transaction: Transaction,
  actor: Actor,
  userId: string,
  keys: KeysOfMember,
): Promise<readonly string[]> {
  const user = sql`${userId}::uuid`
  const invitations = await transaction.query<{ email: string; creator_id: string | null }>(sql`
    delete from invitations where inviter_id = ${user}
      and not ${manages(user, sql`invitations.creator_id`)} returning email, creator_id`)
  for (const { email, creator_id: creatorId } of invitations) {
    const details = { reason: 'inviter_lost_role' }
    await recordChange(transaction, actor, {
      action: 'invitation.revoked',
      creatorId,
      target: email,
      details,
    })
  }
  await transaction.query(sql`
    delete from links where made_by = ${user} and not ${manages(user, sql`null`)}`)
  if (keys === 'keep') return []
  const revoked = await transaction.query<{ id: string; name: string; creator_id: string | null }>(
    sql`update api_keys set revoked_at = now()
      where created_by_id = ${user} and ${keyWorks}
        and not ${manages(user, sql`api_keys.creator_id`)} returning id, name, creator_id`,
  )
  for (const { id, name, creator_id: creatorId } of revoked) {
    const details = { name, reason: 'maker_lost_role' }
    await recordChange(transaction, actor, {
      action: 'api_key.revoked',
      creatorId,
      target: id,
      details,
    })
  }
  return revoked.map(({ id }) => id)
}

/** Disconnects users of revoked keys; called after the commit. */
export async function announceRevoked(
  access: Pick<Access, 'announce'>,
  keys: readonly string[],
): Promise<void> {
  for (const id of keys) await access.announce({ kind: 'key', id, reason: 'revoked' })
}
