import type { Tenant } from '@creatorflow/db/tenant'
import type { Log } from './log.ts'

/** One run of a job. */
export interface JobRun {
  /** When it was due, epoch ms; after a restart it may run later. */
  readonly due: number
  readonly log: Log
  /** Aborts when the process ends, or when another process took over the run. */
  readonly signal: AbortSignal
  /** Reports progress; shown while it runs. */
  progress(done: number, total: number): void
}

interface JobBase {
  /** Unique, in lower case with hyphens. */
  readonly name: string
  /** What it does, as people read it. */
  readonly title: string
  /** Five fields, as in `30 2 * * *`. */
  readonly cron: string
}

/** Work due once for the installation, by UTC. */
export interface InstallationJob extends JobBase {
  readonly per: 'installation'
  run(run: JobRun): Promise<void>
}

/** Work due once for each creator, by the creator's time zone. */
export interface CreatorJob extends JobBase {
  readonly per: 'creator'
  run(run: JobRun & { readonly tenant: Tenant }): Promise<void>
}

/** Work due by the clock. It may run twice after a crash, so running twice must be harmless. */
export type Job = InstallationJob | CreatorJob
