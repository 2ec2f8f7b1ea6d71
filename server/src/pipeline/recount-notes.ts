import type { Queryable, TenantRead, TenantReads, Transaction } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { OPEN_LIVE_MS } from '@creatorflow/shared/live-state'
import type { Recounting, RecountProblem } from '@creatorflow/shared/recounting'
import { AppError } from '../core/errors.ts'
import type { Readiness } from '../core/readiness.ts'
import { isRunning, percentDone, waitsForEnd } from '../eventlog/recount-note.ts'
import type { AskedRecount, Hindsight, OfLive } from './hindsight.ts'

/** Asks for re-attribution of creators, in the transaction that causes it. It does not wait behind an old failure. */
export async function noteResettle(
  tx: Transaction,
  reasons: readonly AskedRecount[],
): Promise<void> {
  if (reasons.length === 0) return
  // An array of arrays would have to be a rectangle.
  const lives = reasons.map(({ pins_of }) => pins_of && JSON.stringify(pins_of))
  await tx.query(sql`
    insert into resettle as r (creator_id, reason, pins_of)
    select id, reason, case when lives is not null then array(select json_array_elements_text(lives)) end
    from unnest(
      ${reasons.map((r) => r.creator_id)}::text[], ${reasons.map((r) => r.reason)}::text[],
      ${lives}::json[]
    ) as n (id, reason, lives)
    on conflict (creator_id) do update set retry_at = null,
      pins_of = case when excluded.pins_of is not null and r.pins_of is not null
        then r.pins_of || excluded.pins_of end
    where r.retry_at is not null
      or (r.pins_of is not null and not coalesce(r.pins_of @> excluded.pins_of, false))`)
}

/** The settings that numbers are made with, once they are counted by them. */
export interface CountedChange {
  readonly time_zone: string
  readonly currency: string
}

/**
 * Asks for a log to be counted with other settings, which it has from then on; in the transaction that holds
 * its counter.
 */
export async function noteChange(
  tx: Transaction,
  { creatorId }: Tenant,
  { time_zone, currency }: CountedChange,
): Promise<void> {
  await tx.query(sql`
    insert into resettle as r (creator_id, reason, change)
    values (${creatorId}, 'change', ${JSON.stringify({ time_zone, currency })}::jsonb)
    on conflict (creator_id) do update
    set change = excluded.change, pins_of = null, waits_for = '{}', retry_at = null, problem = null, failures = 0`)
}

/**
 * Asks for it when one of these LIVEs ends, or by a deadline: only minutes are wrong until then, and each
 * recount reads the whole log.
 */
async function noteAtEnd(tx: Transaction, lives: readonly OfLive[]): Promise<void> {
  if (lives.length === 0) return
  await tx.query(sql`
    insert into resettle as r (creator_id, reason, retry_at, waits_for)
    select id, 'count', clock_timestamp() + make_interval(secs => ${OPEN_LIVE_MS / 1000}::float8),
      coalesce(array_agg(distinct live) filter (where live is not null), '{}')
    from ${pairsOf(lives)} as l (id, live) group by id
    on conflict (creator_id) do update
    set waits_for = r.waits_for || excluded.waits_for, pins_of = null
    where r.pins_of is not null or (${waitsForEnd} and not r.waits_for @> excluded.waits_for)`)
}

/** These LIVEs ended: recounts waiting for one of them are due, others still wait. */
async function releaseAtEnd(tx: Transaction, lives: readonly OfLive[]): Promise<void> {
  if (lives.length === 0) return
  await tx.query(sql`
    update resettle r set retry_at = null from ${pairsOf(lives)} as l (id, live)
    where r.creator_id = id and live = any(r.waits_for) and ${waitsForEnd}`)
}

const pairsOf = (lives: readonly OfLive[]) => sql`unnest(
  ${lives.map(({ creator_id }) => creator_id)}::text[],
  ${lives.map(({ session_id }) => session_id)}::text[]
)`

/** Creators noted at least `delayMs` ago that need not wait after a failure, longest waiting first. */
export async function readNoted(database: Queryable, delayMs: number): Promise<string[]> {
  const rows = await database.query<{ creator_id: string }>(sql`
    select creator_id from resettle r
    where noted_at <= clock_timestamp() - make_interval(secs => ${delayMs / 1000}::float8)
      and (retry_at is null or retry_at <= clock_timestamp())
      and (rewriting_until is null or rewriting_until <= clock_timestamp())
      and not ${isRunning}
    order by noted_at limit 100`)
  return rows.map(({ creator_id }) => creator_id)
}

/** How long a dead rewriter delays others. */
const CLAIM_MS = 30_000

/**
 * Records that `by` rewrites a log, or only some LIVEs' pins; until it is done, its rows are a mix, which
 * only finishing it corrects. In the transaction that holds its counter.
 */
