import {
  aggregateColumns,
  aggregateSql,
  type Level,
  type LevelName,
  levels,
  sourceOf,
} from '@creatorflow/db/aggregates'
import type { Database, Queryable, Transaction } from '@creatorflow/db/database'
import { raw, type Sql, sql } from '@creatorflow/db/sql'
import { advance, type DirtyMinute, floor, iso, readReach } from './refresh-queries.ts'

const HOUR_MS = 3_600_000
/** Materialized by one transaction, which on the embedded database makes all others wait. */
const stepMs: Readonly<Record<LevelName, number>> = {
  '1m': HOUR_MS,
  '15m': 24 * HOUR_MS,
  '1d': 7 * 24 * HOUR_MS,
}
const MINUTES_A_TIME = { embedded: 60, server: 500 } as const
/** After this many new rows the embedded database counts again: it has no autovacuum. */
const ROWS_BETWEEN_ANALYSES = 20_000

/** Refreshes aggregates that are tables: first what is new, fine to coarse, then what became dirty. */
export async function refreshTables(database: Database, signal: AbortSignal): Promise<void> {
  const added = await moveOn(database, signal)
  const replaced = await settleDirty(database, signal)
  if (database.edition !== 'embedded') return
  const tables = levels.map(({ view }) => view).join(', ')
  if (added + replaced >= ROWS_BETWEEN_ANALYSES) await database.script(`vacuum analyze ${tables}`)
  else if (replaced > 0) await database.script(`vacuum ${tables}`)
}

/** Returns how many rows were added. */
async function moveOn(database: Database, signal: AbortSignal): Promise<number> {
  let added = 0
  for (const [index, level] of levels.entries()) {
    const finer = levels[index - 1]
    while (!signal.aborted) {
      const { settled, until } = await readReach(database)
      const from = until[level.name] ?? 0
      const reach = floor(finer ? (until[finer.name] ?? 0) : settled, level.widthMs)
      if (reach <= from) break
      added += await materialize(database, level, from, reach)
    }
  }
  return added
}

/** One step of a level, up to `reach` if there is nothing to sum. Returns how many rows were added. */
function materialize(
  database: Database,
  level: Level,
  from: number,
  reach: number,
): Promise<number> {
  const to = Math.min(reach, from + stepMs[level.name])
  const isFinest = level === levels[0]
  return database.transaction(async (tx) => {
    await lock(tx, [level])
    // Another node may have gone on, or old events may have been dropped.
    const until = await lockReach(tx)
    if (until.get(level.name) !== from) return 0
    const marks = isFinest ? await dirtyWithin(tx, from, to) : []
    const added = await insert(
      tx,
      level,
      sql`counters s cross join lateral (
        ${source(level)} and x.${time(level)} >= ${iso(from)}::timestamptz
          and x.${time(level)} < ${iso(to)}::timestamptz offset 0) e`,
    )
    // No coarser level is here yet.
    await dropMarks(tx, marks)
    const next = added > 0 ? to : await nextSource(tx, level, to)
    await advance(tx, level, next === undefined ? reach : Math.max(to, Math.min(reach, next)))
    return added
  })
}

/** Returns how many rows were replaced. */
async function settleDirty(database: Database, signal: AbortSignal): Promise<number> {
  const limit = MINUTES_A_TIME[database.edition === 'embedded' ? 'embedded' : 'server']
  let replaced = 0
  while (!signal.aborted) {
    const minutes = await database.query<DirtyMinute>(sql`
      select creator_id, bucket, version from dirty
      where bucket < (select until from materialized where level = ${levels[0]?.name})
      order by bucket, creator_id limit ${limit}::int`)
    if (minutes.length === 0) break
    const done = await replace(database, minutes)
    replaced += done.rows
    // Marked again meanwhile: the next run does it.
    if (minutes.length < limit || done.minutes === 0) break
  }
  return replaced
}

