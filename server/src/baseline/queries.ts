import type { TenantRead } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { baselineLimits } from '@creatorflow/shared/features/baseline'
import { readHistoryMarks } from '../eventlog/history.ts'
import { columnsSql } from '../query/compile.ts'
import type { MinuteRow } from './course.ts'

export interface ListedLive {
  readonly session_id: string
  readonly started_at: Date
  readonly ended_at: Date | null
  readonly last_at: Date
}

/** One LIVE and the database's clock; undefined if there is no such LIVE. */
export async function selectLive(
  read: TenantRead,
  { creatorId }: Tenant,
  sessionId: string,
): Promise<(ListedLive & { readonly now: Date }) | undefined> {
  const [row] = await read.query<ListedLive & { now: Date }>(sql`
    select session_id, started_at, ended_at, last_at, clock_timestamp() as now from lives
    where creator_id = ${creatorId} and session_id = ${sessionId}`)
  return row
}

/** The LIVEs that started before one, newest first; `count` says how many of them started in its last days. */
export function selectEarlierLives(
  read: TenantRead,
  { creatorId }: Tenant,
  { session_id, started_at }: ListedLive,
): Promise<(ListedLive & { readonly usual: boolean; readonly count: number })[]> {
  const start = started_at.toISOString()
  const since = new Date(started_at.getTime() - baselineLimits.days * DAY_MS).toISOString()
  return read.query(sql`
    select session_id, started_at, ended_at, last_at, started_at >= ${since}::timestamptz as usual,
      (count(*) filter (where started_at >= ${since}::timestamptz) over ())::int as count
    from lives
    where creator_id = ${creatorId} and (started_at, session_id) < (${start}::timestamptz, ${session_id}::text)
      -- The previous one counts however old it is; without it nothing older than the days is read.
      and started_at >= least(${since}::timestamptz, (
        select max(started_at) from lives
        where creator_id = ${creatorId} and (started_at, session_id) < (${start}::timestamptz, ${session_id}::text)))
    order by started_at desc, session_id desc limit ${baselineLimits.lives}::int`)
}
const DAY_MS = 86_400_000

/** The log's position. */
export async function selectHead(
  read: TenantRead,
  { creatorId }: Tenant,
): Promise<{ readonly generation: number; readonly seq: number }> {
  const [row] = await read.query<{ generation: number; seq: number }>(sql`
    select generation, seq from counters where creator_id = ${creatorId}`)
  if (!row) throw new Error(`${creatorId} has no counter`)
  return row
}

/** The LIVEs that got events between two numbers, each with its greatest number. */
export async function selectTouched(
  read: TenantRead,
  { creatorId }: Tenant,
  after: number,
  until: number,
): Promise<Map<string, number>> {
  const rows = await read.query<{ session_id: string; seq: number }>(sql`
    select session_id, max(seq) as seq from events
    where creator_id = ${creatorId} and seq > ${after}::bigint and seq <= ${until}::bigint
      and session_id is not null
    group by session_id`)
  return new Map(rows.map(({ session_id, seq }) => [session_id, seq]))
}

/** What the events of each type added in each minute of a LIVE; `since` and `before` are epoch ms of whole minutes. */
export async function selectMinutes(
  read: TenantRead,
  tenant: Tenant,
  sessionId: string,
  since: number,
  before: number,
): Promise<MinuteRow[]> {
  const ofLive = { dimension: 'session', op: 'in', values: [sessionId] } as const
  const rows = await read.query<Omit<MinuteRow, 'minute'> & { bucket: Date }>(
    columnsSql(
      tenant,
      [{ ...ofLive, values: [...ofLive.values] }],
      { since, before },
      await readHistoryMarks(read, tenant),
    ),
  )
  return rows.map(({ bucket, ...row }) => ({ ...row, minute: bucket.getTime() }))
}

/** LIVEs that were on air in a range. */
export function selectLivesDuring(
  read: TenantRead,
  { creatorId }: Tenant,
  since: number,
  before: number,
): Promise<ListedLive[]> {
  return read.query<ListedLive>(sql`
    select session_id, started_at, ended_at, last_at from lives
    where creator_id = ${creatorId} and started_at < ${new Date(before).toISOString()}::timestamptz
      and greatest(coalesce(ended_at, last_at), last_at) >= ${new Date(since).toISOString()}::timestamptz
    order by started_at, session_id`)
}
