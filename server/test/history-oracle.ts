import { levels } from '@creatorflow/db/aggregates'
import type { Queryable } from '@creatorflow/db/database'
import { raw, sql } from '@creatorflow/db/sql'

const keys = 'session_id, type, product_id, channel, traffic_source, bucket'
const sums = [
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
const sumOf = (column: string) => `sum(${column})::bigint`
const asMaxima = 'max(level), max(high)'

/**
 * Buckets of every level whose exact view differs from the log's sums, as `level creator bucket`; each level
 * in one statement, so in one snapshot. The sums of the log are written independently of the aggregates'.
 */
export async function wrongBuckets(
  database: Queryable,
  creatorIds: readonly string[],
): Promise<string[]> {
  const wrong: string[] = []
  for (const { name, width, widthMs, history } of levels) {
    const since = new Date(Date.UTC(2016, 0, 1)).toISOString()
    const before = new Date(Math.ceil((Date.now() + 3_600_000) / widthMs) * widthMs).toISOString()
    for (const creatorId of creatorIds) {
      const rows = await database.query<{ bucket: Date }>(sql`
        with shown as (
          select ${raw(keys)}, sum(rows)::bigint, ${raw(sums.map(sumOf).join(', '))}, ${raw(asMaxima)}
          from ${raw(history)}(${creatorId}, ${since}::timestamptz, ${before}::timestamptz)
          group by ${raw(keys)}
        ), logged as (
          select ${raw(keys)}, count(*), ${raw(sums.map(sumOf).join(', '))}, ${raw(asMaxima)}
          from (
            select *, date_bin(${raw(width)}, ts, timestamptz '2016-01-01T00:00:00Z') as bucket
            from events where creator_id = ${creatorId}
          ) e group by ${raw(keys)}
        ), difference as (
          (table shown except all table logged) union all (table logged except all table shown)
        ) select distinct bucket from difference order by 1`)
      wrong.push(...rows.map(({ bucket }) => `${name} ${creatorId} ${bucket.toISOString()}`))
    }
  }
  return wrong
}