export async function claimRewriting(
  tx: Transaction,
  { creatorId }: Tenant,
  by: string,
  pinsOf: readonly string[] | null,
): Promise<void> {
  await tx.query(sql`
    insert into resettle as r (creator_id, reason, rewritten_by, rewriting_until, pins_of)
    values (${creatorId}, 'count', ${by}::uuid,
      clock_timestamp() + make_interval(secs => ${CLAIM_MS / 1000}::float8), ${pinsOf}::text[])
    on conflict (creator_id) do update
    set rewritten_by = excluded.rewritten_by, rewriting_until = excluded.rewriting_until,
      pins_of = case when ${pinsOf}::text[] is not null then r.pins_of end`)
}

/** Records a recount's progress, if a note asks for it; what `by` rewrites stays its own meanwhile. */
export async function noteProgress(
  database: Queryable,
  { creatorId }: Tenant,
  { by, done, total }: { readonly by: string; readonly done: number; readonly total: number },
): Promise<void> {
  await database.query(sql`
    update resettle set rows_done = ${done}::bigint, rows_total = ${total}::bigint,
      beat_at = clock_timestamp(),
      rewriting_until = case when rewritten_by = ${by}::uuid
        then clock_timestamp() + make_interval(secs => ${CLAIM_MS / 1000}::float8) else rewriting_until end,
      started_at = case when ${done}::bigint = 0 then clock_timestamp() else started_at end
    where creator_id = ${creatorId}`)
}

/** Lets others start at once on a recount that `by` gave up. */
export async function noteGivenUp(
  database: Queryable,
  { creatorId }: Tenant,
  by: string,
): Promise<void> {
  await database.query(sql`
    update resettle set beat_at = null
    where creator_id = ${creatorId} and coalesce(rewritten_by = ${by}::uuid, true)`)
}

/** Lets others continue with a log at once, after a failure. */
export async function releaseRewriting(database: Queryable, by: string): Promise<void> {
  await database.query(
    sql`update resettle set rewriting_until = null, beat_at = null where rewritten_by = ${by}::uuid`,
  )
}

/** Records everything late events ask for, in the transaction that writes them. */
export async function noteLate(
  tx: Transaction,
  late: Pick<Hindsight, 'reasons' | 'atEnd' | 'ended'>,
): Promise<void> {
  await noteResettle(tx, late.reasons())
  await noteAtEnd(tx, late.atEnd())
  await releaseAtEnd(tx, late.ended())
}

/** The LIVEs of a note that asks only for their pins; null if it asks for more, or nothing. */
export async function readPinsOf(
  database: Queryable,
  { creatorId }: Tenant,
): Promise<readonly string[] | null> {
  const [row] = await database.query<{ pins_of: string[] | null }>(
    sql`select pins_of from resettle where creator_id = ${creatorId}`,
  )
  return row?.pins_of ?? null
}

/** Ends a note that still asks only for these LIVEs' pins; what was added meanwhile stays. */
export async function notePinsSettled(
  tx: Transaction,
  { creatorId }: Tenant,
  pinsOf: readonly string[],
): Promise<void> {
  const [gone] = await tx.query(sql`
    delete from resettle where creator_id = ${creatorId} and pins_of <@ ${pinsOf}::text[]
    returning 1`)
  if (!gone) await release(tx, creatorId)
}

/** Remaining requests belong to nobody. */
async function release(tx: Transaction, creatorId: string): Promise<void> {
  await tx.query(sql`
    update resettle set rewritten_by = null, rewriting_until = null, beat_at = null
    where creator_id = ${creatorId}`)
}

/** Ends what a note asked for, except a change noted after `settled`. Events late even for that are another note. */
export async function noteSettled(
  tx: Transaction,
  { creatorId }: Tenant,
  settled: CountedChange | null,
  late?: Parameters<typeof noteLate>[1],
): Promise<void> {
  const change = settled && JSON.stringify(settled)
  const [gone] = await tx.query(sql`
    delete from resettle where creator_id = ${creatorId} and change is not distinct from ${change}::jsonb
    returning 1`)
  if (!gone) await release(tx, creatorId)
  if (late) await noteLate(tx, late)
}

const FIRST_RETRY_MS = 1_000
const LAST_RETRY_MS = 5_000
/** Lasting failures are retried rarely: each try reads the whole log. */
const PROBLEM_RETRY_MS = 10 * 60_000

/**
 * Postpones a creator after a failure: seconds without a problem, else minutes. Returns whether the problem
 * is new, which deserves a warning.
 */
export async function noteFailure(
  database: Queryable,
  creatorId: string,
  problem: RecountProblem | null,
  reason: string,
): Promise<boolean> {
  const [row] = await database.query<{ before: RecountProblem | null }>(sql`
    update resettle r set failures = r.failures + 1, problem = coalesce(${problem}::text, r.problem),
      error = ${reason.slice(0, 500)}, beat_at = null,
      retry_at = clock_timestamp() + make_interval(secs => case
        when ${problem}::text is not null then ${PROBLEM_RETRY_MS / 1000}::float8
        else least(${LAST_RETRY_MS / 1000}::float8, ${FIRST_RETRY_MS / 1000}::float8 * 2 ^ least(r.failures, 10))
      end)
    from resettle old
    where r.creator_id = ${creatorId} and old.creator_id = r.creator_id
    returning old.problem as before`)
  return row !== undefined && problem !== null && row.before !== problem
}

