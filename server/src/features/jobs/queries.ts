import type { Queryable } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { JobOutcome } from '@creatorflow/shared/features/jobs'

export interface RunRow {
  readonly job: string
  readonly creator_id: string | null
  readonly due: Date
  readonly attempt: number
  readonly started_at: Date
  readonly ended_at: Date | null
  readonly outcome: JobOutcome
  readonly error: string | null
  readonly progress_done: number | null
  readonly progress_total: number | null
}

/** Runs shown per job. */
const SHOWN_RUNS = 10

/** The database's time, and the latest runs of these jobs, newest first. */
export async function selectRuns(
  database: Queryable,
  jobs: readonly string[],
): Promise<{ now: Date; rows: RunRow[] }> {
  const [clock] = await database.query<{ now: Date }>(sql`select clock_timestamp() as now`)
  if (!clock) throw new Error('the database tells no time')
  const rows = await database.query<RunRow>(sql`
    select r.job, r.creator_id, r.due, r.attempt, r.started_at, r.ended_at, r.outcome, r.error,
      r.progress_done, r.progress_total
    from unnest(${jobs}::text[]) j (job) cross join lateral (
      select * from job_runs where job = j.job order by id desc limit ${SHOWN_RUNS}::int
    ) r
    order by r.job, r.id desc`)
  return { now: clock.now, rows }
}
