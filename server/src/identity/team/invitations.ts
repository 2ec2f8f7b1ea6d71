import type { Queryable } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Role } from '@creatorflow/shared/endpoint'
import type { Invitation } from '@creatorflow/shared/features/team'
import { hashSecret, mintSecret } from '../../core/rights/api-key-form.ts'
import { manages } from '../access/manages.ts'
import { ofCreators } from '../creators/of-creators.ts'

const validDays = 7
const maxListed = 1_000

interface InvitationRow {
  readonly id: string
  readonly email: string
  readonly creator_id: string | null
  readonly role: Role
  readonly invited_by: string
  readonly created_at: Date
  readonly expires_at: Date
}

const columns = sql`id::text as id, email, creator_id, role, invited_by, created_at, expires_at`

/** Its maker may still make it: an invitation is worth no more than its maker. */
const holds = sql`expires_at > now()
  and (inviter_id is null or ${manages(sql`inviter_id`, sql`invitations.creator_id`)})`

/** The hash of either of its two tokens. */
const isOf = (token: string) =>
  sql`decode(${hashSecret(token)}, 'hex') in (token_hash, mailed_token_hash)`

export interface NewInvitation {
  readonly email: string
  readonly creatorId: string | null
  readonly role: Role
  readonly invitedBy: string
  /** Null for the local owner. */
  readonly inviterId: string | null
}

/**
 * Creates an invitation; its tokens are in the answer and, hashed, in the database: one to hand over, one to
 * mail.
 */
export async function insertInvitation(
  database: Queryable,
  { email, creatorId, role, invitedBy, inviterId }: NewInvitation,
): Promise<{ invitation: Invitation; token: string; mailedToken: string }> {
  const [token, mailedToken] = [mintSecret(), mintSecret()]
  await database.query(sql`
    delete from invitations where expires_at <= now()
      or (email = ${email} and creator_id is not distinct from ${creatorId})`)
  const [row] = await database.query<InvitationRow>(sql`
    insert into invitations
      (token_hash, mailed_token_hash, email, creator_id, role, invited_by, inviter_id, expires_at)
    values (decode(${hashSecret(token)}, 'hex'), decode(${hashSecret(mailedToken)}, 'hex'), ${email},
      ${creatorId}, ${role}, ${invitedBy}, ${inviterId}::uuid, now() + make_interval(days => ${validDays}::int))
    returning ${columns}`)
  if (!row) throw new Error('the database returned no invitation')
  return { invitation: toInvitation(row), token, mailedToken }
}

export async function listInvitations(
  database: Queryable,
  creators: 'all' | readonly string[],
): Promise<Invitation[]> {
  const rows = await database.query<InvitationRow>(sql`
    select ${columns} from invitations where ${holds} and ${ofCreators(creators)}
    order by created_at desc, id limit ${maxListed}::int`)
  return rows.map(toInvitation)
}

/** The open invitation that a token is for. */
export async function findInvitation(
  database: Queryable,
  token: string,
): Promise<Invitation | null> {
  const [row] = await database.query<InvitationRow>(sql`
    select ${columns} from invitations where ${isOf(token)} and ${holds}`)
  return row ? toInvitation(row) : null
}

/** Uses up an invitation; null if it no longer exists. `mailed` means that only the mailbox got the token. */
export async function takeInvitation(
  database: Queryable,
  token: string,
): Promise<{ mailed: boolean } | null> {
  const [row] = await database.query<{ mailed: boolean }>(sql`
    delete from invitations where ${isOf(token)} and ${holds}
    returning mailed_token_hash is not distinct from decode(${hashSecret(token)}, 'hex') as mailed`)
  return row ?? null
}

/** Withdraws an invitation for one of these creators; null if there is none. */
export async function revokeInvitation(
  database: Queryable,
  id: string,
  creators: 'all' | readonly string[],
): Promise<Invitation | null> {
  const [row] = await database.query<InvitationRow>(sql`
    delete from invitations where id = ${id}::uuid and ${ofCreators(creators)} returning ${columns}`)
  return row ? toInvitation(row) : null
}

/** Uses up every open invitation of an address that its identity provider has verified. */
export async function takeInvitationsOf(database: Queryable, email: string): Promise<Invitation[]> {
  const rows = await database.query<InvitationRow>(
    sql`delete from invitations where email = ${email} and ${holds} returning ${columns}`,
  )
  return rows.map(toInvitation)
}

function toInvitation({ created_at, expires_at, ...row }: InvitationRow): Invitation {
  return { ...row, created_at: created_at.toISOString(), expires_at: expires_at.toISOString() }
}
