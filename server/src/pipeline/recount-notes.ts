import type { Queryable, TenantRead, TenantReads, Transaction } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { OPEN_LIVE_MS } from '@creatorflow/shared/live-state'
import type { Recounting, RecountProblem } from '@creatorflow/shared/recounting'
import { AppError } from '../core/errors.ts'
import type { Readiness } from '../core/readiness.ts'
import { waitsForEnd } from '../eventlog/log-reader.ts'
import type { Hindsight, ResettleReason } from './hindsight.ts'

/** Asks for creators to be settled again, in the transaction that gives the reason. It does not wait behind an old failure. */
export async function noteResettle(
  tx: Transaction,
  reasons: readonly { readonly creator_id: string; readonly reason: ResettleReason }[],
): Promise<void> {
  if (reasons.length === 0) return
  await tx.query(sql`
    insert into resettle (creator_id, reason)
    select * from unnest(
      ${reasons.map((r) => r.creator_id)}::text[], ${reasons.map((r) => r.reason)}::text[]
    )
    on conflict (creator_id) do update set retry_at = null where resettle.retry_at is not null`)
}

/**
 * Asks for it when a LIVE of the creator ends, or by the time that it must have: only minutes are wrong until then,
 * and each recount reads the whole log.
 */
async function noteAtEnd(tx: Transaction, creatorIds: readonly string[]): Promise<void> {
  if (creatorIds.length === 0) return
  await tx.query(sql`
    insert into resettle (creator_id, reason, retry_at)
    select id, 'count', clock_timestamp() + make_interval(secs => ${OPEN_LIVE_MS / 1000}::float8)
    from unnest(${creatorIds}::text[]) id
    on conflict (creator_id) do nothing`)
}

/** A LIVE of them ended: what waited for that waits no longer. */
async function releaseAtEnd(tx: Transaction, creatorIds: readonly string[]): Promise<void> {
  if (creatorIds.length === 0) return
  await tx.query(sql`
    update resettle r set retry_at = null
    where creator_id = any(${creatorIds}::text[]) and ${waitsForEnd}`)
}

/** Creators that were noted at least `delayMs` ago and need not wait after a failure, the longest waiting first. */
export async function readNoted(database: Queryable, delayMs: number): Promise<string[]> {
  const rows = await database.query<{ creator_id: string }>(sql`
    select creator_id from resettle
    where noted_at <= clock_timestamp() - make_interval(secs => ${delayMs / 1000}::float8)
      and (retry_at is null or retry_at <= clock_timestamp())
      and (rewriting_until is null or rewriting_until <= clock_timestamp())
    order by noted_at limit 100`)
  return rows.map(({ creator_id }) => creator_id)
}

/** How long a rewriter that died keeps others from going on. */
const CLAIM_MS = 30_000

/** Notes that `by` rewrites a log; until it is done, its rows are a mix. In the transaction that holds its counter. */
export async function claimRewriting(
  tx: Transaction,
  { creatorId }: Tenant,
  by: string,
): Promise<void> {
  await tx.query(sql`
    insert into resettle as r (creator_id, reason, rewritten_by, rewriting_until)
    values (${creatorId}, 'count', ${by}::uuid, clock_timestamp() + make_interval(secs => ${CLAIM_MS / 1000}::float8))
    on conflict (creator_id) do update
    set rewritten_by = excluded.rewritten_by, rewriting_until = excluded.rewriting_until`)
}

/** Lets others go on with a log at once, after a failure. */
export async function releaseRewriting(database: Queryable, by: string): Promise<void> {
  await database.query(
    sql`update resettle set rewriting_until = null where rewritten_by = ${by}::uuid`,
  )
}

/** Notes all that events which came late ask for, in the transaction that writes them. */
export async function noteLate(
  tx: Transaction,
  late: Pick<Hindsight, 'reasons' | 'atEnd' | 'ended'>,
): Promise<void> {
  await noteResettle(tx, late.reasons())
  await noteAtEnd(tx, late.atEnd())
  await releaseAtEnd(tx, late.ended())
}

/** Ends what a note asked for. What came late even for that is a note of its own. */
export async function noteSettled(
  tx: Transaction,
  { creatorId }: Tenant,
  late?: Parameters<typeof noteLate>[1],
): Promise<void> {
  await tx.query(sql`delete from resettle where creator_id = ${creatorId}`)
  if (late) await noteLate(tx, late)
}

const FIRST_RETRY_MS = 1_000
const LAST_RETRY_MS = 5_000
/** Lasting failures are retried seldom: each try reads the whole log. */
const PROBLEM_RETRY_MS = 10 * 60_000

/**
 * Puts a creator off after a failure: seconds without a problem, else minutes. Answers whether the problem is a new
 * one, which is worth a warning.
 */
export async function noteFailure(
  database: Queryable,
  creatorId: string,
  problem: RecountProblem | null,
): Promise<boolean> {
  const [row] = await database.query<{ before: RecountProblem | null }>(sql`
    update resettle r set failures = r.failures + 1, problem = coalesce(${problem}::text, r.problem),
      retry_at = clock_timestamp() + make_interval(secs => case
        when ${problem}::text is not null then ${PROBLEM_RETRY_MS / 1000}::float8
        else least(${LAST_RETRY_MS / 1000}::float8, ${FIRST_RETRY_MS / 1000}::float8 * 2 ^ least(r.failures, 10))
      end)
    from resettle old
    where r.creator_id = ${creatorId} and old.creator_id = r.creator_id
    returning old.problem as before`)
  return row !== undefined && problem !== null && row.before !== problem
}

/** Whether a creator's LIVEs wait to be settled again; null when they do not. */
export async function readRecounting(
  read: TenantRead,
  { creatorId }: Tenant,
): Promise<Recounting | null> {
  const [row] = await read.query<{ noted_at: Date; problem: RecountProblem | null }>(
    sql`select noted_at, problem from resettle r
      where creator_id = ${creatorId} and not coalesce(${waitsForEnd}, false)`,
  )
  return row ? { since: row.noted_at.toISOString(), problem: row.problem } : null
}

const ATTEMPTS = 5

/**
 * What `work` reads in more than one transaction, and whether a recount may be between them: asked before and after.
 * It reads again when a recount began and ended meanwhile.
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

/** How many creators wait, and how many of them in vain. */
export async function countNoted(
  database: Queryable,
): Promise<Record<'waiting' | RecountProblem, number>> {
  const [row] = await database.query<Record<'waiting' | RecountProblem, number>>(sql`
    select count(*) filter (where problem is null)::int as waiting,
      count(*) filter (where problem = 'too_large')::int as too_large,
      count(*) filter (where problem = 'failed')::int as failed
    from resettle`)
  return row ?? { waiting: 0, too_large: 0, failed: 0 }
}

/** What `/readyz` says of recounts: nothing while all is well. */
export async function recountsOf(database: Queryable): Promise<Readiness['parts']> {
  const counts = await countNoted(database).catch(() => undefined)
  const creators = (counts?.too_large ?? 0) + (counts?.failed ?? 0)
  if (creators === 0) return {}
  const of = creators === 1 ? '1 creator' : `${creators} creators`
  return {
    recounts: { ok: false, detail: `Late events of ${of} cannot be recounted: see the log` },
  }
}
