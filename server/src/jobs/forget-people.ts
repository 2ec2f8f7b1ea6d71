import type { Database } from '@creatorflow/db/database'
import { raw, sql } from '@creatorflow/db/sql'
import type { Job } from '../core/job.ts'
import type { Log } from '../core/log.ts'
import { projections } from '../projections/index.ts'
import type { RetentionDays } from '../projections/projection.ts'

const ROWS_A_TIME = 10_000

export interface ForgetPeopleDeps {
  readonly database: Database
  readonly config: RetentionDays
  readonly log: Log
}

/** Deletes names and comments past their retention; nothing if both are kept forever. */
export function forgetPeopleJob(deps: ForgetPeopleDeps): Job {
  return {
    name: 'forget-people',
    title: 'Delete names and comments past their retention',
    cron: '7 * * * *',
    per: 'installation',
    run: () => forgetPeople(deps),
  }
}

/** One run: a name's age counts from when the person was last seen, a comment's from when it was written. */
export async function forgetPeople({ database, config, log }: ForgetPeopleDeps): Promise<void> {
  const gone: Record<string, number> = {}
  for (const { table, ages } of projections) {
    if (ages) gone[table] = await deleteOld(database, table, ages.column, ages.days(config))
  }
  if (Object.values(gone).some((rows) => rows > 0))
    log.info(gone, 'names and comments past their retention')
}

/** In batches, so writers never wait long; several nodes may do it at once, each row is deleted once. */
async function deleteOld(
  database: Database,
  table: string,
  column: string,
  days: number,
): Promise<number> {
  if (days === 0) return 0
  let gone = 0
  for (let rows = ROWS_A_TIME; rows === ROWS_A_TIME; gone += rows) {
    const [row] = await database.query<{ n: number }>(sql`
      with old as (
        select ctid from ${raw(table)}
        where ${raw(column)} < now() - make_interval(days => ${days}::int)
        limit ${ROWS_A_TIME}::int for update skip locked
      ), gone as (
        delete from ${raw(table)} where ctid in (select ctid from old) returning 1
      ) select count(*)::int as n from gone`)
    rows = row?.n ?? 0
  }
  return gone
}
