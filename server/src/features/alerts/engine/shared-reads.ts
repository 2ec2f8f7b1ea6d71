import { createHash } from 'node:crypto'
import type { Database, Queryable } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { EarlierLive, KnownGoal } from '@creatorflow/shared/alerts/usual'
import type { SourceSeen } from '@creatorflow/shared/alerts/view'
import type { Totals } from '@creatorflow/shared/live-state'
import { type BaseMetric, baseMetricIds, metrics } from '@creatorflow/shared/metrics'
import { sourceStates } from '@creatorflow/shared/sources'
import type { Baselines } from '../../../baseline/baselines.ts'
import { AppError } from '../../../core/errors.ts'
import { serverTenant } from '../../../core/rights/authorize.ts'
import { readSourcesOf } from '../../../sources/runtime/store.ts'
import type { KnownGoals, Reads, Sources } from './known.ts'

/** The status of the sources of several creators; one that is off is nobody's problem. */
export async function readSourcesSeen(
  database: Queryable,
  creatorIds: readonly string[],
): Promise<Map<string, Sources>> {
  const rows = await readSourcesOf(database, creatorIds.map(serverTenant))
  const seen = new Map<string, SourceSeen[]>(creatorIds.map((id) => [id, []]))
  for (const { creator_id, id, name, state, held, enabled } of rows) {
    if (!enabled) continue
    // Nobody reports on it, so what it last said is old.
    const down = !held || !sourceStates[state].good
    seen.get(creator_id)?.push({ id, name, state: held ? state : 'retrying', down })
  }
  return seen
}

/** The goals of several creators. */
export async function readGoals(
  database: Queryable,
  creatorIds: readonly string[],
): Promise<Map<string, KnownGoals>> {
  const rows = await database.query<KnownGoal & { creator_id: string; session_id: string }>(sql`
    select creator_id, coalesce(session_id, '') as session_id, id, metric, target, planned_minutes
    from goals where creator_id = any(${creatorIds}::text[])`)
  const goals = new Map<string, Map<string, KnownGoal>>(creatorIds.map((id) => [id, new Map()]))
  for (const { creator_id, session_id, ...goal } of rows)
    goals.get(creator_id)?.set(session_id, goal)
  return goals
}

export function readsOf(database: Database, baselines: Baselines, tenant: Tenant): Reads {
  const { creatorId } = tenant
  return {
    async earlier(sessionId) {
      try {
        const lives = await baselines.earlier(tenant, sessionId)
        return lives.map(({ live, course, listed }): EarlierLive => {
          const { length, minutes, totals } = course
          return { ended: live.ended_at !== null, usual: listed.usual, length, minutes, totals }
        })
      } catch (error) {
        if (error instanceof AppError && error.code === 'not_found') return []
        throw error
      }
    },
    async topGifter(sessionId) {
      const [row] = await database.query<{ user_id: string; diamonds: number }>(sql`
        select user_id, sum(diamonds)::bigint as diamonds from events
        where creator_id = ${creatorId} and session_id = ${sessionId} and type = 'gift'
          and user_id is not null
        group by user_id having sum(diamonds) > 0
        order by diamonds desc, user_id limit 1`)
      if (!row) return null
      // Tells one gifter from another, for as long as the LIVE's states are kept.
      const named = JSON.stringify([creatorId, sessionId, row.user_id])
      const mark = createHash('sha256').update(named).digest('base64url').slice(0, 12)
      return { mark, diamonds: row.diamonds }
    },
    async traffic(sessionId) {
      const rows = await database.query<{ source: string; type: string } & Record<string, number>>(
        sql`
        select coalesce(traffic_source, '') as source, type, count(*)::int as rows,
          count(*) filter (where excluded = 0)::int as counted_rows, sum(units)::bigint as units,
          sum(opening)::bigint as opening, sum(money)::bigint as money, sum(diamonds)::bigint as diamonds,
          sum(main_order)::bigint as main_order, sum(sku_order)::bigint as sku_order,
          sum(live_first)::bigint as live_first, sum(day_first)::bigint as day_first,
          sum(ever_first)::bigint as ever_first
        from events
        where creator_id = ${creatorId} and session_id = ${sessionId}
        group by 1, 2`,
      )
      const bySource = new Map<string, Totals>()
      for (const row of rows) {
        const totals = bySource.get(row.source) ?? {}
        bySource.set(row.source, totals)
        for (const id of baseMetricIds) {
          const { from, merge } = metrics[id] as BaseMetric
          const columns = (from as Record<string, readonly string[] | { live: string }>)[row.type]
          if (!columns || merge !== 'sum') continue
          const names = Array.isArray(columns) ? columns : [(columns as { live: string }).live]
          for (const name of names) totals[id] = (totals[id] ?? 0) + Number(row[name])
        }
      }
      bySource.delete('')
      return bySource
    },
  }
}
