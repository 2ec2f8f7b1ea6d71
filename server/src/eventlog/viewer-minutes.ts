import type { TenantRead } from '@creatorflow/db/database'
import { type Sql, sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { MINUTE_MS } from '@creatorflow/shared/live-state'
import {
  VIEWERS_REPEAT_MINUTES,
  type ViewerReports,
  viewersByMinute,
} from '@creatorflow/shared/viewer-minutes'
import { type HistoryMarks, historyRows } from './history.ts'
import type { LiveTimes, Pauses } from './pauses.ts'

/** Viewers of one minute of a LIVE on air, in thousandths. */
export interface ViewerMinute {
  readonly session_id: string
  /** Grouping key of the reports. */
  readonly key: string | null
  /** Epoch ms. */
  readonly at: number
  readonly milli: number
}

/** The viewers of each minute on air in a range of epoch ms, from the reports that match `where`. */
export async function readViewerMinutes(
  read: TenantRead,
  tenant: Tenant,
  { since, before }: { readonly since: number; readonly before: number },
  marks: HistoryMarks,
  {
    key,
    where,
    pausesOfLives,
  }: {
    readonly key: Sql
    readonly where: Sql
    readonly pausesOfLives: (lives: readonly LiveTimes[]) => Promise<(sessionId: string) => Pauses>
  },
): Promise<ViewerMinute[]> {
  const first = Math.floor(since / MINUTE_MS) * MINUTE_MS
  const from = first - VIEWERS_REPEAT_MINUTES * MINUTE_MS
  const rows = await read.query<{
    session_id: string
    key: string | null
    bucket: Date
    reports: number
    sum: number
  }>(sql`
    select session_id, ${key} as key, bucket, sum(rows - excluded)::bigint as reports, sum(units)::bigint as sum
    from (${historyRows(tenant, [{ level: '1m', since: from, before }], marks, ['viewer_count'])}) h
    where session_id is not null ${where}
    group by 1, 2, 3`)
  const ids = [...new Set(rows.map(({ session_id }) => session_id))]
  if (ids.length === 0) return []
  const lives = await read.query<{
    session_id: string
    started_at: Date
    ended_at: Date | null
    last_at: Date
  }>(sql`
    select session_id, started_at, ended_at, last_at from lives
    where creator_id = ${tenant.creatorId} and session_id = any(${ids}::text[])`)
  const pausesOf = await pausesOfLives(lives)
  const groups = Map.groupBy(rows, ({ session_id, key }) => JSON.stringify([session_id, key]))
  const spans = new Map(lives.map((live) => [live.session_id, live]))
  return [...groups.values()].flatMap((group) => {
    const { session_id, key } = group[0] as (typeof rows)[number]
    const live = spans.get(session_id)
    if (!live) return []
    const onAir = {
      started_at: live.started_at.getTime(),
      ended_at: live.ended_at?.getTime() ?? null,
      last_at: live.last_at.getTime(),
      pauses: pausesOf(session_id).pauses,
    }
    const reported = new Map<number, ViewerReports>(
      group.map(({ bucket, reports, sum }) => [bucket.getTime() / MINUTE_MS, { reports, sum }]),
    )
    return [...viewersByMinute(onAir, reported)]
      .map(([minute, milli]) => ({ session_id, key, at: minute * MINUTE_MS, milli }))
      .filter(({ at }) => at >= first && at < before)
  })
}
