import { sql } from '@creatorflow/db/sql'

/** From `resettle r`: whether a process is working on it now. */
export const isRunning = sql`coalesce(r.beat_at > clock_timestamp() - interval '10 seconds', false)`

/** From `resettle r`: its progress, 0 to 100; null while nobody works on it. */
export const percentDone = sql`case when ${isRunning} then (100 * r.rows_done / greatest(1, r.rows_total))::int end`

/** From `resettle r`: only minutes are estimates, and the recount waits until the LIVE is over. */
export const waitsForEnd = sql`(r.failures = 0 and r.retry_at > clock_timestamp())`
