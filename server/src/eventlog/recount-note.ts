import { sql } from '@creatorflow/db/sql'

/** Of `resettle r`: whether a process is at it now. */
export const isRunning = sql`coalesce(r.beat_at > clock_timestamp() - interval '10 seconds', false)`

/** Of `resettle r`: how much of it is done, 0 to 100; null while nobody is at it. */
export const percentDone = sql`case when ${isRunning} then (100 * r.rows_done / greatest(1, r.rows_total))::int end`

/** Of `resettle r`: only minutes are estimates, and the recount waits until the LIVE is over. */
export const waitsForEnd = sql`(r.failures = 0 and r.retry_at > clock_timestamp())`
