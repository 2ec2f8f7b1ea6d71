import type { Queryable } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { hashSecret, mintSecret } from './api-key-form.ts'

/** How long a link to become owner or to set a new password works. */
const linkHours = 1

export type LinkPurpose = 'welcome' | 'reset'

/** Where the pages read a token: after `#`, which browsers send to nobody. */
const pages = { welcome: '/welcome', reset: '/reset', invitation: '/invitation' } as const

/** The address that a person opens. */
export function linkUrl(base: string, page: keyof typeof pages, token: string): string {
  return `${base}${pages[page]}#token=${token}`
}

/** Makes a link that works once. */
export async function mintLink(
  database: Queryable,
  purpose: LinkPurpose,
  userId: string | null,
): Promise<{ token: string; expiresAt: Date }> {
  const token = mintSecret()
  await database.query(sql`delete from links where expires_at <= now()`)
  const [row] = await database.query<{ expires_at: Date }>(sql`
    insert into links (token_hash, purpose, user_id, expires_at)
    values (decode(${hashSecret(token)}, 'hex'), ${purpose}, ${userId}::uuid,
      now() + make_interval(hours => ${linkHours}::int))
    returning expires_at`)
  if (!row) throw new Error('the database returned no link')
  return { token, expiresAt: row.expires_at }
}

/** Uses a link up; null when it is unknown, expired or used. In a transaction, so that a failure gives it back. */
export async function takeLink(
  database: Queryable,
  purpose: LinkPurpose,
  token: string,
): Promise<{ userId: string | null } | null> {
  const [row] = await database.query<{ user_id: string | null }>(sql`
    delete from links where token_hash = decode(${hashSecret(token)}, 'hex')
      and purpose = ${purpose} and expires_at > now()
    returning user_id::text as user_id`)
  return row ? { userId: row.user_id } : null
}

/** Ends every link that would make an owner. */
export async function dropWelcomeLinks(database: Queryable): Promise<void> {
  await database.query(sql`delete from links where purpose = 'welcome'`)
}
