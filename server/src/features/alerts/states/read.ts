import type { Queryable } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { Held } from '@creatorflow/shared/alerts/evaluate'
import { newRule, type Rule } from '@creatorflow/shared/alerts/rule'
import type { AlertState } from '@creatorflow/shared/alerts/step'
import { keyOf } from '@creatorflow/shared/alerts/subject'
import { OLD_EVENT_MS } from '@creatorflow/shared/alerts/view'
import { OPEN_LIVE_MS } from '@creatorflow/shared/live-state'

export interface WantedCreator {
  readonly creator_id: string
  /** The greatest revision of its rules. */
  readonly revision: number
}

/** Creators with a LIVE on air, an episode that is on, or a rule that looks at any time; those on air first. */
export function selectWanted(database: Queryable): Promise<WantedCreator[]> {
  return database.query<WantedCreator>(sql`
    with wanted as (
      select creator_id, 0 as turn from lives
      where ended_at is null and last_at > clock_timestamp() - make_interval(secs => ${OPEN_LIVE_MS / 1_000 + 60}::float8)
      union all select creator_id, 1 from alert_states where phase in ('pending', 'firing', 'recovering')
      union all select creator_id, 2 from alert_rules where always and enabled and deleted_at is null
    ), first as (
      select creator_id, min(turn) as turn from wanted group by creator_id
    )
    select f.creator_id, r.revision from first f
    join lateral (
      select max(revision) as revision, bool_or(enabled) as any_enabled
      from alert_rules where creator_id = f.creator_id) r on r.any_enabled
    order by f.turn, f.creator_id`)
}

/** Creators that were not given their default rules yet. */
export function selectUnseeded(database: Queryable): Promise<{ creator_id: string }[]> {
  return database.query(sql`
    select id as creator_id from creators c
    where not exists (select 1 from alert_rules r where r.creator_id = c.id)
    order by id limit 50`)
}

/** The database's time, epoch ms. */
export async function selectNow(database: Queryable): Promise<number> {
  const [row] = await database.query<{ now: Date }>(sql`select clock_timestamp() as now`)
  if (!row) throw new Error('the clock returned no row')
  return row.now.getTime()
}

export interface StoredRule {
  readonly rule: Rule
  readonly revision: number
}

/** The enabled rules of a creator, those that this release does not know apart. */
export async function selectEnabled(
  database: Queryable,
  { creatorId }: Tenant,
): Promise<StoredRule[]> {
  const rows = await database.query<{ id: string; revision: number; body: unknown }>(sql`
    select id, revision, body from alert_rules
    where creator_id = ${creatorId} and enabled and deleted_at is null order by created_at, id`)
  // An earlier release knew fewer fields, and maybe a metric that is gone: such a rule rests.
  return rows.flatMap(({ id, revision, body }) => {
    const { success, data } = newRule.safeParse(body)
    return success ? [{ rule: { ...data, id }, revision }] : []
  })
}

export interface StoredState {
  readonly rule_id: string
  readonly version: number
  readonly held: Held
}

/** Where the rules of a creator stand, those of LIVEs that are long over apart. */
export async function selectStates(
  database: Queryable,
  { creatorId }: Tenant,
  ruleId?: string,
): Promise<StoredState[]> {
  const rows = await database.query<{
    rule_id: string
    session_id: string
    subject: string
    version: number
    state: { state: AlertState; memory?: unknown }
  }>(sql`
    select rule_id, session_id, subject, version, state from alert_states
    where creator_id = ${creatorId}
      and (${ruleId ?? null}::uuid is null or rule_id = ${ruleId ?? null}::uuid)
      and (phase <> 'normal' or changed_at > clock_timestamp() - interval '3 days')`)
  return rows.map(({ rule_id, session_id, subject, version, state }) => ({
    rule_id,
    version,
    held: { session_id, subject, ...state },
  }))
}

/** States by rule and subject. */
export function byRule(states: readonly StoredState[]): Map<string, Map<string, StoredState>> {
  const rules = new Map<string, Map<string, StoredState>>()
  for (const state of states) {
    const of = rules.get(state.rule_id) ?? new Map<string, StoredState>()
    rules.set(state.rule_id, of)
    of.set(keyOf(state.held), state)
  }
  return rules
}

/** The open LIVEs that were seen live: one of their latest events came at once. A restart has to ask. */
export async function selectSeenLive(
  database: Queryable,
  { creatorId }: Tenant,
): Promise<string[]> {
  const rows = await database.query<{ session_id: string }>(sql`
    select l.session_id from lives l
    where l.creator_id = ${creatorId} and l.ended_at is null
      and l.last_at > clock_timestamp() - make_interval(secs => ${OPEN_LIVE_MS / 1_000 + 60}::float8)
      and exists (
        select 1 from events e
        where e.creator_id = l.creator_id and e.session_id = l.session_id
          and e.ts > clock_timestamp() - make_interval(secs => ${(2 * OPEN_LIVE_MS) / 1_000}::float8)
          and e.received_at - e.ts < make_interval(secs => ${OLD_EVENT_MS / 1_000}::float8))`)
  return rows.map(({ session_id }) => session_id)
}
