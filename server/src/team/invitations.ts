import type { Queryable } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Role } from '@creatorflow/shared/endpoint'
import type { Invitation } from '@creatorflow/shared/features/team'
import { hashSecret, mintSecret } from '../access/api-key-form.ts'
import { ofCreators } from '../access/of-creators.ts'

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

/** Makes an invitation; its token is in the answer and, hashed, in the database. */
export async function insertInvitation(
  database: Queryable,
  {
    email,
    creatorId,
    role,
    invitedBy,
  }: {
    email: string
    creatorId: string | null
    role: Role
    invitedBy: string
  },
): Promise<{ invitation: Invitation; token: string }> {
  const token = mintSecret()
  await database.query(sql`
    delete from invitations where expires_at <= now()
      or (email = ${email} and creator_id is not distinct from ${creatorId})`)
  const [row] = await database.query<InvitationRow>(sql`
    insert into invitations (token_hash, email, creator_id, role, invited_by, expires_at)
    values (decode(${hashSecret(token)}, 'hex'), ${email}, ${creatorId}, ${role}, ${invitedBy},
      now() + make_interval(days => ${validDays}::int))
    returning ${columns}`)
  if (!row) throw new Error('the database returned no invitation')
  return { invitation: toInvitation(row), token }
}

export async function listInvitations(
  database: Queryable,
  creators: 'all' | readonly string[],
): Promise<Invitation[]> {
  const rows = await database.query<InvitationRow>(sql`
    select ${columns} from invitations where expires_at > now() and ${ofCreators(creators)}
    order by created_at desc, id limit ${maxListed}::int`)
  return rows.map(toInvitation)
}

/** The open invitation that a token is for. */
export async function findInvitation(
  database: Queryable,
  token: string,
): Promise<Invitation | null> {
  const [row] = await database.query<InvitationRow>(sql`
    select ${columns} from invitations
    where token_hash = decode(${hashSecret(token)}, 'hex') and expires_at > now()`)
  return row ? toInvitation(row) : null
}

/** Uses an invitation up, or takes it back; null when it is not there (any more). */
export async function takeInvitation(
  database: Queryable,
  which:
    | { readonly token: string }
    | { readonly id: string; readonly of: 'all' | readonly string[] },
): Promise<Invitation | null> {
  const wanted =
    'token' in which
      ? sql`token_hash = decode(${hashSecret(which.token)}, 'hex') and expires_at > now()`
      : sql`id = ${which.id}::uuid and ${ofCreators(which.of)}`
  const [row] = await database.query<InvitationRow>(
    sql`delete from invitations where ${wanted} returning ${columns}`,
  )
  return row ? toInvitation(row) : null
}

/** Uses up every open invitation of an address that its identity provider has verified. */
export async function takeInvitationsOf(database: Queryable, email: string): Promise<Invitation[]> {
  const rows = await database.query<InvitationRow>(
    sql`delete from invitations where email = ${email} and expires_at > now() returning ${columns}`,
  )
  return rows.map(toInvitation)
}

function toInvitation({ created_at, expires_at, ...row }: InvitationRow): Invitation {
  return { ...row, created_at: created_at.toISOString(), expires_at: expires_at.toISOString() }
}
