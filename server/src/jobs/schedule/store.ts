import type { Queryable, Transaction } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'

/** The job and its creator; null is the installation. */
export interface JobKey {
  readonly job: string
  readonly creatorId: string | null
}

export interface BegunRun {
  readonly id: string
  readonly due: number
  readonly attempt: number
}

/** Runs of a job kept per creator. */
const KEPT_RUNS = 100
/** A run whose process has been silent for so long is lost. */
const LOST_AFTER_S = 60
const MOST_ATTEMPTS = 3
/** Waits before the second and the third attempt. */
const RETRY_AFTER_S = [60, 300]

/** Up to when a job was done. A new one is due from now on. */
export async function readSchedule(
  database: Queryable,
  { job, creatorId }: JobKey,
): Promise<{ doneUntil: number; askedAt: number | null }> {
  await database.query(sql`
    insert into job_schedules (job, creator_id, done_until)
    values (${job}, ${creatorId}, clock_timestamp()) on conflict do nothing`)
  const [row] = await database.query<{ done_until: Date; asked_at: Date | null }>(sql`
    select done_until, asked_at from job_schedules
    where job = ${job} and creator_id is not distinct from ${creatorId}`)
  if (!row) throw new Error(`the schedule of ${job} is missing`)
  return { doneUntil: row.done_until.getTime(), askedAt: row.asked_at?.getTime() ?? null }
}

/** Schedules with a requested run. */
export async function readAsked(database: Queryable): Promise<JobKey[]> {
  const rows = await database.query<{ job: string; creator_id: string | null }>(
    sql`select job, creator_id from job_schedules where asked_at is not null`,
  )
  return rows.map(({ job, creator_id }) => ({ job, creatorId: creator_id }))
}

/** Requests a run as soon as possible. Returns whether there is such a schedule. */
export async function askFor(database: Queryable, { job, creatorId }: JobKey): Promise<boolean> {
  const rows = await database.query(sql`
    update job_schedules set asked_at = clock_timestamp()
    where job = ${job} and creator_id is not distinct from ${creatorId} returning 1`)
  return rows.length > 0
}

/** Starts a run, unless another process has: of all that try, one gets it. */
export async function beginRun(
  tx: Transaction,
  { job, creatorId }: JobKey,
  { due, seenUntil }: { readonly due: number; readonly seenUntil: number },
): Promise<BegunRun | undefined> {
  const claimed = await tx.query(sql`
    update job_schedules set asked_at = null,
      done_until = greatest(done_until, ${instant(due)}::timestamptz)
    where job = ${job} and creator_id is not distinct from ${creatorId}
      and date_trunc('milliseconds', done_until) = ${instant(seenUntil)}::timestamptz
      and (done_until < ${instant(due)}::timestamptz or asked_at is not null)
    returning 1`)
  if (claimed.length === 0) return undefined
  return insertRun(tx, { job, creatorId }, due, 1)
}

async function insertRun(
  tx: Transaction,
  { job, creatorId }: JobKey,
  due: number,
  attempt: number,
): Promise<BegunRun> {
  const [row] = await tx.query<{ id: string }>(sql`
    insert into job_runs (job, creator_id, due, attempt)
    values (${job}, ${creatorId}, ${instant(due)}::timestamptz, ${attempt}::int)
    returning id::text`)
  if (!row) throw new Error('a run was not written')
  return { id: row.id, due, attempt }
}

export interface Unsettled extends JobKey {
  readonly id: string
  readonly due: number
  readonly attempt: number
}

/** Marks runs as lost whose process has been silent. */
export async function noteLost(database: Queryable): Promise<number> {
  const rows = await database.query(sql`
    update job_runs set outcome = 'lost', ended_at = clock_timestamp()
    where outcome = 'running' and not settled
      and beat_at < clock_timestamp() - make_interval(secs => ${LOST_AFTER_S}::float8)
    returning 1`)
  return rows.length
}

/** Runs that failed, were lost or were stopped, and whose next attempt is due. */
export async function readUnsettled(
  database: Queryable,
  jobs: readonly string[],
): Promise<Unsettled[]> {
  const rows = await database.query<{
    id: string
    job: string
    creator_id: string | null
    due: Date
    attempt: number
  }>(sql`
    select id::text, job, creator_id, due, attempt from job_runs
    where not settled and job = any(${jobs}::text[]) and outcome in ('failed', 'lost', 'stopped')
      and (outcome = 'stopped' or ended_at < clock_timestamp()
        - make_interval(secs => (${RETRY_AFTER_S}::float8[])[least(attempt, 2)]))
    order by id limit 100`)
  return rows.map(({ creator_id, due, ...row }) => ({
    ...row,
    creatorId: creator_id,
    due: due.getTime(),
  }))
}

/** Starts the next attempt of a run, unless another process has, or it was the last one. */
export async function retryRun(tx: Transaction, run: Unsettled): Promise<BegunRun | undefined> {
  const settled = await tx.query<{ outcome: string }>(sql`
    update job_runs set settled = true where id = ${run.id}::bigint and not settled
    returning outcome`)
  if (!settled[0]) return undefined
  // A stop does not count as a failure.
  const attempt = settled[0].outcome === 'stopped' ? run.attempt : run.attempt + 1
  if (attempt > MOST_ATTEMPTS) return undefined
  return insertRun(tx, run, run.due, attempt)
}

/** Shows that a run is alive. Returns false if it was given up meanwhile. */
export async function beat(
  database: Queryable,
  id: string,
  progress: { readonly done: number; readonly total: number } | undefined,
): Promise<boolean> {
  const rows = await database.query(sql`
    update job_runs set beat_at = clock_timestamp(),
      progress_done = ${progress?.done ?? null}::bigint, progress_total = ${progress?.total ?? null}::bigint
    where id = ${id}::bigint and outcome = 'running' returning 1`)
  return rows.length > 0
}

/** Records how a run ended, and deletes old runs of its job. */
export async function endRun(
  database: Queryable,
  { job, creatorId }: JobKey,
  id: string,
  { outcome, error }: { readonly outcome: 'done' | 'failed' | 'stopped'; readonly error?: string },
): Promise<void> {
  await database.query(sql`
    update job_runs set outcome = ${outcome}, ended_at = clock_timestamp(),
      error = ${error?.slice(0, 1_000).toWellFormed().replaceAll('\0', '') ?? null},
      settled = ${outcome === 'done'}::boolean or (${outcome} = 'failed' and attempt >= ${MOST_ATTEMPTS}::int)
    where id = ${id}::bigint and outcome = 'running'`)
  await database.query(sql`
    delete from job_runs where job = ${job} and creator_id is not distinct from ${creatorId} and id < (
      select min(id) from (
        select id from job_runs where job = ${job} and creator_id is not distinct from ${creatorId}
        order by id desc limit ${KEPT_RUNS}::int
      ) kept)`)
}

const instant = (ms: number): string => new Date(ms).toISOString()
