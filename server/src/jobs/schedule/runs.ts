import type { Database } from '@creatorflow/db/database'
import { every } from '../../core/every.ts'
import type { Job, JobRun } from '../../core/job.ts'
import type { Log } from '../../core/log.ts'
import { serverTenant } from '../../core/rights/authorize.ts'
import type { Telemetry } from '../../core/telemetry.ts'
import { type BegunRun, beat, endRun, type JobKey } from './store.ts'

/** The runs of this process. Those of one job follow each other. */
export interface Runs {
  /** Runs what was started, after the job's earlier runs. */
  enqueue(of: { readonly job: Job; readonly key: JobKey }, begun: BegunRun): void
  /** Resolves when all of them have ended. */
  ended(): Promise<void>
}

export interface RunsDeps {
  readonly database: Database
  readonly log: Log
  readonly telemetry: Telemetry
}

const BEAT_MS = 5_000

export function createRuns({ database, log, telemetry }: RunsDeps, stopping: AbortSignal): Runs {
  /** The end of each job's runs so far. */
  const lines = new Map<string, Promise<void>>()

  async function runAfter(
    before: Promise<void> | undefined,
    { job, key }: { readonly job: Job; readonly key: JobKey },
    { id, due, attempt }: BegunRun,
  ): Promise<void> {
    const gone = new AbortController()
    const signal = AbortSignal.any([stopping, gone.signal])
    const runLog = log.child({ job: job.name, ...(key.creatorId && { creator_id: key.creatorId }) })
    let progress: { done: number; total: number } | undefined
    const failed = (error: unknown) =>
      runLog.debug({ err: error }, 'failed to write a job heartbeat')
    // Also while it is queued, or others would take it for lost.
    await using _beating = every({ intervalMs: BEAT_MS, failed }, async () => {
      if (!(await beat(database, id, progress))) gone.abort()
    })
    await before
    const started = performance.now()
    const run: JobRun = {
      due,
      log: runLog,
      signal,
      progress: (done, total) => {
        progress = { done, total }
      },
    }
    const end = await outcomeOf(() => runJob(job, key, run, signal), stopping)
    telemetry.count('job_runs_total', { outcome: end.outcome })
    const ms = Math.round(performance.now() - started)
    if (end.outcome === 'failed') {
      runLog.warn({ err: end.cause, attempt, ms }, 'a job failed')
    } else runLog.debug({ outcome: end.outcome, ms }, 'a job ran')
    await endRun(database, key, id, end).catch((error: unknown) =>
      // It then counts as lost and is retried.
      runLog.warn({ err: error }, 'failed to store the outcome of a job'),
    )
  }

  return {
    enqueue(of, begun) {
      const { name } = of.job
      lines.set(name, runAfter(lines.get(name), of, begun))
    },
    async ended() {
      await Promise.all(lines.values())
    },
  }
}

async function runJob(job: Job, key: JobKey, run: JobRun, signal: AbortSignal): Promise<void> {
  // One queued behind another is not started during a stop.
  signal.throwIfAborted()
  if (job.per === 'installation') return job.run(run)
  if (key.creatorId === null) throw new Error(`${job.name} is of creators`)
  return job.run({ ...run, tenant: serverTenant(key.creatorId) })
}

type End =
  | { readonly outcome: 'done' | 'stopped' }
  | { readonly outcome: 'failed'; readonly error: string; readonly cause: unknown }

async function outcomeOf(work: () => Promise<void>, stopping: AbortSignal): Promise<End> {
  try {
    await work()
    return { outcome: 'done' }
  } catch (cause) {
    if (stopping.aborted) return { outcome: 'stopped' }
    return {
      outcome: 'failed',
      error: cause instanceof Error ? cause.message : String(cause),
      cause,
    }
  }
}
