import {
  aggregateColumns,
  aggregateSql,
  type Level,
  levels,
  SETTLE_MINUTES,
  sourceOf,
} from '@creatorflow/db/aggregates'
import type { Queryable } from '@creatorflow/db/database'
import { join, raw, type Sql, sql } from '@creatorflow/db/sql'

/** One minute that got a late event, at the version that was read. */
export interface DirtyMinute {
  readonly creator_id: string
  readonly bucket: Date
  readonly version: number
}

/**
 * The latest time that may be materialized, and how far each level reaches. Levels that never started start
 * before the oldest event; an event before that is late, and so is marked.
 */
export async function readReach(
  database: Queryable,
): Promise<{ settled: number; until: Readonly<Record<string, number>> }> {
  await database.query(sql`
    insert into materialized (level, until)
    select level, time_bucket(interval '1 day', least(clock_timestamp() - interval '1 day', oldest))
    from unnest(${levels.map(({ name }) => name)}::text[]) as t (level), (
      select min(first.ts) as oldest from counters c cross join lateral (
        select ts from events e where e.creator_id = c.creator_id order by ts limit 1
      ) first
    ) e
    where not exists (select from materialized)
    on conflict (level) do nothing`)
  const rows = await database.query<{ level: string; until: Date; settled: Date }>(sql`
    select level, until, clock_timestamp() - make_interval(mins => ${SETTLE_MINUTES}::int) as settled
    from materialized`)
  return {
    settled: rows[0]?.settled.getTime() ?? 0,
    until: Object.fromEntries(rows.map(({ level, until }) => [level, until.getTime()])),
  }
}

/** Whether a level equals what it sums over a range of time, without dirty minutes; in one snapshot. */
export async function isRight(
  database: Queryable,
  level: Level,
  from: number,
  to: number,
): Promise<boolean> {
  const within = (column: string) =>
    sql`e.${raw(column)} >= ${iso(from)}::timestamptz and e.${raw(column)} < ${iso(to)}::timestamptz`
  const clean = sql`not exists (
    select from dirty d where d.creator_id = e.creator_id
      and d.bucket >= ${iso(from)}::timestamptz and d.bucket < ${iso(to)}::timestamptz
      and time_bucket(${raw(level.width)}, d.bucket) = e.bucket)`
  const { table, time } = sourceOf(level)
  const source = sql`${raw(table)} e where ${within(time)}`
  const summed = sql`${columns} from (${aggregateSql(level, source)}) e where ${clean}`
  const kept = sql`${columns} from ${raw(level.view)} e where ${within('bucket')} and ${clean}`
  const [row] = await database.query<{ differs: boolean }>(sql`
    select exists (select from (${differences(summed, kept)}) x) as differs`)
  return row?.differs === false
}

/** Records how far a level was verified; never moves back. */
export async function advance(database: Queryable, level: Level, to: number): Promise<void> {
  await database.query(sql`
    update materialized set until = greatest(until, ${iso(to)}::timestamptz)
    where level = ${level.name}`)
}

/** Dirty minutes of the oldest day that has any, as far as the finest level reaches. */
export function readDirty(
  database: Queryable,
  after: number,
  before: number,
  limit: number,
): Promise<DirtyMinute[]> {
  return database.query<DirtyMinute>(sql`
    select creator_id, bucket, version from dirty
    where bucket < ${iso(before)}::timestamptz and bucket >= ${iso(after)}::timestamptz
      and bucket < (
        select time_bucket(interval '1 day', min(bucket)) + interval '1 day' from dirty
        where bucket >= ${iso(after)}::timestamptz)
    order by bucket, creator_id limit ${limit}::int`)
}

/**
 * Deletes those minutes whose version is unchanged and whose buckets equal, at every level that reaches them,
 * what they sum; in one snapshot. Returns how many were deleted.
 */
export async function dropSettled(
  database: Queryable,
  minutes: readonly DirtyMinute[],
  until: Readonly<Record<string, number>>,
): Promise<number> {
  const wrong = levels.map((level) => {
    const reached = sql`(
      select distinct creator_id, time_bucket(${raw(level.width)}, bucket) as bucket from settled
      where time_bucket(${raw(level.width)}, bucket) < ${iso(until[level.name] ?? 0)}::timestamptz)`
    const { table, time } = sourceOf(level)
    // The `offset 0` makes it one index lookup per bucket.
    const source = sql`${reached} s cross join lateral (
      select * from ${raw(table)} where creator_id = s.creator_id
        and ${raw(time)} >= s.bucket and ${raw(time)} < s.bucket + ${raw(level.width)} offset 0) e`
    const summed = sql`${columns} from (${aggregateSql(level, source)}) e`
    const kept = sql`${columns} from ${reached} s cross join lateral (
      select * from ${raw(level.view)} where creator_id = s.creator_id and bucket = s.bucket offset 0) e`
    return sql`select distinct creator_id, bucket, ${raw(level.width)} as width
      from (${differences(summed, kept)}) x`
  })
  const [row] = await database.query<{ n: number }>(sql`
    with settled as (
      select * from unnest(
        ${minutes.map((m) => m.creator_id)}::text[],
        ${minutes.map((m) => m.bucket.toISOString())}::timestamptz[],
        ${minutes.map((m) => m.version)}::bigint[]
      ) as t (creator_id, bucket, version)
    ), wrong as materialized (${join(wrong, ' union all ')}),
    held as materialized (
      -- A row that a writer holds is about to change anyhow.
      select d.creator_id, d.bucket from dirty d join settled s using (creator_id, bucket)
      where d.version = s.version and not exists (
        select from wrong w where w.creator_id = d.creator_id
          and d.bucket >= w.bucket and d.bucket < w.bucket + w.width)
      for update of d skip locked
    ), gone as (
      delete from dirty d using held
      where d.creator_id = held.creator_id and d.bucket = held.bucket returning 1
    ) select count(*)::int as n from gone`)
  return row?.n ?? 0
}

const columns = raw(`select ${aggregateColumns.map((column) => `e.${column}`).join(', ')}`)

const differences = (a: Sql, b: Sql): Sql =>
  sql`(${a} except all ${b}) union all (${b} except all ${a})`

export const iso = (ms: number): string => new Date(ms).toISOString()

/** The start of the bucket of an instant. */
export const floor = (ms: number, widthMs: number): number => ms - (ms % widthMs)
