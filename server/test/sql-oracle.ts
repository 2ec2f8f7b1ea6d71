import type { Database } from '@creatorflow/db/database'
import { join, raw, type Sql, sql } from '@creatorflow/db/sql'
import type { Totals } from '@creatorflow/shared/live-state'
import { type BaseMetric, baseMetricIds, type MetricId, metrics } from '@creatorflow/shared/metrics'

/** Every base metric of a scope by SQL over the log's columns, as the catalogue says. */
export async function catalogueTotals(
  database: Database,
  creatorId: string,
  where: { readonly session_id: string } | { readonly day: string },
): Promise<Totals> {
  const [by, within] =
    'session_id' in where
      ? (['session_id', sql`session_id = ${where.session_id}`] as const)
      : (['day', sql`day = ${where.day}`] as const)
  const [row] = await database.query<Totals>(sql`
    select ${baseMetricsBy(by)} from events where creator_id = ${creatorId} and ${within}`)
  return withoutZeros(row ?? {})
}

/** The same for each of a creator's LIVEs or days. */
export async function catalogueTotalsBy(
  database: Database,
  creatorId: string,
  by: 'session_id' | 'day',
): Promise<Map<string, Totals>> {
  const rows = await database.query<Totals & { of: string }>(sql`
    select ${raw(by)} as of, ${baseMetricsBy(by)} from events
    where creator_id = ${creatorId} and ${raw(by)} is not null group by ${raw(by)}`)
  return new Map(rows.map(({ of, ...totals }) => [of, withoutZeros(totals)]))
}

/** How a log is split for `catalogueParts`. */
export interface Split {
  /** SQL over a row of the log, such as `channel`. */
  readonly keys: readonly Sql[]
  readonly where: Sql
  /** Whether values from before the first report count. */
  readonly opening: boolean
}

/** Every base metric of parts of a log by SQL over its columns; people count once in each part. */
export async function catalogueParts(
  database: Database,
  creatorId: string,
  { keys, where, opening }: Split,
): Promise<{ keys: (string | number | null)[]; totals: Record<string, number | null> }[]> {
  const ids = baseMetricIds.filter((id) => metrics[id].merge !== 'last')
  const values = ids.map((id) => {
    const metric = metrics[id] as BaseMetric
    const [[type = '', columns] = []] = Object.entries(metric.from)
    const person = type === 'viewer_joined' ? 'user_id' : 'customer_id'
    if (!Array.isArray(columns)) {
      return sql`count(distinct ${raw(person)}) filter (where type = ${type})::bigint as ${raw(id)}`
    }
    if (metric.merge === 'max') {
      return sql`max(${raw(columns[0] ?? '')}) filter (where type = ${type})::bigint as ${raw(id)}`
    }
    return sql`${expression(id, 'day', opening)} as ${raw(id)}`
  })
  const names = keys.map((_, n) => raw(`k${n}`))
  const named = keys.map((key, n) => sql`${key} as ${raw(`k${n}`)}`)
  const rows = await database.query<Record<string, string | number | null>>(sql`
    select ${join([...named, ...values])} from events where creator_id = ${creatorId} and ${where}
    ${names.length > 0 ? sql`group by ${join(names)}` : raw('')}`)
  return rows.map((row) => ({
    keys: keys.map((_, n) => row[`k${n}`] ?? null),
    totals: Object.fromEntries(ids.map((id) => [id, row[id] as number | null])),
  }))
}

function baseMetricsBy(by: 'session_id' | 'day'): Sql {
  const scope = by === 'session_id' ? 'live' : 'day'
  const ids = baseMetricIds.filter((id) => {
    const metric = metrics[id] as BaseMetric
    return metric.merge !== 'last' && metric.scopes.includes(scope)
  })
  return join(ids.map((id) => sql`${expression(id, scope)} as ${raw(id)}`))
}

const sqlOf: Readonly<Record<string, string>> = { rows: '1', counted_rows: '(1 - excluded)' }

