import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { every } from '../../core/every.ts'
import type { Job } from '../../core/job.ts'
import type { Log } from '../../core/log.ts'
import type { Telemetry } from '../../core/telemetry.ts'
import { type Due, dueOf } from './due.ts'
import { createRuns } from './runs.ts'
import {
  beginRun,
  type JobKey,
  noteLost,
  readAsked,
  readSchedule,
  readUnsettled,
  retryRun,
} from './store.ts'

export interface SchedulerDeps {
  readonly database: Database
  readonly jobs: readonly Job[]
  readonly log: Log
  readonly telemetry: Telemetry
  /** How often it checks what is due; runs start at most this late. */
  readonly intervalMs?: number
}

const INTERVAL_MS = 5_000

/** A job for one creator, or for the installation, as known to this process. */
interface Entry extends Wanted {
  readonly due: Due
  doneUntil: number
  nextAt: number
}

/**
 * Runs jobs when due, by the database's clock. Every process with the role `jobs` may have one: each due time
 * is run by one of them, and another takes over from a dead process. Times missed while nothing ran are run
 * once. Runs of one job follow each other; disposing stops them and waits.
 */
export function createScheduler(deps: SchedulerDeps): AsyncDisposable {
  const { database, log, telemetry } = deps
  const jobs = new Map(deps.jobs.map((job) => [job.name, job]))
  if (jobs.size < deps.jobs.length) throw new Error('two jobs have the same name')
  const entries = new Map<string, Entry>()
  const stopping = new AbortController()
  const runs = createRuns({ database, log, telemetry }, stopping.signal)

  async function look(): Promise<void> {
    const now = await clock(database)
    await learn()
    await noteLost(database)
    for (const { job, creatorId } of await readAsked(database)) {
      const entry = entries.get(nameOf({ job, creatorId }))
      if (entry) await begin(entry, now)
    }
    for (const entry of entries.values()) {
      if (entry.nextAt <= now) {
        const due = entry.due.last(entry.doneUntil, now)
        await (due === undefined ? refresh(entry) : begin(entry, due))
      }
    }
    // Runs stopped by this process's end are for others, or for its next start.
    if (stopping.signal.aborted) return
    for (const run of await readUnsettled(database, [...jobs.keys()])) {
      const entry = entries.get(nameOf(run))
      const begun = entry && (await database.transaction((tx) => retryRun(tx, run)))
      if (entry && begun) runs.enqueue(entry, begun)
    }
  }

  /** Adds new creators and zones, and removes deleted ones. */
  async function learn(): Promise<void> {
    const wanted = await readWanted(database, deps.jobs)
    for (const [name, entry] of entries) {
      if (wanted.get(name)?.zone !== entry.zone) entries.delete(name)
    }
    for (const [name, { key, job, zone }] of wanted) {
      if (entries.has(name)) continue
      const entry = { key, job, zone, due: dueOf(job.cron, zone), doneUntil: 0, nextAt: 0 }
      await refresh(entry)
      entries.set(name, entry)
    }
  }

  async function refresh(entry: Entry): Promise<void> {
    entry.doneUntil = (await readSchedule(database, entry.key)).doneUntil
    entry.nextAt = entry.due.next(entry.doneUntil)
  }

  async function begin(entry: Entry, due: number): Promise<void> {
    // Stale if another process was faster: then nothing starts, and the next round knows.
    const begun = await database.transaction((tx) =>
      beginRun(tx, entry.key, { due, seenUntil: entry.doneUntil }),
    )
    if (begun) runs.enqueue(entry, begun)
    await refresh(entry)
  }

  const looking = every(
    {
      intervalMs: deps.intervalMs ?? INTERVAL_MS,
      atOnce: true,
      failed: (error) => log.warn({ err: error }, 'failed to read due jobs'),
    },
    look,
  )
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await looking[Symbol.asyncDispose]()
      await runs.ended()
    },
  }
}

interface Wanted {
  readonly key: JobKey
  readonly job: Job
  readonly zone: string
}

/** Every job of the installation and of each creator, by name. */
async function readWanted(
  database: Database,
  jobs: readonly Job[],
): Promise<ReadonlyMap<string, Wanted>> {
  const wanted = new Map<string, Wanted>()
  const creators = jobs.some(({ per }) => per === 'creator')
    ? await database.query<{ id: string; time_zone: string }>(
        sql`select id, time_zone from creators order by id`,
      )
    : []
  for (const job of jobs) {
    const of =
      job.per === 'installation'
        ? [{ creatorId: null, zone: 'UTC' }]
        : creators.map(({ id, time_zone }) => ({ creatorId: id, zone: time_zone }))
    for (const { creatorId, zone } of of) {
      const key = { job: job.name, creatorId }
      wanted.set(nameOf(key), { key, job, zone })
    }
  }
  return wanted
}

async function clock(database: Database): Promise<number> {
  const [row] = await database.query<{ now: Date }>(sql`select clock_timestamp() as now`)
  if (!row) throw new Error('the database tells no time')
  return row.now.getTime()
}

const nameOf = ({ job, creatorId }: JobKey): string => `${job}\n${creatorId ?? ''}`
