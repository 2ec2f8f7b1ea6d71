import type { TenantRead } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'

/** The titles of LIVEs that have one: from their start, or from what was kept of it. */
export function selectTitles(
  read: TenantRead,
  { creatorId }: Tenant,
  sessions: readonly string[],
): Promise<{ session_id: string; title: string | null }[]> {
  return read.query(sql`
    select l.session_id, coalesce(e.title, f.title) as title from lives l
    left join lateral (
      select properties->>'title' as title from events
      where creator_id = l.creator_id and ts = l.started_at and session_id = l.session_id
        and type = 'live_started'
      limit 1) e on true
    left join lateral (
      select state->>'title' as title from frozen_lives
      where creator_id = l.creator_id and session_id = l.session_id
        and until <= (select kept_since from retention)
      order by until desc limit 1) f on true
    where l.creator_id = ${creatorId} and l.session_id = any(${sessions}::text[])`)
}
