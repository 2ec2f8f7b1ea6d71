import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { openTestDatabase } from '@creatorflow/db/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { editions } from '../../../../scripts/test/backends.ts'
import type { Job, JobRun } from '../../core/job.ts'
import { silentLog } from '../../core/log.ts'
import { createTelemetry } from '../../core/telemetry.ts'
import { insertCreator } from '../../identity/creators/creators.ts'
import { createScheduler } from './scheduler.ts'

const EVERY_MINUTE = '* * * * *'
let made = 0

describe.each(editions())('jobs on $name', (backend) => {
  let database: Database
  beforeAll(async () => {
    database = await openTestDatabase(backend)
  })
  afterAll(() => database?.[Symbol.asyncDispose]())
  beforeEach(async () => {
    for (const table of ['job_runs', 'job_schedules'] as const) {
      await database.query(
        table === 'job_runs' ? sql`delete from job_runs` : sql`delete from job_schedules`,
      )
    }
  })

  const start = (...jobs: Job[]) =>
    createScheduler({
      database,
      jobs,
      log: silentLog(),
      telemetry: createTelemetry(),
      intervalMs: 20,
    })

  function job(run: (of: JobRun) => Promise<void>, of: Partial<Job> = {}): Job {
    const name = `job-${++made}`
    return { name, title: name, cron: EVERY_MINUTE, per: 'installation', run, ...of } as Job
  }

  const runs = () =>
    database.query<{
      job: string
      outcome: string
      attempt: number
      due: Date
      error: string | null
    }>(sql`select job, outcome, attempt, due, error from job_runs order by id`)

  /** As if it had been due for so many minutes. */
  const wind = (name: string, minutes: number) =>
    database.query(sql`
      update job_schedules set done_until = done_until - make_interval(mins => ${minutes}::int)
      where job = ${name}`)

  const known = (name: string) =>
    vi.waitFor(async () => {
      const rows = await database.query(sql`select 1 from job_schedules where job = ${name}`)
      expect(rows).not.toEqual([])
    })

  /** Starts with schedules that were due for so long. */
  async function startLate(minutes: number, ...jobs: Job[]): Promise<AsyncDisposable> {
    const first = start(...jobs)
    for (const { name } of jobs) await known(name)
    await first[Symbol.asyncDispose]()
    for (const { name } of jobs) await wind(name, minutes)
    return start(...jobs)
  }

  test('[NODE-7] jobs missed while nothing ran run once, for the last due time', async () => {
    const seen: number[] = []
    const hourly = job(async ({ due }) => void seen.push(due))
    await using _ = await startLate(300, hourly)
    await expect.poll(runs).toMatchObject([{ outcome: 'done', attempt: 1 }])
    const [run] = await runs()
    expect(seen).toEqual([run?.due.getTime()])
    expect((run?.due.getTime() ?? 1) % 60_000).toBe(0)
    expect(Date.now() - (run?.due.getTime() ?? 0)).toBeLessThan(120_000)
  })

  test('[NODE-7] one of many processes runs each due time', async () => {
    let ran = 0
    const shared = job(async () => void ran++)
    const first = start(shared)
    await known(shared.name)
    await first[Symbol.asyncDispose]()
    const before = (await runs()).length
    ran = 0
    await wind(shared.name, 90)
    await using many = new AsyncDisposableStack()
    for (let n = 0; n < 5; n++) many.use(start(shared))
    await expect.poll(() => ran).toBeGreaterThan(0)
    await many.disposeAsync()
    const added = (await runs()).slice(before)
    expect(added).toHaveLength(ran)
    expect(new Set(added.map(({ due }) => due.getTime())).size).toBe(added.length)
  })

  test('[NODE-7] a failing job is retried, at most three times, and says why', async () => {
    const failing = job(async () => {
      throw new Error('no paper')
    })
    await using _ = await startLate(5, failing)
    for (let attempt = 1; attempt <= 3; attempt++) {
      await expect
        .poll(async () => (await runs()).filter(({ outcome }) => outcome === 'failed').length)
        .toBeGreaterThanOrEqual(attempt)
      await database.query(sql`update job_runs set ended_at = ended_at - interval '1 hour'`)
    }
    const due = (await runs())[0]?.due
    const ofDue = async () => (await runs()).filter((run) => run.due.getTime() === due?.getTime())
    await expect.poll(async () => (await ofDue()).map(({ attempt }) => attempt)).toEqual([1, 2, 3])
    expect((await ofDue()).every(({ error }) => error === 'no paper')).toBe(true)
    const [{ left } = { left: -1 }] = await database.query<{ left: number }>(sql`
      select count(*)::int as left from job_runs
      where not settled and due = ${due?.toISOString()}::timestamptz`)
    expect(left).toBe(0)
  })

  test("[NODE-7] another process takes over a dead one's job; a stop does not count as an attempt", async () => {
    let ends = 0
    const long = job(
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            ends++
            reject(signal.reason)
          })
        }),
    )
    const stopped = await startLate(5, long)
    await expect.poll(runs).toMatchObject([{ outcome: 'running' }])
    await stopped[Symbol.asyncDispose]()
    expect(ends).toBe(1)
    const stoppedRuns = await runs()
    expect(
      stoppedRuns.every(({ outcome, attempt }) => outcome === 'stopped' && attempt === 1),
    ).toBe(true)

    const second = start({ ...long })
    await expect
      .poll(async () => (await runs()).at(-1))
      .toMatchObject({ outcome: 'running', attempt: 1 })
    // Silent for a while, like a killed process.
    await database.query(sql`
      update job_runs set beat_at = beat_at - interval '1 hour' where outcome = 'running'`)
    await expect.poll(async () => (await runs()).map(({ outcome }) => outcome)).toContain('lost')
    await database.query(sql`update job_runs set ended_at = ended_at - interval '1 hour'`)
    await expect.poll(async () => (await runs()).some(({ attempt }) => attempt === 2)).toBe(true)
    await second[Symbol.asyncDispose]()
  })

  test("[NODE-7] a job per creator is due in each creator's zone, for later creators too", async () => {
    const seen: string[] = []
    const daily: Job = {
      name: `job-${++made}`,
      title: 'daily',
      cron: '30 2 * * *',
      per: 'creator',
      run: async ({ tenant, due }) =>
        void seen.push(`${tenant.creatorId} ${new Date(due).toISOString().slice(11, 16)}`),
    }
    const add = (id: string, time_zone: string) =>
      database.transaction((tx) =>
        insertCreator(tx, { id, name: id, time_zone, currency: 'USD', locale: 'en', kind: 'real' }),
      )
    await add(`kathmandu-${made}`, 'Asia/Kathmandu')
    await using _ = start(daily)
    await known(daily.name)
    await add(`utc-${made}`, 'UTC')
    await expect
      .poll(() => database.query(sql`select 1 from job_schedules where job = ${daily.name}`))
      .toHaveLength(2)
    await _[Symbol.asyncDispose]()
    await wind(daily.name, 48 * 60)
    await using _again = start(daily)
    await expect
      .poll(() => [...seen].sort())
      .toEqual([`kathmandu-${made} 20:45`, `utc-${made} 02:30`])
  })
})
