import type { Queryable, Transaction } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Role } from '@creatorflow/shared/endpoint'
import type { Member } from '@creatorflow/shared/features/team'
import { AppError } from '../../core/errors.ts'
import { keyWorks } from '../access/api-keys.ts'
import { hasOwner } from '../access/users.ts'
import { ofCreators } from '../creators/of-creators.ts'

const maxListed = 1_000

interface MemberRow {
  readonly id: string
  readonly email: string
  readonly name: string
  readonly totp: boolean
  readonly email_verified: boolean
  readonly api_keys: number
  readonly created_at: Date
  readonly seen_at: Date | null
  readonly roles: readonly { creator_id: string | null; role: Role }[]
}

/**
 * Everyone who may see or use these creators, by name; with their roles for these creators and for all. Among
 * all creators, also users without a role.
 */
export async function listMembers(
  database: Queryable,
  creators: 'all' | readonly string[],
): Promise<Member[]> {
  const shown =
    creators === 'all'
      ? sql`true`
      : sql`(r.creator_id is null or r.creator_id = any(${creators}::text[]))`
  const rows = await database.query<MemberRow>(sql`
    select u.id::text as id, email, name, totp_confirmed_at is not null as totp, u.created_at,
      email_verified_at is not null as email_verified,
      (select count(*)::int from api_keys k
        where k.created_by_id = u.id and ${keyWorks} and ${ofCreators(creators)}) as api_keys,
      (select max(seen_at) from sign_ins s where s.user_id = u.id and s.expires_at > now()) as seen_at,
      coalesce(jsonb_agg(jsonb_build_object('creator_id', r.creator_id, 'role', r.role)
        order by r.creator_id nulls first) filter (where r.user_id is not null), '[]') as roles
    from users u left join roles r on r.user_id = u.id and ${shown}
    group by u.id having ${creators === 'all'} or count(r.user_id) > 0
    order by name, email limit ${maxListed}::int`)
  return rows.map(({ created_at, seen_at, ...row }) => ({
    ...row,
    roles: [...row.roles],
    created_at: created_at.toISOString(),
    seen_at: seen_at?.toISOString() ?? null,
  }))
}

/** After roles changed: nobody could manage an installation without an owner. */
export async function refuseOwnerless(transaction: Transaction): Promise<void> {
  if (!(await hasOwner(transaction))) {
    throw new AppError('conflict', 'This is the last owner. Make someone else an owner first.')
  }
}
