import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Config } from '../core/config/config.ts'
import { withLease } from '../core/lease.ts'
import type { Log } from '../core/log.ts'

export const COLUMNSTORE_LEASE = 'columnstore'

/**
 * Turns TimescaleDB's columnstore for older events on or off, by its policy. By creator and number, as a log
 * is read; data already stored that way stays so.
 */
export async function applyColumnstore(
  database: Database,
  { columnstoreAfterDays: days }: Pick<Config, 'columnstoreAfterDays'>,
  log: Log,
): Promise<void> {
  if (database.edition !== 'timescale-community') {
    if (days > 0) {
      log.warn(
        `COLUMNSTORE_AFTER_DAYS is ignored: it needs TimescaleDB Community; this database is ${database.edition}`,
      )
    }
    return
  }
  const applied = withLease(database, COLUMNSTORE_LEASE, async () => {
    if ((await policyDays(database)) === days) return
    await database.script(`call remove_columnstore_policy('events', if_exists => true)`)
    if (days === 0) return
    await database.script(`
      alter table events set (timescaledb.enable_columnstore,
        timescaledb.segmentby = 'creator_id', timescaledb.orderby = 'seq');
      call add_columnstore_policy('events', after => interval '${days} days')`)
    log.info({ days }, 'events older than this move to the columnstore')
  })
  await applied.catch((error: unknown) =>
    log.warn(
      { err: error },
      'failed to update the columnstore policy; it stays unchanged until the next start',
    ),
  )
}

/** The age from which the policy works; 0 if there is none. */
async function policyDays(database: Database): Promise<number> {
  const [row] = await database.query<{ days: number }>(sql`
    select (extract(epoch from (config ->> 'compress_after')::interval) / 86400)::int as days
    from timescaledb_information.jobs
    where hypertable_schema = current_schema() and hypertable_name = 'events'
      and proc_name = 'policy_compression'`)
  return row?.days ?? 0
}
