import {
  aggregateColumns,
  aggregateSql,
  type Level,
  levels,
  sourceOf,
} from '@creatorflow/db/aggregates'
import type { Queryable } from '@creatorflow/db/database'
import { raw, type Sql, sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { readHistoryMarks } from '../eventlog/history.ts'

const DAY_MS = 86_400_000

async function differencesOfSums(
  database: Queryable,
  tenant: Tenant,
  level: Level,
): Promise<number> {
  const { keptSince, until } = await readHistoryMarks(database, tenant)
  const reached = until[level.name] ?? keptSince
  const first = await oldest(database, tenant, level)
  let differences = 0
  // By days, because the embedded database does nothing else during a statement.
  for (let day = Math.max(keptSince, first - (first % DAY_MS)); day < reached; day += DAY_MS) {
    differences += await differsOnDay(database, tenant, level, day, Math.min(reached, day + DAY_MS))
  }
  return differences
}

async function oldest(
  database: Queryable,
  { creatorId }: Tenant,
  { view }: Level,
): Promise<number> {
  const [row] = await database.query<{ at: Date | null }>(sql`
    select least((select min(bucket) from ${raw(view)} where creator_id = ${creatorId}),
      (select min(ts) from events where creator_id = ${creatorId})) as at`)
  return row?.at?.getTime() ?? Number.POSITIVE_INFINITY
}

async function differsOnDay(
  database: Queryable,
  { creatorId }: Tenant,
  level: Level,
  since: number,
  before: number,
): Promise<number> {
  const within = (time: Sql) => sql`e.creator_id = ${creatorId}
    and e.${time} >= ${iso(since)}::timestamptz and e.${time} < ${iso(before)}::timestamptz`
  const isClean = sql`not exists (select from dirty d where d.creator_id = ${creatorId}
    and d.bucket >= ${iso(since)}::timestamptz and d.bucket < ${iso(before)}::timestamptz
    and time_bucket(${raw(level.width)}, d.bucket) = e.bucket)`
  const { table, time } = sourceOf(level)
  const source = sql`${raw(table)} e where ${within(raw(time))}`
  const summed = sql`select ${columns} from (${aggregateSql(level, source)}) e where ${isClean}`
  const stored = sql`
    select ${columns} from ${raw(level.view)} e where ${within(raw('bucket'))} and ${isClean}`
  const [row] = await database.query<{ n: number }>(sql`
    select count(*)::int as n from (
      (${stored} except all ${summed}) union all (${summed} except all ${stored})
    ) d`)
  return row?.n ?? 0
}

const columns = raw(aggregateColumns.map((column) => `e.${column}`).join(', '))
const iso = (ms: number): string => new Date(ms).toISOString()

/** Compares every level with what it sums, wherever it is read. */
export async function verifySums(
  database: Queryable,
  tenant: Tenant,
): Promise<{ readonly table: string; readonly differences: number }[]> {
  const found: { table: string; differences: number }[] = []
  for (const level of levels) {
    const differences = await differencesOfSums(database, tenant, level)
    found.push({ table: level.view, differences })
  }
  return found
}
