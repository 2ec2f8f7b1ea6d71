import type { Database } from '@creatorflow/db/database'
import * as wire from '@creatorflow/shared/features/jobs'
import { AppError } from '../../core/errors.ts'
import type { Job } from '../../core/job.ts'
import type { Feature } from '../../http/feature.ts'
import { recordChange } from '../../identity/audit/record.ts'
import { dueOf } from '../../jobs/schedule/due.ts'
import { askFor } from '../../jobs/schedule/store.ts'
import { listRecounts, type NotedRecount } from '../../pipeline/recount-notes.ts'
import { type RunRow, selectRuns } from './queries.ts'

const SHOWN_RECOUNTS = 100

/** Background work, visible to the owner. */
export function createJobsFeature({
  database,
  jobs,
}: {
  readonly database: Database
  readonly jobs: readonly Job[]
}): Feature {
  return {
    name: 'jobs',
    mount({ router, answer }) {
      answer(router, wire.listJobs, async () => {
        const { now, rows } = await selectRuns(
          database,
          jobs.map(({ name }) => name),
        )
        const byJob = Map.groupBy(rows, ({ job }) => job)
        const recounts = await listRecounts(database, SHOWN_RECOUNTS)
        return {
          at: now.toISOString(),
          recounts: recounts.map(shownRecount),
          jobs: jobs.map(({ name, title, cron, per }) => ({
            name,
            title,
            cron,
            per,
            // For jobs per creator, each creator's zone decides the next time.
            next_due:
              per === 'creator'
                ? null
                : new Date(dueOf(cron, 'UTC').next(now.getTime())).toISOString(),
            runs: (byJob.get(name) ?? []).map(shown),
          })),
        }
      })

      answer(router, wire.runJob, async ({ params, actor }) => {
        const job = jobs.find(({ name }) => name === params.job)
        if (job?.per !== 'installation') {
          throw new AppError('not_found', 'Job not found, or it runs per creator.')
        }
        await database.transaction(async (tx) => {
          if (!(await askFor(tx, { job: job.name, creatorId: null }))) {
            throw new AppError('unavailable', 'No process with the jobs role has started yet.', {
              retryAfterMs: 5_000,
            })
          }
          await recordChange(tx, actor, { action: 'job.asked', target: job.name })
        })
        return { asked: true as const }
      })
    },
  }
}

function shownRecount(row: NotedRecount): wire.RecountShown {
  const { creator_id, state, error, rows_done: done, rows_total: total } = row
  return {
    creator_id,
    state,
    since: row.since.toISOString(),
    started_at: row.started_at?.toISOString() ?? null,
    progress: state === 'running' ? { done, total } : null,
    error,
  }
}

function shown(row: RunRow): wire.JobRunShown {
  const { creator_id, attempt, outcome, error, progress_done: done, progress_total: total } = row
  return {
    creator_id,
    due: row.due.toISOString(),
    attempt,
    started_at: row.started_at.toISOString(),
    ended_at: row.ended_at?.toISOString() ?? null,
    outcome,
    error,
    progress: done === null || total === null ? null : { done, total },
  }
}