/** Whether a creator's LIVEs wait for re-attribution; null if they do not. */
export async function readRecounting(
  read: TenantRead,
  { creatorId }: Tenant,
): Promise<Recounting | null> {
  const [row] = await read.query<Omit<Recounting, 'since'> & { noted_at: Date }>(
    sql`select noted_at, problem, ${percentDone} as percent from resettle r
      where creator_id = ${creatorId} and not coalesce(${waitsForEnd}, false)`,
  )
  if (!row) return null
  const { noted_at, problem, percent } = row
  return { since: noted_at.toISOString(), problem, percent }
}

/** The settings that a creator's numbers are being recounted by; null if they stay. */
export async function readNotedChange(
  read: TenantRead,
  { creatorId }: Tenant,
): Promise<CountedChange | null> {
  const [row] = await read.query<{ change: CountedChange | null }>(
    sql`select change from resettle where creator_id = ${creatorId}`,
  )
  return row?.change ?? null
}

const ATTEMPTS = 5

/**
 * What `work` reads in more than one transaction, and whether a recount may be in between: checked before and
 * after. It reads again if a recount started and ended meanwhile.
 */
export async function withRecounting<T extends object>(
  database: TenantReads,
  tenant: Tenant,
  work: () => Promise<T>,
): Promise<T & { recounting: Recounting | null }> {
  const look = () =>
    database.readAs(tenant, async (read) => ({
      recounting: await readRecounting(read, tenant),
      generation: await readGeneration(read, tenant),
    }))
  let before = await look()
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const found = await work()
    const after = await look()
    const recounting = before.recounting ?? after.recounting
    if (recounting || before.generation === after.generation) return { ...found, recounting }
    before = after
  }
  throw new AppError('unavailable', 'LIVEs are being recounted.', { retryAfterMs: 1_000 })
}

async function readGeneration(read: TenantRead, { creatorId }: Tenant): Promise<number | null> {
  const [row] = await read.query<{ generation: number }>(
    sql`select generation from counters where creator_id = ${creatorId}`,
  )
  return row?.generation ?? null
}

/** A requested recount. */
export interface NotedRecount {
  readonly creator_id: string
  readonly since: Date
  readonly started_at: Date | null
  readonly state: RecountState
  readonly rows_done: number
  readonly rows_total: number
  /** Why the last try failed. */
  readonly error: string | null
}

export const recountStates = ['waiting', 'running', 'failed'] as const
export type RecountState = (typeof recountStates)[number]

const state = sql`case when ${isRunning} then 'running' when r.problem is not null then 'failed' else 'waiting' end`

/** Every requested recount, failed and longest waiting first, without those that wait for a LIVE to end. */
export function listRecounts(database: Queryable, most: number): Promise<NotedRecount[]> {
  return database.query<NotedRecount>(sql`
    select creator_id, noted_at as since, case when ${isRunning} then started_at end as started_at,
      ${state} as state, error, coalesce(rows_done, 0) as rows_done, coalesce(rows_total, 0) as rows_total
    from resettle r where not coalesce(${waitsForEnd}, false)
    order by problem nulls last, noted_at limit ${most}::int`)
}

/** How many creators wait, are being recounted, or cannot be; and how many rows of running ones are left. */
export async function countNoted(
  database: Queryable,
): Promise<Record<RecountState | 'rowsLeft', number>> {
  const rows = await database.query<{ state: RecountState; n: number; left: number }>(sql`
    select ${state} as state, count(*)::int as n,
      sum(coalesce(rows_total - rows_done, 0))::float8 as left
    from resettle r group by 1`)
  const of = (state: RecountState) => rows.find((row) => row.state === state)
  const [waiting, running, failed] = recountStates.map((state) => of(state)?.n ?? 0)
  return {
    waiting: waiting ?? 0,
    running: running ?? 0,
    failed: failed ?? 0,
    rowsLeft: of('running')?.left ?? 0,
  }
}

/** What `/readyz` says about recounts: nothing while all is well. */
export async function recountsOf(database: Queryable): Promise<Readiness['parts']> {
  const [row] = await database
    .query<{ creators: number }>(
      sql`select count(*)::int as creators from resettle where problem is not null`,
    )
    .catch(() => [])
  if (!row || row.creators === 0) return {}
  const of = row.creators === 1 ? '1 creator' : `${row.creators} creators`
  return {
    recounts: {
      ok: false,
      detail: `Late events of ${of} can’t be recounted; see Settings, Jobs`,
    },
  }
}
