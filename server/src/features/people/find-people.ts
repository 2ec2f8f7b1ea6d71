import type { TenantRead } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'

const MOST_PEOPLE = 20

interface PersonRow {
  readonly user_id: string
  readonly handle: string | null
  readonly name: string | null
  readonly seen_at: Date
}

/** People whose handle or name holds these words, those that begin with them first; and whoever has them as an id. */
export function selectPeople(
  read: TenantRead,
  { creatorId }: Tenant,
  words: string,
): Promise<PersonRow[]> {
  const wanted = words.replace(/^[@＠]/u, '').toLowerCase()
  const begins = `${wanted.replace(/[\\%_]/g, '\\$&')}%`
  return read.query<PersonRow>(sql`
    select user_id, handle, name, seen_at from people
    where creator_id = ${creatorId}
      and (user_id = ${words} or lower(handle) like ${`%${begins}`} or lower(name) like ${`%${begins}`})
    order by user_id = ${words} desc, coalesce(lower(handle) = ${wanted}, false) desc,
      (lower(coalesce(handle, '')) like ${begins} or lower(coalesce(name, '')) like ${begins}) desc,
      seen_at desc, user_id
    limit ${MOST_PEOPLE}::int`)
}
