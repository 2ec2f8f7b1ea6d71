import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { backoffMs } from '@creatorflow/shared/backoff'
import type { DeliveryState } from '@creatorflow/shared/features/notifications'
import type { Outcome } from '../channels/outcome.ts'
import type { SentTo } from '../channels/send.ts'

/** Until a delivery is tried again. */
const waits = { firstMs: 5_000, longestMs: 3_600_000 }
/** How long a target rests after many failures in a row. */
const rests = { firstMs: 60_000, longestMs: 3_600_000 }
/** Old news is not delivered. */
const MOST_AGE_MS = 86_400_000
const KEPT_TRIES = 20

export interface Limits {
  readonly attempts: number
  /** Failures in a row after which a target rests. */
  readonly failures: number
}

export interface Attempt {
  readonly deliveryId: string
  /** This one included. */
  readonly attempts: number
  readonly ageMs: number
  readonly outcome: Outcome
  readonly ms: number
  /** Sent by a person's click: once, whatever comes of it. */
  readonly isTest?: boolean
}

/** What becomes of a delivery after an attempt. */
export function afterAttempt(
  { attempts, ageMs, outcome, isTest = false }: Omit<Attempt, 'deliveryId' | 'ms'>,
  limits: Limits,
  random?: number,
): { readonly state: DeliveryState; readonly waitMs: number } {
  if (outcome.outcome === 'sent') return { state: 'sent', waitMs: 0 }
  const waitMs = Math.min(
    Math.max(backoffMs(attempts, waits, random), outcome.retryAfterMs ?? 0),
    waits.longestMs,
  )
  const isOver = isTest || attempts >= limits.attempts || ageMs + waitMs > MOST_AGE_MS
  const state = outcome.outcome === 'failed' && !isOver ? 'waiting' : 'failed'
  return { state, waitMs }
}

/** How long a target rests after so many failures in a row; 0 while it is still tried. */
export function restMs(failures: number, limits: Limits, random?: number): number {
  return failures < limits.failures ? 0 : backoffMs(failures - limits.failures + 1, rests, random)
}

/** Writes down an attempt, at its delivery and at its target. */
export async function recordAttempt(
  database: Database,
  target: SentTo,
  attempt: Attempt,
  limits: Limits,
): Promise<DeliveryState> {
  const { deliveryId, outcome, ms } = attempt
  const { state, waitMs } = afterAttempt(attempt, limits)
  const tried = { outcome: outcome.outcome, status: outcome.status, text: outcome.text, ms }
  await database.transaction(async (tx) => {
    await tx.query(sql`
      update alert_deliveries set state = ${state},
        done_at = case when ${state} <> 'waiting' then clock_timestamp() end,
        next_at = clock_timestamp() + make_interval(secs => ${waitMs / 1_000}::float8),
        tries = (
          select coalesce(jsonb_agg(one order by n), '[]') from jsonb_array_elements(
            tries || jsonb_build_array(jsonb_build_object('at',
              to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) || ${JSON.stringify(tried)}::jsonb)
          ) with ordinality as kept (one, n)
          where n > jsonb_array_length(tries) + 1 - ${KEPT_TRIES}::int)
      where id = ${deliveryId}::uuid`)
    if (outcome.outcome === 'sent') {
      await tx.query(sql`
        update alert_targets set failures = 0, paused_until = null, ended_at = null, sent_at = clock_timestamp()
        where id = ${target.id}::uuid`)
      return
    }
    if (outcome.outcome === 'gone' && target.kind === 'push') {
      await tx.query(sql`delete from alert_targets where id = ${target.id}::uuid`)
      return
    }
    const [row] = await tx.query<{ failures: number }>(sql`
      update alert_targets set failures = failures + 1, failed_at = clock_timestamp(),
        problem = ${outcome.text ?? (outcome.status === null ? null : `It answered ${outcome.status}.`)},
        ended_at = case when ${outcome.outcome === 'gone'}::boolean then clock_timestamp() end
      where id = ${target.id}::uuid returning failures`)
    const rest = restMs(row?.failures ?? 0, limits)
    if (rest > 0) {
      await tx.query(sql`
        update alert_targets set paused_until = clock_timestamp() + make_interval(secs => ${rest / 1_000}::float8)
        where id = ${target.id}::uuid`)
    }
    if (outcome.outcome === 'gone') {
      await tx.query(sql`
        update alert_deliveries set state = 'dropped', done_at = clock_timestamp()
        where target_id = ${target.id}::uuid and state = 'waiting'`)
    }
  })
  return state
}
