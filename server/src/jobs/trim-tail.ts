import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'

const INTERVAL_MS = 60_000
const ROWS_A_TIME = 10_000

/** Drops what is older than the tail keeps; several nodes may do it at once, each row goes once. */
export function createTailTrim({
  database,
  config,
  log,
}: {
  readonly database: Database
  readonly config: Pick<Config, 'tailRetentionS'>
  readonly log: Log
}): AsyncDisposable {
  let running: Promise<void> = Promise.resolve()

  async function trim(): Promise<void> {
    let rows = ROWS_A_TIME
    while (rows === ROWS_A_TIME) {
      const dropped = await database.query<{ n: number }>(sql`
        with old as (
          select creator_id, seq from tail
          where written_at < now() - make_interval(secs => ${config.tailRetentionS}::float8)
          order by written_at limit ${ROWS_A_TIME}::int for update skip locked
        ), gone as (
          delete from tail using old
          where tail.creator_id = old.creator_id and tail.seq = old.seq returning 1
        ) select count(*)::int as n from gone`)
      rows = dropped[0]?.n ?? 0
    }
    // The embedded database has no autovacuum of its own.
    if (database.edition === 'embedded')
      await database.script('vacuum analyze tail, counters, claims')
  }

  const timer = setInterval(() => {
    running = trim().catch((error: unknown) => log.warn({ err: error }, 'the tail was not trimmed'))
  }, INTERVAL_MS)
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await running
    },
  }
}
