import { createHash } from 'node:crypto'
import type { Queryable } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { Held, Outcome } from '@creatorflow/shared/alerts/evaluate'
import { quietUntil } from '@creatorflow/shared/alerts/quiet-hours'
import type { Rule } from '@creatorflow/shared/alerts/rule'

/** An outcome to store: it moves the state from the version that the writer knows. */
export interface Move {
  readonly rule: Rule
  readonly revision: number
  readonly outcome: Outcome
  /** 0 if the state is new. */
  readonly version: number
}

/** The id of an episode, the same for whoever decides it. */
export function episodeId(
  { creatorId }: Tenant,
  ruleId: string,
  { session_id, subject }: Pick<Held, 'session_id' | 'subject'>,
  number: number,
): string {
  const named = JSON.stringify([creatorId, ruleId, session_id, subject, number])
  return createHash('sha256').update(named).digest('hex').slice(0, 32)
}

/**
 * Stores moves, each by compare-and-set on its state: what fired or recovered with them is in the history and in the outbox
 * in the same statement, so of two engines one tells it. A move of a rule that changed meanwhile is not stored. The
 * states that were moved.
 */
export function commitMoves(
  database: Queryable,
  tenant: Tenant,
  timeZone: string,
  moves: readonly Move[],
): Promise<{ rule_id: string; session_id: string; subject: string }[]> {
  const { creatorId } = tenant
  const given = JSON.stringify(moves.map((move) => rowOf(tenant, timeZone, move)))
  return database.query(sql`
    with given as materialized (
      select * from jsonb_to_recordset(${given}::jsonb) as g (
        rule_id uuid, revision bigint, session_id text, subject text, version bigint, phase text, state jsonb,
        transition text, episode_id text, number integer, about text, kind text, severity text, name text,
        words text, why jsonb, at float8, fired_at float8, peak float8, muted boolean, on_screen boolean,
        targets jsonb, held_until float8)
    ), valid as materialized (
      select r.id from alert_rules r
      where r.creator_id = ${creatorId} and r.enabled
        and (r.id, r.revision) in (select rule_id, revision from given)
      for share
    ), made as (
      insert into alert_states (creator_id, rule_id, session_id, subject, version, phase, state)
      select ${creatorId}, rule_id, session_id, subject, 1, phase, state
      from given join valid on valid.id = rule_id where version = 0
      on conflict do nothing
      returning rule_id, session_id, subject
    ), moved as (
      update alert_states s set version = s.version + 1, phase = g.phase, state = g.state,
        changed_at = clock_timestamp()
      from given g join valid on valid.id = g.rule_id
      where s.creator_id = ${creatorId} and s.rule_id = g.rule_id and s.session_id = g.session_id
        and s.subject = g.subject and s.version = g.version and g.version > 0
      returning s.rule_id, s.session_id, s.subject
    ), done as (
      select * from made union all select * from moved
    ), happened as (
      select g.*, case when g.muted then 'muted' when exists (
          select 1 from alert_silences q
          where q.creator_id = ${creatorId} and q.until > clock_timestamp()
            and coalesce(q.rule_id, g.rule_id) = g.rule_id) then 'silenced' end as hush
      from given g join done using (rule_id, session_id, subject)
      where g.transition is not null
    ), fired as (
      insert into alert_episodes (creator_id, id, rule_id, session_id, subject, number, kind, severity,
        fired_at, ended_at, peak, why, hushed)
      select ${creatorId}, episode_id, rule_id, session_id, about, number, kind, severity,
        to_timestamp(fired_at / 1000), case when kind = 'insight' then to_timestamp(at / 1000) end, peak, why, hush
      from happened where transition = 'fired'
      on conflict do nothing
    ), ended as (
      update alert_episodes e set ended_at = to_timestamp(h.at / 1000), ended_why = h.why, peak = h.peak
      from happened h
      where e.creator_id = ${creatorId} and e.id = h.episode_id and h.transition = 'recovered'
      returning e.id, e.hushed
    ), unsent as (
      -- It came and went within quiet hours.
      update alert_outbox o set hushed = 'quiet' from happened h
      where o.id = h.episode_id || '.fired' and h.transition = 'recovered' and o.hushed is null
        and o.dispatched_at is null and o.held_until > clock_timestamp()
      returning o.episode_id
    ), told as (
      insert into alert_outbox (id, creator_id, episode_id, rule_id, session_id, subject, kind, transition,
        severity, name, words, why, at, fired_at, targets, on_screen, hushed, held_until)
      select h.episode_id || '.' || h.transition, ${creatorId}, h.episode_id, h.rule_id, h.session_id, h.about,
        h.kind, h.transition, h.severity, h.name, h.words, h.why, to_timestamp(h.at / 1000),
        to_timestamp(h.fired_at / 1000), h.targets, h.on_screen,
        case when h.transition = 'fired' then h.hush
          -- Whoever was told that it fired is told that it is over, and nobody else.
          else coalesce(ended.hushed, case when unsent.episode_id is not null then 'quiet' end) end,
        to_timestamp(h.held_until / 1000)
      from happened h left join ended on ended.id = h.episode_id
        left join unsent on unsent.episode_id = h.episode_id
      on conflict do nothing
    )
    select rule_id, session_id, subject from done`)
}

function rowOf(tenant: Tenant, timeZone: string, { rule, revision, outcome, version }: Move) {
  const { held, transition, about } = outcome
  const { session_id, subject, state, memory } = held
  const { name, words, severity, condition, muted, on_screen, targets, quiet_hours } = rule
  return {
    rule_id: rule.id,
    revision,
    session_id,
    subject,
    version,
    phase: state.phase,
    state: { state, ...(memory !== undefined && { memory }) },
    ...(transition && {
      transition: transition.kind,
      episode_id: episodeId(tenant, rule.id, held, transition.episode),
      number: transition.episode,
      about: about ?? subject,
      kind: condition.kind === 'insight' ? 'insight' : 'alert',
      severity,
      name,
      words,
      why: transition.why,
      at: transition.at,
      fired_at: transition.firedAt,
      peak: transition.peak,
      muted,
      on_screen,
      targets,
      held_until: quiet_hours && quietUntil(transition.at, quiet_hours, timeZone),
    }),
  }
}
