import type { Queryable } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'

export interface Reader {
  readonly id: string
  readonly name: string
  readonly email: string
}

/** Any role lets a person read. */
const mayRead = (creatorId: string) => sql`exists (
  select 1 from roles r where r.user_id = u.id and (r.creator_id is null or r.creator_id = ${creatorId}))`

/** The person with this address, if they may read the creator. */
export async function findReader(
  database: Queryable,
  { creatorId }: Tenant,
  email: string,
): Promise<Reader | undefined> {
  const [row] = await database.query<Reader>(sql`
    select u.id, u.name, u.email from users u where u.email = ${email.toLowerCase()} and ${mayRead(creatorId)}`)
  return row
}

/** A person who still may read the creator: whose access ended gets nothing more. */
export async function readerOf(
  database: Queryable,
  { creatorId }: Tenant,
  userId: string,
): Promise<Reader | undefined> {
  const [row] = await database.query<Reader>(sql`
    select u.id, u.name, u.email from users u where u.id = ${userId}::uuid and ${mayRead(creatorId)}`)
  return row
}
