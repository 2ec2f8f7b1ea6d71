import { levels } from '@creatorflow/db/aggregates'
import type { TenantReads } from '@creatorflow/db/database'
import { raw, sql } from '@creatorflow/db/sql'
import { serverTenant } from '../src/core/rights/authorize.ts'
import { historyRows, readHistoryMarks } from '../src/eventlog/history.ts'

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
 * Buckets of every level whose exact rows differ from the log's sums, as `level creator bucket`; each creator in one
 * snapshot. The sums of the log are written independently of the aggregates'.
 */
export async function wrongBuckets(
  database: TenantReads,
  creatorIds: readonly string[],
): Promise<string[]> {
  const wrong: string[] = []
  for (const creatorId of creatorIds) {
    const tenant = serverTenant(creatorId)
    await database.readAs(tenant, async (read) => {
      const marks = await readHistoryMarks(read, tenant)
      for (const { name, width, widthMs } of levels) {
        const before = Math.ceil((Date.now() + 3_600_000) / widthMs) * widthMs
        const piece = { level: name, since: Date.UTC(2016, 0, 1), before }
        const bucketOf = (time: string) =>
          raw(`date_bin(${width}, ${time}, timestamptz '2016-01-01T00:00:00Z') as bucket`)
        const rows = await read.query<{ bucket: Date }>(sql`
          with shown as (
            select ${raw(keys)}, sum(rows)::bigint, ${raw(sums.map(sumOf).join(', '))}, ${raw(asMaxima)}
            from (
              select rows, ${raw(columns)}, ${bucketOf('h.bucket')}
              from (${historyRows(tenant, [piece], marks)}) h
            ) e group by ${raw(keys)}
          ), logged as (
            select ${raw(keys)}, count(*), ${raw(sums.map(sumOf).join(', '))}, ${raw(asMaxima)}
            from (
              select ${raw(columns)}, ${bucketOf('ts')}
              from events where creator_id = ${creatorId}
            ) e group by ${raw(keys)}
          ), difference as (
            (table shown except all table logged) union all (table logged except all table shown)
          ) select distinct bucket from difference order by 1`)
        wrong.push(...rows.map(({ bucket }) => `${name} ${creatorId} ${bucket.toISOString()}`))
      }
    })
  }
  return wrong
}

const columns = `${keys.replace(', bucket', '')}, ${sums.join(', ')}, level, high`
