import type { Queryable } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { AppError } from '../../core/errors.ts'
import { hashSecret, mintSecret } from '../../core/rights/api-key-form.ts'
import { manages } from './manages.ts'

/** How long a link to become owner or to set a new password works. */
const linkHours = 1

export type LinkPurpose = 'welcome' | 'reset'

/** Where pages read a token: after `#`, which browsers never send. */
const pages = { welcome: '/welcome', reset: '/reset', invitation: '/invitation' } as const

/** The address that a person opens. */
export function linkUrl(base: string, page: keyof typeof pages, token: string): string {
  return `${base}${pages[page]}#token=${token}`
}

export interface NewLink {
  readonly userId?: string
  /** The owner who made it; without one it is the server's own, or the local owner's. */
  readonly madeBy?: string | null
  /** Whether only the user's mailbox gets it. */
  readonly mailed?: boolean
}

/** Creates a link that works once. */
export async function mintLink(
  database: Queryable,
  purpose: LinkPurpose,
  { userId, madeBy = null, mailed = false }: NewLink = {},
): Promise<{ token: string; expiresAt: Date }> {
  const token = mintSecret()
  await database.query(sql`delete from links where expires_at <= now()`)
  const [row] = await database.query<{ expires_at: Date }>(sql`
    insert into links (token_hash, purpose, user_id, made_by, mailed, expires_at)
    values (decode(${hashSecret(token)}, 'hex'), ${purpose}, ${userId ?? null}::uuid,
      ${madeBy}::uuid, ${mailed}, now() + make_interval(hours => ${linkHours}::int))
    returning expires_at`)
  if (!row) throw new Error('the database returned no link')
  return { token, expiresAt: row.expires_at }
}

/**
 * Uses up a link; null if it is unknown, expired or used, or if its maker no longer owns the installation. In
 * a transaction, so a failure gives it back.
 */
export async function takeLink(
  database: Queryable,
  purpose: LinkPurpose,
  token: string,
): Promise<{ userId: string | null; mailed: boolean } | null> {
  const [row] = await database.query<{ user_id: string | null; mailed: boolean }>(sql`
    delete from links where token_hash = decode(${hashSecret(token)}, 'hex')
      and purpose = ${purpose} and expires_at > now()
      and (made_by is null or ${manages(sql`made_by`, sql`null`)})
    returning user_id::text as user_id, mailed`)
  return row ? { userId: row.user_id, mailed: row.mailed } : null
}

/** Ends every link that would make an owner. */
export async function dropWelcomeLinks(database: Queryable): Promise<void> {
  await database.query(sql`delete from links where purpose = 'welcome'`)
}

/** Thrown for a link that can no longer be used. */
export const deadLink = (): AppError =>
  new AppError('not_found', 'This link has been used or has expired. Request a new one.')