/** Sums the buckets of these minutes again, wherever a level reaches them. */
function replace(database: Database, minutes: readonly DirtyMinute[]) {
  return database.transaction(async (tx) => {
    await lock(tx, levels)
    const until = await lockReach(tx)
    let rows = 0
    for (const level of levels) {
      const buckets = bucketsOf(minutes, level, until.get(level.name) ?? 0)
      if (buckets.length === 0) continue
      const asked = sql`unnest(${buckets.map(({ creator_id }) => creator_id)}::text[],
        ${buckets.map(({ at }) => iso(at))}::timestamptz[]) as s (creator_id, bucket)`
      await tx.query(sql`
        delete from ${raw(level.view)} t using ${asked}
        where t.creator_id = s.creator_id and t.bucket = s.bucket`)
      rows += await insert(
        tx,
        level,
        sql`${asked} cross join lateral (
          ${source(level)} and x.${time(level)} >= s.bucket
            and x.${time(level)} < s.bucket + ${raw(level.width)} offset 0) e`,
      )
    }
    return { rows, minutes: await dropMarks(tx, minutes) }
  })
}

function bucketsOf(minutes: readonly DirtyMinute[], { widthMs }: Level, until: number) {
  const found = new Map<string, { creator_id: string; at: number }>()
  for (const { creator_id, bucket } of minutes) {
    const at = floor(bucket.getTime(), widthMs)
    if (at < until) found.set(`${at} ${creator_id}`, { creator_id, at })
  }
  return [...found.values()]
}

/**
 * Whoever deletes a creator waits, or has gone: else sums of its events could come in behind. In the order in
 * which tables are deleted from.
 */
async function lock(tx: Transaction, of: readonly Level[]): Promise<void> {
  const tables = of.map(({ view }) => view).sort()
  await tx.query(sql`lock table ${raw(tables.join(', '))} in share row exclusive mode`)
}

/** How far each level reaches; nobody moves that before the end of the transaction. */
async function lockReach(tx: Transaction): Promise<Map<string, number>> {
  const rows = await tx.query<{ level: string; until: Date }>(
    sql`select level, until from materialized order by level for update`,
  )
  return new Map(rows.map(({ level, until }) => [level, until.getTime()]))
}

async function insert(tx: Transaction, level: Level, from: Sql): Promise<number> {
  const [row] = await tx.query<{ n: number }>(sql`
    with added as (
      insert into ${raw(level.view)} (${raw(aggregateColumns.join(', '))})
      ${aggregateSql(level, from)} returning 1
    ) select count(*)::int as n from added`)
  return row?.n ?? 0
}

const time = (level: Level): Sql => raw(sourceOf(level).time)

/** What a level sums of a creator `s`. The `offset 0` after it makes it one index lookup each. */
const source = (level: Level): Sql =>
  sql`select * from ${raw(sourceOf(level).table)} x where x.creator_id = s.creator_id`

/** The first bucket from `from` on that has something to sum. */
async function nextSource(
  tx: Transaction,
  level: Level,
  from: number,
): Promise<number | undefined> {
  const [row] = await tx.query<{ next: Date | null }>(sql`
    select min(first.at) as next from counters s cross join lateral (
      select x.${time(level)} as at from ${raw(sourceOf(level).table)} x
      where x.creator_id = s.creator_id and x.${time(level)} >= ${iso(from)}::timestamptz
      order by 1 limit 1
    ) first`)
  return row?.next ? floor(row.next.getTime(), level.widthMs) : undefined
}

function dirtyWithin(database: Queryable, from: number, to: number): Promise<DirtyMinute[]> {
  return database.query<DirtyMinute>(sql`
    select creator_id, bucket, version from dirty
    where bucket >= ${iso(from)}::timestamptz and bucket < ${iso(to)}::timestamptz`)
}

/**
 * Marks whose version is the one read before their minutes were summed: an event that was not summed has
 * raised it, or its writer still holds the row. Returns how many went.
 */
async function dropMarks(tx: Transaction, minutes: readonly DirtyMinute[]): Promise<number> {
  if (minutes.length === 0) return 0
  const rows = await tx.query(sql`
    with held as (
      select d.creator_id, d.bucket from dirty d join unnest(
        ${minutes.map(({ creator_id }) => creator_id)}::text[],
        ${minutes.map(({ bucket }) => bucket.toISOString())}::timestamptz[],
        ${minutes.map(({ version }) => version)}::bigint[]
      ) as s (creator_id, bucket, version) using (creator_id, bucket, version)
      for update of d skip locked
    )
    delete from dirty d using held
    where d.creator_id = held.creator_id and d.bucket = held.bucket
    returning 1`)
  return rows.length
}
