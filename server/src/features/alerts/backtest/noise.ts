import type { TenantReads } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { calmer } from '@creatorflow/shared/alerts/calmer'
import type { Rule } from '@creatorflow/shared/alerts/rule'
import type { Reply } from '@creatorflow/shared/endpoint'
import type { getAlertNoise, listAlertNoise } from '@creatorflow/shared/features/alerts'
import { type BacktestDeps, tryRule, untriable } from './backtest.ts'

interface NoiseRow {
  readonly rule_id: string
  readonly episodes: number
  readonly acknowledged: number
  readonly seconds_to_acknowledge: number | null
  readonly seconds_on: number | null
}

interface Counted {
  readonly lives: number
  readonly rows: readonly NoiseRow[]
}

/** What fired in the last days, by rule; a rule that did not fire has no row. */
function selectNoise(database: TenantReads, tenant: Tenant, days: number): Promise<Counted> {
  const { creatorId } = tenant
  const since = sql`clock_timestamp() - make_interval(days => ${days}::int)`
  return database.readAs(tenant, async (read) => {
    const [counted] = await read.query<{ lives: number }>(sql`
      select count(*)::int as lives from lives where creator_id = ${creatorId} and started_at > ${since}`)
    const rows = await read.query<NoiseRow>(sql`
      select rule_id, count(*)::int as episodes, count(acknowledged_at)::int as acknowledged,
        percentile_cont(0.5) within group (order by extract(epoch from acknowledged_at - fired_at)::float8)
          as seconds_to_acknowledge,
        percentile_cont(0.5) within group (order by extract(epoch from ended_at - fired_at)::float8) as seconds_on
      from alert_episodes
      where creator_id = ${creatorId} and fired_at > ${since}
      group by rule_id`)
    return { lives: counted?.lives ?? 0, rows }
  })
}

function noiseIn({ lives, rows }: Counted, ruleId: string) {
  const row = rows.find(({ rule_id }) => rule_id === ruleId)
  const episodes = row?.episodes ?? 0
  return {
    episodes,
    episodes_per_live: lives === 0 ? null : episodes / lives,
    acknowledged_share: row ? row.acknowledged / episodes : null,
    median_seconds_to_acknowledge: row?.seconds_to_acknowledge ?? null,
    median_seconds_on: row?.seconds_on ?? null,
  }
}

/** How noisy each rule about a problem was, the noisiest first. */
export async function noiseOfAll(
  database: TenantReads,
  tenant: Tenant,
  rules: readonly Rule[],
  days: number,
): Promise<Reply<typeof listAlertNoise>> {
  const counted = await selectNoise(database, tenant, days)
  const noise = rules
    .filter(({ condition }) => condition.kind !== 'insight')
    .map(({ id }) => ({ rule_id: id, ...noiseIn(counted, id) }))
  return {
    days,
    lives: counted.lives,
    rules: noise.toSorted((a, b) => b.episodes - a.episodes),
  }
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
  const counted = await selectNoise(deps.database, tenant, days)
  return {
    days,
    lives: counted.lives,
    ...noiseIn(counted, rule.id),
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
