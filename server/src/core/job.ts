import type { Tenant } from '@creatorflow/db/tenant'
import type { Log } from './log.ts'

/** One run of a job. */
export interface JobRun {
  /** When it was due, epoch ms; a run after a restart may be later than that. */
  readonly due: number
  readonly log: Log
  /** Ends when the process does, or when another process took the run over. */
  readonly signal: AbortSignal
  /** Tells how far it is; shown while it runs. */
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

/** Work that is due once for the installation, by UTC. */
export interface InstallationJob extends JobBase {
  readonly per: 'installation'
  run(run: JobRun): Promise<void>
}

/** Work that is due once for each creator, by the creator's time zone. */
export interface CreatorJob extends JobBase {
  readonly per: 'creator'
  run(run: JobRun & { readonly tenant: Tenant }): Promise<void>
}

/** Work that is due by the clock. It may be done twice after a crash, so doing it twice must be harmless. */
export type Job = InstallationJob | CreatorJob
