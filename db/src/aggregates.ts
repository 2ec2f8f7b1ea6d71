import type { Edition } from './database.ts'
import { raw, type Sql, sql } from './sql.ts'
import { releaseOption } from './timescale-releases.ts'

/** A level of aggregates: buckets in UTC, each level summed from the one before. */
export interface Level {
  readonly name: '1m' | '15m' | '1d'
  readonly width: string
  readonly widthMs: number
  readonly view: string
  /** Table of the sums of events no longer in the log. */
  readonly archive: string
  /** Parameterized view that is always exact: (creator, since, before), on whole buckets. */
  readonly history: string
}
export type LevelName = Level['name']

const level = (name: LevelName, width: string, widthMs: number): Level => ({
  name,
  width: `interval '${width}'`,
  widthMs,
  view: `events_${name}`,
  archive: `archive_${name}`,
  history: `history_${name}`,
})

/** Fine to coarse: the order of refreshing. */
export const levels: readonly Level[] = [
  level('1m', '1 minute', 60_000),
  level('15m', '15 minutes', 900_000),
  level('1d', '1 day', 86_400_000),
]

const keys = ['creator_id', 'session_id', 'type', 'product_id', 'channel', 'traffic_source']
const increments = [
  'units',
  'opening',
  'money',
  'diamonds',
  'main_order',
  'sku_order',
  'live_first',
  'day_first',
  'ever_first',
  'excluded',
]
const maxima = ['level', 'high']

/** Columns that are plain sums, and those that keep the maximum. */
export const incrementColumns: readonly string[] = ['rows', ...increments]
export const levelColumns: readonly string[] = maxima

/** Every column of a level, in order. */
export const aggregateColumns: readonly string[] = [
  ...keys,
  'bucket',
  'rows',
  ...increments,
  ...maxima,
]

/** How long ago the youngest materialized bucket ended: nothing prompt can still arrive for it. */
export const SETTLE_MINUTES = 15

/** What a level sums: the log, or the level below. */
export const sourceOf = (of: Level): { table: string; time: string } => {
  const finer = levels[levels.indexOf(of) - 1]
  return finer ? { table: finer.view, time: 'bucket' } : { table: 'events', time: 'ts' }
}

/** The one SELECT of all levels and editions; `from`: the FROM and WHERE clauses, if not all of `e`. */
export function aggregateSelect(of: Level, from = `${sourceOf(of).table} e`): string {
  const isFinest = of === levels[0]
  const bucket = `time_bucket(${of.width}, e.${sourceOf(of).time})`
  const columns = [
    ...keys.map((key) => `e.${key}`),
    `${bucket} as bucket`,
    isFinest ? 'count(*) as rows' : 'sum(e.rows)::bigint as rows',
    ...increments.map((column) => `sum(e.${column})::bigint as ${column}`),
    ...maxima.map((column) => `max(e.${column}) as ${column}`),
  ]
  const groups = [...keys.map((key) => `e.${key}`), bucket]
  return `select ${columns.join(', ')} from ${from} group by ${groups.join(', ')}`
}

/** The same for clauses with their own values. */
export function aggregateSql(of: Level, from: Sql): Sql {
  const [before = '', after = ''] = aggregateSelect(of, FROM).split(FROM)
  return sql`${raw(before)}${from}${raw(after)}`
}
const FROM = '/* from */'

/** Name of the policy script. */
export const POLICIES = 'history/policies'

/** The statements that create `events_1m`, `events_15m` and `events_1d`; run again when they change. */
export function aggregatesScript(edition: Edition): string {
  const drop =
    edition === 'embedded'
      ? [...levels].reverse().map(({ view }) => `drop view if exists ${view};`)
      : [dropOnTimescale]
  const isCommunity = edition === 'timescale-community'
  const create = levels.map((of) =>
    isCommunity ? continuous(of) : `create view ${of.view} as ${aggregateSelect(of)};`,
  )
  // New aggregates are empty and have no policies.
  const forget = `delete from materialized; delete from schema_migrations where name = '${POLICIES}';`
  return [dropTenantViews, ...drop, forget, ...create].join('\n')
}

// They depend on the aggregates and are created after them.
export const dropTenantViews = 'drop schema if exists tenant cascade;'

// A server may have changed its edition since.
const dropOnTimescale = `do $$
declare
  name text;
begin
  foreach name in array array['events_1d', 'events_15m', 'events_1m'] loop
    if exists (select from timescaledb_information.continuous_aggregates
               where view_name = name and view_schema = current_schema()) then
      execute format('drop materialized view %I', name);
    else
      execute format('drop view if exists %I', name);
    end if;
  end loop;
end $$;`

/**
 * Materialized only: younger data is summed from the log by `history_…`, which knows how far the aggregates
 * were verified; TimescaleDB's own mark also passes over buckets that nobody refreshed.
 */
function continuous(of: Level): string {
  return `create materialized view ${of.view}
    with (timescaledb.continuous, timescaledb.materialized_only = true, timescaledb.create_group_indexes = false)
    as ${aggregateSelect(of)} with no data;
  create index on ${of.view} (creator_id, type, bucket);`
}

/** The statements that give each aggregate its policy; `release` is TimescaleDB's. */
export function policiesScript(release: string): string {
  return levels
    .map(
      ({ name, view }) => `select remove_continuous_aggregate_policy('${view}', if_exists => true);
select add_continuous_aggregate_policy('${view}', start_offset => interval '${policies[name].start}',
  end_offset => interval '${SETTLE_MINUTES} minutes', schedule_interval => interval '${policies[name].every}'${releaseOption('policyInOnePass', release)});`,
    )
    .join('\n')
}

