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
}
export type LevelName = Level['name']

const level = (name: LevelName, width: string, widthMs: number): Level => ({
  name,
  width: `interval '${width}'`,
  widthMs,
  view: `events_${name}`,
  archive: `archive_${name}`,
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
  const create = edition === 'timescale-community' ? continuous : table
  // New aggregates are empty and have no policies.
  const forget = `delete from materialized; delete from schema_migrations where name = '${POLICIES}';`
  return [dropTenantViews, dropAggregates, forget, ...levels.map(create)].join('\n')
}

// They depend on the aggregates and are created after them.
export const dropTenantViews = 'drop schema if exists tenant cascade;'

// Of another edition or release they may be of another kind. Only TimescaleDB has the catalog of its aggregates.
const dropAggregates = `do $$
declare
  own record;
  is_continuous boolean;
begin
  for own in
    select relname as name, relkind as kind from pg_class
    where relnamespace = 'public'::regnamespace and relname in ('events_1d', 'events_15m', 'events_1m')
    order by array_position(array['events_1d', 'events_15m', 'events_1m'], relname::text)
  loop
    is_continuous := false;
    if exists (select from pg_extension where extname = 'timescaledb') then
      select exists (select from timescaledb_information.continuous_aggregates
        where view_name = own.name and view_schema = 'public') into is_continuous;
    end if;
    execute format('drop %s %I',
      case when is_continuous then 'materialized view' when own.kind = 'v' then 'view' else 'table' end, own.name);
  end loop;
end $$;`

/** Filled by the job that refreshes history. */
function table(of: Level): string {
  return `create table ${of.view} as ${aggregateSelect(of)} with no data;
  create index on ${of.view} (creator_id, type, bucket);
  create index on ${of.view} (creator_id, bucket);`
}

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
