import { levels } from '@creatorflow/db/aggregates'
import type { TenantRead } from '@creatorflow/db/database'
import { join, raw, type Sql, sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { HistoryDimension } from '@creatorflow/shared/features/history'
import type { BaseRead } from './calculate.ts'

export interface HistoryRow {
  readonly key: string | null
  /** Position in the list of buckets. */
  readonly bucket: number
  readonly [column: string]: number | string | null
}

export interface HistoryLive {
  readonly session_id: string
  readonly started_at: Date
  readonly inferred: boolean
  readonly ended_at: Date | null
  readonly last_at: Date
}

/** What a range is read for: sums of `reads` by bucket, and by a column of the log when there is one. */
export interface Reading {
  readonly reads: readonly BaseRead[]
  readonly by: HistoryDimension | undefined
  /** Starts of the buckets and the end of the last one, epoch ms. */
  readonly bounds: readonly number[]
  /** Only these LIVEs; null: what belongs to none. */
  readonly sessions?: readonly (string | null)[]
  readonly limit: number
}

export const columnOf: Record<HistoryDimension, string> = {
  session: 'session_id',
  product: 'product_id',
  channel: 'channel',
  traffic_source: 'traffic_source',
}

export async function selectCreator(
  read: TenantRead,
  { creatorId }: Tenant,
): Promise<HistoryCreator | undefined> {
  const [row] = await read.query<HistoryCreator>(sql`
    select time_zone, currency, clock_timestamp() as now, exists (
      select from log_bases b, retention r where b.creator_id = c.id and b.until <= r.kept_since
    ) as is_partial
    from creators c where id = ${creatorId}`)
  return row
}

export interface HistoryCreator {
  readonly time_zone: string
  readonly currency: string
  readonly now: Date
  /** Whether events of it were dropped. */
  readonly is_partial: boolean
}

/** Sums and maxima by key and bucket, exact at the moment of the statement. */
export function selectSums(
  read: TenantRead,
  tenant: Tenant,
  reading: Reading,
): Promise<HistoryRow[]> {
  const { reads, sessions, limit } = reading
  const types = [...new Set(reads.flatMap(({ feeds }) => feeds.map(({ type }) => type)))]
  return read.query<HistoryRow>(sql`
    select ${keyAndBucket(reading, 'bucket')}, ${join([...reads.map(aggregated), raw('')])}
      sum(opening)::bigint as opening,
      coalesce(sum(excluded) filter (where type = 'payment_completed'), 0)::bigint as excluded_orders,
      coalesce(sum(excluded) filter (where type not in ('payment_completed', 'viewer_count')), 0)::bigint as excluded_entries
    from (${sourceOf(tenant, reading.bounds)}) h
    where type = any(${types}::text[]) ${ofSessions(sessions)}
    group by 1, 2 limit ${limit}::int`)
}

const columnSql = (column: string) => (column === 'counted_rows' ? '(rows - excluded)' : column)

function aggregated({ id, max, feeds }: BaseRead): Sql {
  const parts = feeds.map(({ type, columns }) => {
    const value = columns.length > 0 ? columns.map(columnSql).join(' + ') : '0'
    return sql`${raw(max ? 'max' : 'sum')}(${raw(value)}) filter (where type = ${type})`
  })
  const whole = max
    ? sql`greatest(${join(parts)})`
    : join(
        parts.map((part) => sql`coalesce(${part}, 0)`),
        ' + ',
      )
  return sql`(${whole})::bigint as ${raw(id)}`
}

/** Distinct people by key and bucket, from the log: first sights add up only for a LIVE or a local day. */
export function selectPeople(
  read: TenantRead,
  { creatorId }: Tenant,
  reading: Reading,
  type: string,
): Promise<HistoryRow[]> {
  const { bounds } = reading
  return read.query<HistoryRow>(sql`
    select ${keyAndBucket(reading, 'ts')}, count(distinct ${raw(peopleOf(type).column)})::bigint as people
    from events
    where creator_id = ${creatorId} and ts >= ${iso(bounds[0])}::timestamptz
      and ts < ${iso(bounds.at(-1))}::timestamptz and type = ${type} ${ofSessions(reading.sessions)}
    group by 1, 2 limit ${reading.limit}::int`)
}

function ofSessions(sessions: Reading['sessions']): Sql {
  if (!sessions) return raw('')
  const named = sql`session_id = any(${sessions.filter((id) => id !== null)}::text[])`
  return sessions.includes(null) ? sql`and (${named} or session_id is null)` : sql`and ${named}`
}

/** Distinct people of whole local days: everybody counts on the first of them. */
export async function countOnDays(
  read: TenantRead,
  { creatorId }: Tenant,
  type: string,
  { first, last }: LocalDays,
): Promise<number> {
  const [row] = await read.query<{ people: number }>(sql`
    select coalesce(sum(people), 0)::bigint as people from people_days
    where creator_id = ${creatorId} and kind = ${peopleOf(type).claim}
      and day >= ${first} and day <= ${last} and seen_before < ${first}`)
  return row?.people ?? 0
}

/** Local dates, both included. */
export interface LocalDays {
  readonly first: string
  readonly last: string
}

/** Distinct people of spans of time that were not seen on whole local days; epoch ms. */
export async function countBeside(
  read: TenantRead,
  { creatorId }: Tenant,
  type: string,
  spans: readonly (readonly [number, number])[],
  { first, last }: LocalDays,
): Promise<number> {
  const { column, claim } = peopleOf(type)
  const within = spans.map(
    ([since, before]) =>
      sql`(ts >= ${iso(since)}::timestamptz and ts < ${iso(before)}::timestamptz)`,
  )
  const beside = spans.map(
    (_, n) => sql`
    select distinct ${raw(column)} as person from events
    where creator_id = ${creatorId} and type = ${type} and ${within[n] ?? raw('false')}`,
  )
  // The key of a claim begins with the person and ends with the day. Both ends are values of a subquery of their own:
  // as expressions they would not pass the barrier of the view, and every claim would be read for each person.
  const key = (day: string) => sql`'[' || to_json(person)::text || ',"' || ${day} || '"]'`
  const [row] = await read.query<{ people: number }>(sql`
    select count(*)::bigint as people from (
      select ${key(first)} as low, ${key(last)} as high from (${join(beside, ' union ')}) b
      where person is not null offset 0
    ) p
    where not exists (
      select from claims c where c.creator_id = ${creatorId} and c.kind = ${claim}
        and c.key >= p.low and c.key <= p.high offset 0)`)
  return row?.people ?? 0
}

/** The LIVEs that were on air in a range, and those of `sessions`, in order of their start. */
export function selectLives(
  read: TenantRead,
  { creatorId }: Tenant,
  bounds: readonly number[],
  sessions: readonly string[],
  limit: number,
): Promise<HistoryLive[]> {
  return read.query<HistoryLive>(sql`
    select session_id, started_at, inferred, ended_at, last_at from lives
    where creator_id = ${creatorId} and (
      started_at < ${iso(bounds.at(-1))}::timestamptz
        and greatest(ended_at, last_at) >= ${iso(bounds[0])}::timestamptz
      or session_id = any(${sessions}::text[]))
    order by started_at, session_id limit ${limit}::int`)
}

/** What a first sight of each type is of: the column of the log, and the claim of a local day. */
function peopleOf(type: string): { column: string; claim: string } {
  return type === 'viewer_joined'
    ? { column: 'user_id', claim: 'viewer_day' }
    : { column: 'customer_id', claim: 'customer_day' }
}

function keyAndBucket({ by, bounds }: Reading, time: 'bucket' | 'ts'): Sql {
  const starts = bounds.slice(0, -1).map(iso)
  return sql`${raw(by ? columnOf[by] : 'null::text')} as key,
    width_bucket(${raw(time)}, ${starts}::timestamptz[]) - 1 as bucket`
}

/** The rows of a range: from the coarsest level that keeps the buckets apart, its edges from finer ones. */
function sourceOf({ creatorId }: Tenant, bounds: readonly number[]): Sql {
  const pieces = bounds.length === 2 ? piecesOf(bounds) : [piece(bounds, coarsest(bounds))]
  return join(
    pieces.map(
      ({ history, since, before }) =>
        sql`select * from ${raw(history)}(${creatorId}, ${iso(since)}::timestamptz, ${iso(before)}::timestamptz)`,
    ),
    ' union all ',
  )
}

interface Piece {
  readonly history: string
  readonly since: number
  readonly before: number
}

function piece(bounds: readonly number[], history: string): Piece {
  return { history, since: bounds[0] ?? 0, before: bounds.at(-1) ?? 0 }
}

function coarsest(bounds: readonly number[]): string {
  const fitting = levels.filter(({ widthMs }) => bounds.every((at) => at % widthMs === 0))
  return (fitting.at(-1) ?? levels[0])?.history ?? ''
}

/** One bucket: whole UTC days in the middle, quarters and minutes at its edges. */
export function piecesOf(bounds: readonly number[]): Piece[] {
  let [since = 0, before = 0] = bounds
  const head: Piece[] = []
  const tail: Piece[] = []
  for (const [index, { history, widthMs }] of levels.entries()) {
    const coarser = levels[index + 1]
    const from = coarser ? Math.ceil(since / coarser.widthMs) * coarser.widthMs : before
    const to = coarser ? Math.floor(before / coarser.widthMs) * coarser.widthMs : before
    if (!coarser || from >= to || widthMs > before - since) {
      head.push({ history, since, before })
      break
    }
    if (since < from) head.push({ history, since, before: from })
    if (to < before) tail.push({ history, since: to, before })
    since = from
    before = to
  }
  return [...head, ...tail].filter((part) => part.since < part.before)
}

const iso = (ms: number | undefined): string => new Date(ms ?? 0).toISOString()