// They keep the newest buckets materialized when no node has the role jobs; older ones are the job's alone,
// since one late event among prompt ones would make a policy without a start sum up everything in between.
const policies: Record<LevelName, { start: string; every: string }> = {
  '1m': { start: '6 hours', every: '5 minutes' },
  '15m': { start: '1 day', every: '15 minutes' },
  '1d': { start: '3 days', every: '1 hour' },
}

/**
 * The statements that create `history_1m`, `history_15m` and `history_1d`: rows with the columns of the
 * aggregates, always exact. A bucket may come in several rows: readers sum them.
 */
export function historyScript(edition: Edition): string {
  const keptRows = edition === 'timescale-community' ? exactRows : plainRows
  const types = aggregateColumns.map((column) => `${column} ${typeOf(column)}`).join(', ')
  return levels
    .map(
      (of) => `drop function if exists ${of.history};
create function ${of.history}(of_creator text, since timestamptz, before timestamptz)
returns table (${types}) language sql stable as $$
${keptRows(of)}
    union all ${archivedRows(of)}
$$;`,
    )
    .join('\n')
}

function typeOf(column: string): string {
  if (column === 'bucket') return 'timestamptz'
  return keys.includes(column) ? 'text' : 'bigint'
}

const keptSince = '(select kept_since from retention)'
/** Aggregates may still hold events no longer in the log. */
const since = `greatest($2, ${keptSince})`

/** Dropped events; rows past the mark are being prepared. */
function archivedRows({ archive }: Level): string {
  return `select ${aggregateColumns.map((column) => `e.${column}`).join(', ')} from ${archive} e
      where e.creator_id = $1 and e.bucket >= $2 and e.bucket < least($3, ${keptSince})`
}

function plainRows(of: Level): string {
  return `${logRows(of)} where e.creator_id = $1 and e.ts >= $2 and e.ts < $3`
}

/** Each event as a row of its own. */
function logRows(of: Level, source = 'events e'): string {
  const columns = [
    ...keys.map((key) => `e.${key}`),
    `time_bucket(${of.width}, e.ts)`,
    '1::bigint',
    ...increments.map((column) => `e.${column}::bigint`),
    ...maxima.map((column) => `e.${column}`),
  ]
  return `select ${columns.join(', ')} from ${source}`
}

/**
 * Aggregates as far as they are materialized and clean; for a dirty or younger bucket the next finer level,
 * finally the log. `materialized.until` never grows from fine to coarse.
 */
function exactRows(of: Level): string {
  const parts: string[] = []
  for (const [index, finer] of levels.entries()) {
    if (index > levels.indexOf(of)) break
    const coarser = finer === of ? undefined : levels[index + 1]
    const from = coarser ? `greatest(${since}, ${until(coarser)})` : since
    const rows = `${viewRows(of, finer)} from ${finer.view} e where e.creator_id = $1`
    parts.push(`${rows} and e.bucket >= ${from} and e.bucket < least($3, ${until(finer)})
        and ${notDirty(finer)}`)
    if (coarser) {
      parts.push(`${rows} and e.bucket = any(${bucketsOfDirty(finer, coarser)})
        and ${notDirty(finer)}`)
    }
  }
  const finest = levels[0] as Level
  parts.push(
    `${logRows(of)} where e.creator_id = $1 and e.ts >= greatest(${since}, ${until(finest)}) and e.ts < $3`,
    // The inner `offset 0` makes it one index scan per minute. The outer one keeps the end of a minute a
    // value: as a sum it would not pass the barrier.
    logRows(
      of,
      `(
        select bucket, bucket + ${finest.width} as until from dirty
        where creator_id = $1 and bucket >= ${since} and bucket < least($3, ${until(finest)}) offset 0
      ) d cross join lateral (
        select * from events where creator_id = $1 and ts >= d.bucket and ts < d.until offset 0
      ) e`,
    ),
  )
  return parts.join('\n    union all ')
}

/**
 * The buckets of a level within the dirty buckets of the next coarser one, as an array: a condition on it is an
 * index condition, which a join with the dirty buckets would not be behind a security barrier.
 */
function bucketsOfDirty(finer: Level, coarser: Level): string {
  return `array(
        select generate_series(d.bucket, d.bucket + ${coarser.width} - ${finer.width}, ${finer.width}) from (
          select distinct time_bucket(${coarser.width}, bucket) as bucket from dirty
          where creator_id = $1 and bucket >= ${since} and bucket < least($3, ${until(coarser)})
        ) d)`
}

/**
 * The `coalesce` stays inside the subquery. PostgreSQL treats expressions with COALESCE as leaky, keeps such
 * conditions outside the security barrier of the tenant views, and then reads all rows of the creator.
 */
const until = ({ name }: Level): string =>
  `(select coalesce(max(until), '-infinity') from materialized where level = '${name}')`

function notDirty({ width }: Level): string {
  return `not exists (select from dirty n where n.creator_id = $1 and n.bucket >= ${since} and n.bucket < $3
        and time_bucket(${width}, n.bucket) = e.bucket)`
}

function viewRows(of: Level, source: Level): string {
  const columns = aggregateColumns.map((column) =>
    column === 'bucket' && source !== of ? `time_bucket(${of.width}, e.bucket)` : `e.${column}`,
  )
  return `select ${columns.join(', ')}`
}
