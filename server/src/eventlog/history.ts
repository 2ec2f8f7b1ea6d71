import {
  aggregateColumns,
  incrementColumns,
  type LevelName,
  levelColumns,
  levels,
} from '@creatorflow/db/aggregates'
import type { Queryable } from '@creatorflow/db/database'
import { join, raw, type Sql, sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { MINUTE_MS } from '@creatorflow/shared/live-state'

/** A range of time, epoch ms. */
interface Span {
  readonly since: number
  readonly before: number
}

/** A part of a range on whole buckets of a level, which is the coarsest one it may be read from. */
export interface Piece extends Span {
  readonly level: LevelName
}

/** Where the aggregates of a creator are right, as of one moment. */
export interface HistoryMarks {
  /** Older events are in the archive. */
  readonly keptSince: number
  /** How far each level reaches; one that is missing has not begun. It never grows from fine to coarse. */
  readonly until: Readonly<Partial<Record<LevelName, number>>>
  /** Minutes that got late events, in order. */
  readonly dirty: readonly Span[]
}

/** Rows of one table to read. */
export interface Place extends Span {
  readonly table: string
}

/** More ranges of one table are joined to it: planning so many scans takes longer than they do. */
const MOST_SCANS = 4

/** For statements of the same snapshot: a later one may find the rows elsewhere. */
export async function readHistoryMarks(
  database: Queryable,
  { creatorId }: Tenant,
): Promise<HistoryMarks> {
  const [row] = await database.query<{
    kept_since: Date
    until: HistoryMarks['until'] | null
    dirty: readonly (readonly [number, number])[] | null
  }>(sql`
    select kept_since, (select json_object_agg(level, extract(epoch from until) * 1000) from materialized) as until,
      (select json_agg(json_build_array(since, before) order by since) from (
        select extract(epoch from min(bucket)) * 1000 as since, extract(epoch from max(bucket)) * 1000 as before
        from (
          select bucket, bucket - row_number() over (order by bucket) * interval '1 minute' as island
          from dirty where creator_id = ${creatorId}
        ) m group by island
      ) i) as dirty
    from retention`)
  if (!row) throw new Error('the row of retention is missing')
  return {
    keptSince: row.kept_since.getTime(),
    until: row.until ?? {},
    dirty: (row.dirty ?? []).map(([since, last]) => ({ since, before: last + MINUTE_MS })),
  }
}

/**
 * The rows of these pieces, of all or some types, always exact: with the columns of the aggregates, in buckets of the piece's level
 * or finer ones. A bucket may come in several rows: readers sum them. Every condition is a value, because nothing else
 * passes the barrier of the tenant views as an index condition.
 */
export function historyRows(
  { creatorId }: Tenant,
  pieces: readonly Piece[],
  marks: HistoryMarks,
  types?: readonly string[],
): Sql {
  const ofCreator = sql`e.creator_id = ${creatorId}`
  const ofTypes = types ? sql`e.type = any(${types}::text[])` : sql`true`
  const where = sql`${ofCreator} and ${ofTypes}`
  const scans = [...Map.groupBy(placesOf(pieces, marks), ({ table }) => table)].flatMap(
    ([table, places]) => {
      const { columns, time } = tables(table)
      if (places.length <= MOST_SCANS) {
        return places.map(
          ({ since, before }) => sql`select ${columns} from ${raw(table)} e where ${where}
            and e.${time} >= ${iso(since)}::timestamptz and e.${time} < ${iso(before)}::timestamptz`,
        )
      }
      // The `offset 0` makes it one index lookup each: of the log by time alone, because without statistics the planner
      // prefers an index by type, and reads all events of it each time.
      const [inner, outer] = table === 'events' ? [ofCreator, ofTypes] : [where, sql`true`]
      return [
        sql`select ${columns} from unnest(${places.map(({ since }) => iso(since))}::timestamptz[],
            ${places.map(({ before }) => iso(before))}::timestamptz[]) as p (since, before)
          cross join lateral (select * from ${raw(table)} e
            where ${inner} and e.${time} >= p.since and e.${time} < p.before offset 0) e
          where ${outer}`,
      ]
    },
  )
  if (scans.length > 0) return join(scans, ' union all ')
  return sql`select ${tables('').columns} from ${raw(levels[0]?.view ?? '')} e where false`
}

/** Where the rows of pieces are: sums as far as they are right, else those of the next finer level, finally the log. */
export function placesOf(
  pieces: readonly Piece[],
  { keptSince, until, dirty }: HistoryMarks,
): Place[] {
  const places: Place[] = []
  const add = (table: string, since: number, before: number) => {
    if (since < before) places.push({ table, since, before })
  }
  function cover(index: number, since: number, before: number, within: readonly Span[]): void {
    const dirty = within.filter((span) => span.since < before && span.before > since)
    const level = levels[index]
    if (since >= before) return
    if (!level) {
      add('events', since, before)
      return
    }
    const { widthMs } = level
    const reached = Math.max(since, Math.min(before, until[level.name] ?? since))
    let at = since
    for (const span of dirty) {
      const from = Math.max(at, span.since - (span.since % widthMs))
      const to = Math.min(reached, Math.ceil(span.before / widthMs) * widthMs)
      if (to <= from) continue
      add(level.view, at, from)
      cover(index - 1, from, to, dirty)
      at = to
    }
    add(level.view, at, reached)
    cover(index - 1, reached, before, dirty)
  }
  for (const { level, since, before } of pieces) {
    const index = levels.findIndex(({ name }) => name === level)
    add(levels[index]?.archive ?? '', since, Math.min(before, keptSince))
    cover(index, Math.max(since, keptSince), before, dirty)
  }
  return places
}

/** How the rows of a table are read as those of an aggregate: each event is a row of its own. */
function tables(name: string): { readonly columns: Sql; readonly time: Sql } {
  if (name !== 'events') {
    return {
      columns: raw(aggregateColumns.map((column) => `e.${column}`).join(', ')),
      time: bucket,
    }
  }
  const columns = aggregateColumns.map((column) => {
    if (column === 'bucket') return `time_bucket(interval '1 minute', e.ts) as bucket`
    if (column === 'rows') return '1::bigint as rows'
    return sumColumns.has(column) ? `e.${column}::bigint` : `e.${column}`
  })
  return { columns: raw(columns.join(', ')), time: raw('ts') }
}

const bucket = raw('bucket')
const sumColumns: ReadonlySet<string> = new Set([...incrementColumns, ...levelColumns])

const iso = (ms: number): string => new Date(ms).toISOString()
