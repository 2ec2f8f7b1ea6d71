import type { Queryable, Transaction } from '@creatorflow/db/database'
import { raw, sql } from '@creatorflow/db/sql'
import type { HeldRole } from '../../core/rights/principal.ts'

export interface User {
  readonly id: string
  readonly email: string
  readonly name: string
  readonly passwordHash: string | null
  /** Whether a second factor is required. */
  readonly totp: boolean
  /** Whether the person proved that the address is theirs. */
  readonly verified: boolean
}

interface UserRow {
  readonly id: string
  readonly email: string
  readonly name: string
  readonly password_hash: string | null
  readonly totp: boolean
  readonly verified: boolean
}

const columns = sql`id::text as id, email, name, password_hash, totp_confirmed_at is not null as totp,
  email_verified_at is not null as verified`

export async function findUserByEmail(database: Queryable, email: string): Promise<User | null> {
  const [row] = await database.query<UserRow>(
    sql`select ${columns} from users where email = ${email}`,
  )
  return row ? toUser(row) : null
}

export async function findUser(database: Queryable, id: string): Promise<User | null> {
  const [row] = await database.query<UserRow>(
    sql`select ${columns} from users where id = ${id}::uuid`,
  )
  return row ? toUser(row) : null
}

/** The same, locked against changes. */
export async function lockUser(transaction: Transaction, id: string): Promise<User | null> {
  const [row] = await transaction.query<UserRow>(
    sql`select ${columns} from users where id = ${id}::uuid for no key update`,
  )
  return row ? toUser(row) : null
}

/** Adds a user; null if the address is taken. */
export async function insertUser(
  database: Queryable,
  user: { email: string; name: string; passwordHash: string | null },
): Promise<User | null> {
  const [row] = await database.query<UserRow>(sql`
    insert into users (email, name, password_hash)
    values (${user.email}, ${user.name}, ${user.passwordHash})
    on conflict (email) do nothing returning ${columns}`)
  return row ? toUser(row) : null
}

/** Records that a person proved that a user's address is theirs. */
export async function markVerified(transaction: Queryable, userId: string): Promise<void> {
  await transaction.query(sql`
    update users set email_verified_at = coalesce(email_verified_at, now()) where id = ${userId}::uuid`)
}

/**
 * Hands an account to whoever proved that its address is theirs. Until then someone else may have used it:
 * its password, sign-ins, second factor, links and invitations end. False for one verified before.
 */
export async function claimAccount(transaction: Transaction, userId: string): Promise<boolean> {
  const claimed = await transaction.query(sql`
    update users set email_verified_at = now(), password_hash = null, totp_secret = null, totp_confirmed_at = null
    where id = ${userId}::uuid and email_verified_at is null returning 1 as one`)
  if (claimed.length === 0) return false
  for (const table of ['sign_ins', 'recovery_codes', 'links']) {
    await transaction.query(sql`delete from ${raw(table)} where user_id = ${userId}::uuid`)
  }
  await transaction.query(sql`delete from links where made_by = ${userId}::uuid`)
  await transaction.query(sql`delete from invitations where inviter_id = ${userId}::uuid`)
  return true
}

/** Sets a password and ends every sign-in of the user but the one to keep. */
export async function setPassword(
  transaction: Transaction,
  userId: string,
  passwordHash: string,
  keepSignIn: string | null = null,
): Promise<void> {
  await transaction.query(
    sql`update users set password_hash = ${passwordHash} where id = ${userId}::uuid`,
  )
  await transaction.query(sql`
    delete from sign_ins where user_id = ${userId}::uuid and id is distinct from ${keepSignIn}::uuid`)
  // An earlier mailed link must not set it again.
  await transaction.query(sql`delete from links where user_id = ${userId}::uuid`)
}

/** Gives a role for a creator, or for all with null, replacing the current one; null removes it. */
export async function setRole(
  database: Queryable,
  userId: string,
  creatorId: string | null,
  role: HeldRole['role'] | null,
): Promise<void> {
  if (role === null) {
    await database.query(sql`
      delete from roles where user_id = ${userId}::uuid and creator_id is not distinct from ${creatorId}`)
    return
  }
  await database.query(sql`
    insert into roles (user_id, creator_id, role) values (${userId}::uuid, ${creatorId}, ${role})
    on conflict (user_id, creator_id) do update set role = excluded.role`)
}

/** Whether the installation has an owner. */
export async function hasOwner(database: Queryable): Promise<boolean> {
  const rows = await database.query(
    sql`select 1 from roles where creator_id is null and role = 'owner' limit 1`,
  )
  return rows.length > 0
}

function toUser({ password_hash, ...row }: UserRow): User {
  return { ...row, passwordHash: password_hash }
}