function expression(id: MetricId, scope: 'live' | 'day', opening = true): Sql {
  const metric = metrics[id] as BaseMetric
  const aggregate = metric.merge === 'max' ? 'max' : 'sum'
  const parts = Object.entries(metric.from).map(([type, from]) => {
    const all: string[] = Array.isArray(from) ? from : [(from as Record<string, string>)[scope]]
    const columns = all.filter((column) => opening || column !== 'opening')
    const value = columns.map((column) => sqlOf[column] ?? column).join(' + ')
    return sql`coalesce(${raw(aggregate)}(${raw(value)}) filter (where type = ${raw(`'${type}'`)}), 0)`
  })
  return sql`(${join(parts, ' + ')})::bigint`
}

/**
 * The same numbers of a LIVE from sent fields alone: no column decided by the write is read, so a counting
 * mistake shows here.
 */
export async function rawLiveTotals(
  database: Database,
  creatorId: string,
  sessionId: string,
): Promise<Totals> {
  const [row] = await database.query<Record<string, number>>(sql`
    with e as (
      select *, coalesce(quantity, 1) as q from events
      where creator_id = ${creatorId} and session_id = ${sessionId}
    ), paid as (
      select * from e where type = 'payment_completed'
        and currency = (select currency from creators where id = ${creatorId})
    ), streaks as (
      select max(q) as q, max((properties->>'diamond_count')::bigint) as diamonds
      from e where type = 'gift' and properties ? 'streak_id'
      group by user_id, properties->>'gift_id', properties->>'streak_id'
    ), singles as (
      select q, (properties->>'diamond_count')::bigint as diamonds
      from e where type = 'gift' and not properties ? 'streak_id'
    ), gifts as (select * from streaks union all select * from singles)
    select
      (select coalesce(sum(amount), 0) from paid)::bigint as gmv,
      (select count(distinct coalesce(order_id, id)) from paid)::bigint as main_orders,
      (select count(distinct (coalesce(order_id, id), coalesce(sku_id, product_id, id))) from paid)::bigint
        as sku_orders,
      (select coalesce(sum(q), 0) from paid)::bigint as items_sold,
      (select coalesce(sum(q), 0) from gifts)::bigint as gifts,
      (select coalesce(sum(q * diamonds), 0) from gifts)::bigint as diamonds,
      (coalesce(max((properties->>'total')::bigint) filter (where type = 'like'), 0)
        + coalesce(sum(q) filter (where type = 'like' and not coalesce(properties ? 'total', false)), 0)
      )::bigint as likes,
      coalesce(sum(q) filter (where type = 'viewer_joined'), 0)::bigint as views,
      count(distinct user_id) filter (where type = 'viewer_joined')::bigint as viewers,
      count(distinct customer_id) filter (where type = 'payment_completed')::bigint as customers,
      coalesce(max(q) filter (where type = 'viewer_count'), 0)::bigint as peak_viewers,
      coalesce(sum(q) filter (where type = 'product_click'), 0)::bigint as product_clicks,
      coalesce(sum(q) filter (where type = 'product_impression'), 0)::bigint as product_impressions,
      coalesce(sum(q) filter (where type = 'comment'), 0)::bigint as comments,
      count(distinct order_id) filter (where type = 'order_created')::bigint as created_orders
    from e`)
  return withoutZeros(row ?? {})
}

export function withoutZeros(totals: Readonly<Record<string, number | undefined>>): Totals {
  return Object.fromEntries(
    Object.entries(totals).filter(([, value]) => value !== undefined && value !== 0),
  )
}

/** Those entries of `totals` that `wanted` has, for an oracle that knows only some metrics. */
export function pick(totals: Totals, wanted: Totals): Totals {
  return Object.fromEntries(
    Object.keys(wanted).map((id) => [id, totals[id as MetricId] ?? 0]),
  ) as Totals
}
