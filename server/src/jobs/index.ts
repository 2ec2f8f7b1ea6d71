import type { Database } from '@creatorflow/db/database'
import type { Bus } from '../bus/bus.ts'
import type { Config } from '../core/config/config.ts'
import type { Job } from '../core/job.ts'
import type { Log } from '../core/log.ts'
import type { Telemetry } from '../core/telemetry.ts'
import type { Followers } from '../live/followers.ts'
import type { Pulse } from '../live/pulse.ts'
import { createCheckpoints } from './checkpoints.ts'
import { applyColumnstore } from './columnstore.ts'
import { forgetPeopleJob } from './forget-people.ts'
import { createHistoryRefresh } from './refresh-history.ts'
import { createResettle } from './resettle.ts'
import { createRetention } from './retention.ts'
import { createScheduler } from './schedule/scheduler.ts'
import { createTailTrim } from './trim-tail.ts'
import { createWatches, type NamedWatch } from './watches/watches.ts'

export interface JobsDeps {
  readonly database: Database
  readonly bus: Bus
  readonly config: Config
  readonly log: Log
  readonly telemetry: Telemetry
  readonly followers: Followers
  readonly pulse: Pulse
  /** Scheduled jobs. */
  readonly jobs: readonly Job[]
  readonly watches: readonly NamedWatch[]
  /** Start work that never ends. */
  readonly workers: readonly (() => AsyncDisposable)[]
}

/** Scheduled jobs that exist whatever the features. */
export function ownJobs(deps: Pick<JobsDeps, 'database' | 'config' | 'log'>): Job[] {
  return [forgetPeopleJob(deps)]
}

/** Background work of a process with these roles, until it is disposed. */
export async function startJobs(deps: JobsDeps): Promise<AsyncDisposable> {
  const { database, config, log } = deps
  await using started = new AsyncDisposableStack()
  const has = (role: Config['roles'][number]) => config.roles.includes(role)
  // Whoever writes the tail also trims it: it must not grow without the other jobs.
  if (has('pipeline') || has('jobs')) started.use(createTailTrim(deps))
  if (has('jobs')) {
    started.use(createCheckpoints(deps))
    started.use(createHistoryRefresh(deps))
    started.use(createResettle(deps))
    await applyColumnstore(database, config, log)
    started.use(createRetention(deps))
    started.use(createScheduler(deps))
    started.use(createWatches(deps))
    for (const start of deps.workers) started.use(start())
  }
  return started.move()
}
