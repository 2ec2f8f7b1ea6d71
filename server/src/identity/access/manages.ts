import type { Queryable, Transaction } from '@creatorflow/db/database'
import { type Sql, sql } from '@creatorflow/db/sql'
import { AppError } from '../../core/errors.ts'
import { requireManage } from '../../core/rights/authorize.ts'
import type { Principal } from '../../core/rights/principal.ts'

/** Condition that a user manages a creator now, or with null all creators. Both are columns or values. */
export function manages(userId: Sql, creatorId: Sql): Sql {
  return sql`exists (select 1 from roles held where held.user_id = ${userId} and held.role = 'owner'
    and (held.creator_id is null or held.creator_id = ${creatorId}))`
}

/**
 * `requireManage` at the moment of a change: the role is locked until the transaction ends, so nobody who
 * lost it meanwhile can grant anything.
 */
export async function confirmManage(
  transaction: Transaction,
  principal: Principal,
  creatorId: string | null,
): Promise<void> {
  requireManage(principal, creatorId)
  if (principal.kind !== 'user') return
  const held = await transaction.query(sql`
    select 1 from roles where user_id = ${principal.userId}::uuid and role = 'owner'
      and (creator_id is null or creator_id = ${creatorId}) for share`)
  if (held.length === 0) throw new AppError('forbidden', 'Your role has changed.')
}

/** The recorded maker; null for the local owner. */
export function makerOf(principal: Principal): string | null {
  return principal.kind === 'user' ? principal.userId : null
}

/** Before roles change: one at a time, so two owners cannot each leave the other as the last. */
export async function lockRoles(transaction: Queryable): Promise<void> {
  await transaction.query(sql`select pg_advisory_xact_lock(hashtext('creatorflow roles'))`)
}
