import { levels } from '@creatorflow/db/aggregates'
import type { TenantRead } from '@creatorflow/db/database'
import { raw, sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'

export interface LiveTotals {
  readonly session_id: string
  readonly gmv: number
  readonly main_orders: number
  readonly peak_viewers: number | null
}

const DAY_MS = 86_400_000
const coarsest = raw(levels.at(-1)?.history ?? '')

/** What came of LIVEs that started at `since` or later, epoch ms; one without sales and viewers is missing. */
export function selectTotals(
  read: TenantRead,
  { creatorId }: Tenant,
  sessions: readonly string[],
  since: number,
): Promise<LiveTotals[]> {
  // A day before the first start: an order may name its LIVE before it begins.
  const from = new Date(Math.floor(since / DAY_MS - 1) * DAY_MS).toISOString()
  return read.query<LiveTotals>(sql`
    select session_id,
      coalesce(sum(money) filter (where type = 'payment_completed'), 0)::bigint as gmv,
      coalesce(sum(main_order) filter (where type = 'payment_completed'), 0)::bigint as main_orders,
      max(level) filter (where type = 'viewer_count') as peak_viewers
    from ${coarsest}(${creatorId}, ${from}::timestamptz, '2100-01-01'::timestamptz)
    where type in ('payment_completed', 'viewer_count') and session_id = any(${sessions}::text[])
    group by session_id`)
}

/** The titles of LIVEs, of those that have one: from their start, or from what was kept of it. */
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
