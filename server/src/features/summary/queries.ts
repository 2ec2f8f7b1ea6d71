import type { TenantRead } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { type GiftKind, type SinceEnd, SUMMARY_GIFTS } from '@creatorflow/shared/features/summary'
import { historyRows, readHistoryMarks } from '../../eventlog/history.ts'

/** The LIVE before another one; null for the first. */
export async function selectPrevious(
  read: TenantRead,
  { creatorId }: Tenant,
  live: { readonly session_id: string; readonly started_at: number },
): Promise<string | null> {
  const [row] = await read.query<{ session_id: string }>(sql`
    select session_id from lives
    where creator_id = ${creatorId}
      and (started_at, session_id) < (${iso(live.started_at)}::timestamptz, ${live.session_id}::text)
    order by started_at desc, session_id desc limit 1`)
  return row?.session_id ?? null
}

/** Events after the end of a LIVE that count for it. */
export async function sumSince(
  read: TenantRead,
  { creatorId }: Tenant,
  sessionId: string,
  end: number,
): Promise<SinceEnd> {
  const [row] = await read.query<SinceEnd>(sql`
    select coalesce(sum(money) filter (where type = 'payment_completed'), 0)::bigint as gmv,
      coalesce(sum(main_order) filter (where type = 'payment_completed'), 0)::bigint as main_orders,
      coalesce(sum(money) filter (where type = 'order_refunded'), 0)::bigint as refunds
    from events
    where creator_id = ${creatorId} and session_id = ${sessionId} and ts > ${iso(end)}::timestamptz`)
  return row ?? { gmv: 0, main_orders: 0, refunds: 0 }
}

/** A LIVE's likes at their first report: in its total, and in no minute. */
export async function sumOpeningLikes(
  read: TenantRead,
  tenant: Tenant,
  sessionId: string,
): Promise<number> {
  const everything = { level: '1d', since: Date.UTC(2015), before: Date.UTC(2100) } as const
  const marks = await readHistoryMarks(read, tenant)
  const [row] = await read.query<{ likes: number }>(sql`
    select coalesce(sum(opening), 0)::bigint as likes
    from (${historyRows(tenant, [everything], marks, ['like'])}) h where session_id = ${sessionId}`)
  return row?.likes ?? 0
}

/** A LIVE's gifts by kind, most diamonds first. */
export function selectGifts(
  read: TenantRead,
  { creatorId }: Tenant,
  sessionId: string,
): Promise<GiftKind[]> {
  return read.query<GiftKind>(sql`
    select properties->>'gift_name' as name, sum(units)::bigint as gifts,
      sum(diamonds)::bigint as diamonds
    from events
    where creator_id = ${creatorId} and session_id = ${sessionId} and type = 'gift'
    group by 1 having sum(units) > 0
    order by sum(diamonds) desc, sum(units) desc, 1 limit ${SUMMARY_GIFTS}::int`)
}

export interface Convention {
  readonly time_zone: string
  readonly currency: string
}

/** How a creator's numbers are formatted. */
export async function selectConvention(
  read: TenantRead,
  { creatorId }: Tenant,
): Promise<Convention | undefined> {
  const [row] = await read.query<Convention>(
    sql`select time_zone, currency from creators where id = ${creatorId}`,
  )
  return row
}

const iso = (ms: number): string => new Date(ms).toISOString()
