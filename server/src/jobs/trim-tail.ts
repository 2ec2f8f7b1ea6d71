import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Config } from '../core/config/config.ts'
import { every } from '../core/every.ts'
import type { Log } from '../core/log.ts'

const INTERVAL_MS = 60_000
const ROWS_A_TIME = 10_000

export interface TrimTailDeps {
  readonly database: Database
  readonly config: Pick<Config, 'tailRetentionS' | 'tailHoldS'>
  readonly log: Log
}

/** Drops rows older than the tail keeps; several nodes may do it at once, each row is deleted once. */
export function createTailTrim(deps: TrimTailDeps): AsyncDisposable {
  const failed = (error: unknown) => deps.log.warn({ err: error }, 'failed to trim the tail')
  return every({ intervalMs: INTERVAL_MS, failed }, () => trimTail(deps))
}

/**
 * One run: everything old enough, except what comes after the newest checkpoint of its creator. A checkpoint
 * without a newer one for long holds nothing any more, and a creator without one is read from the log: so the
 * tail is trimmed even if nobody writes checkpoints.
 */
export async function trimTail({ database, config }: Omit<TrimTailDeps, 'log'>): Promise<void> {
  let rows = ROWS_A_TIME
  while (rows === ROWS_A_TIME) {
    const dropped = await database.query<{ n: number }>(sql`
      with newest as (
        select creator_id, max(k.seq) as seq
        from checkpoints k join counters c using (creator_id, generation)
        where k.written_at > now() - make_interval(secs => ${config.tailHoldS}::float8)
        -- Of each release that runs: the one that is behind still needs the tail.
        group by creator_id, k.fold_version
      ), held as (
        select creator_id, min(seq) as after from newest group by creator_id
      ), old as (
        select t.creator_id, t.seq from tail t left join held h using (creator_id)
        where t.written_at < now() - make_interval(secs => ${config.tailRetentionS}::float8)
          and (h.after is null or t.seq <= h.after)
        order by t.written_at limit ${ROWS_A_TIME}::int for update of t skip locked
      ), gone as (
        delete from tail using old
        where tail.creator_id = old.creator_id and tail.seq = old.seq returning 1
      ) select count(*)::int as n from gone`)
    rows = dropped[0]?.n ?? 0
  }
  // The embedded database has no autovacuum.
  if (database.edition === 'embedded') {
    await database.script('vacuum analyze tail, counters, claims, checkpoints')
  }
}
