import type { Queryable } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'

/** Keys and people that were let in to one creator. */
export interface Grants {
  readonly keys: readonly string[]
  readonly users: readonly string[]
}

export async function readGrants(database: Queryable, { creatorId }: Tenant): Promise<Grants> {
  const keys = await database.query<{ id: string }>(
    sql`select id from api_keys where creator_id = ${creatorId} and revoked_at is null`,
  )
  const users = await database.query<{ user_id: string }>(
    sql`select distinct user_id::text from roles where creator_id = ${creatorId}`,
  )
  return { keys: keys.map(({ id }) => id), users: users.map(({ user_id }) => user_id) }
}
