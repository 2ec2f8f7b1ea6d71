import type { TenantReads } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { calmer } from '@creatorflow/shared/alerts/calmer'
import type { Rule } from '@creatorflow/shared/alerts/rule'
import type { Reply } from '@creatorflow/shared/endpoint'
import type { getAlertNoise } from '@creatorflow/shared/features/alerts'
import { type BacktestDeps, tryRule, untriable } from './backtest.ts'

interface NoiseRow {
  readonly episodes: number
  readonly acknowledged: number
  readonly seconds_to_acknowledge: number | null
  readonly seconds_on: number | null
  readonly lives: number
}

function selectNoise(
  database: TenantReads,
  tenant: Tenant,
  ruleId: string,
  days: number,
): Promise<NoiseRow[]> {
  const { creatorId } = tenant
  return database.readAs(tenant, (read) =>
    read.query<NoiseRow>(sql`
    select count(*)::int as episodes, count(acknowledged_at)::int as acknowledged,
      percentile_cont(0.5) within group (order by extract(epoch from acknowledged_at - fired_at)::float8)
        as seconds_to_acknowledge,
      percentile_cont(0.5) within group (order by extract(epoch from ended_at - fired_at)::float8) as seconds_on,
      (select count(*)::int from lives
        where creator_id = ${creatorId} and started_at > clock_timestamp() - make_interval(days => ${days}::int)) as lives
    from alert_episodes
    where creator_id = ${creatorId} and rule_id = ${ruleId}::uuid
      and fired_at > clock_timestamp() - make_interval(days => ${days}::int)`),
  )
}

/** LIVEs that a suggestion is tried on. */
const TRIED_LIVES = 5

/** How noisy a rule was, and a calmer threshold with what it would have done. */
export async function noiseOf(
  deps: BacktestDeps,
  tenant: Tenant,
  rule: Rule,
  days: number,
): Promise<Reply<typeof getAlertNoise>> {
  const [row] = await selectNoise(deps.database, tenant, rule.id, days)
  if (!row) throw new Error('an aggregate returned no row')
  const { episodes, acknowledged, lives } = row
  return {
    days,
    lives,
    episodes,
    episodes_per_live: lives === 0 ? null : episodes / lives,
    acknowledged_share: episodes === 0 ? null : acknowledged / episodes,
    median_seconds_to_acknowledge: row.seconds_to_acknowledge,
    median_seconds_on: row.seconds_on,
    suggestion: await suggest(deps, tenant, rule),
  }
}

/** Null if the rule is calm, or no threshold makes it calmer. */
async function suggest(
  deps: BacktestDeps,
  tenant: Tenant,
  rule: Rule,
): Promise<Reply<typeof getAlertNoise>['suggestion']> {
  if (untriable(rule.condition) !== null) return null
  const count = async (of: Rule) => {
    const tried = await tryRule(deps, tenant, of, TRIED_LIVES)
    return { lives: tried.length, episodes: tried.flatMap(({ episodes }) => episodes) }
  }
  const now = await count(rule)
  // One per LIVE is worth a look.
  if (now.episodes.length <= now.lives) return null
  const condition = calmer(
    rule.condition,
    now.episodes.flatMap(({ peak }) => peak ?? []),
  )
  if (!condition) return null
  const after = await count({ ...rule, condition })
  if (after.episodes.length >= now.episodes.length) return null
  return {
    condition,
    lives: now.lives,
    episodes_now: now.episodes.length,
    episodes_then: after.episodes.length,
  }
}
