import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Readiness } from '../../../core/readiness.ts'

/** Deliveries wait a second for a process that sends; so long means that none does. */
const LATE_S = 120

/** What `/readyz` says of alerts: nothing while all is well. */
export async function alertsReadiness(database: Database): Promise<Readiness['parts']> {
  const [row] = await database
    .query<{ late: number; paused: number }>(sql`
      select (
        select count(*)::int from alert_deliveries d join alert_targets t on t.id = d.target_id
        where d.state = 'waiting' and d.next_at < clock_timestamp() - make_interval(secs => ${LATE_S}::float8)
          and t.enabled and t.ended_at is null
          and (t.paused_until is null or t.paused_until < clock_timestamp() - make_interval(secs => ${LATE_S}::float8))
      ) as late, (
        select count(*)::int from alert_targets where enabled and paused_until > clock_timestamp()
      ) as paused`)
    .catch(() => [])
  if (!row) return {}
  if (row.late > 0) {
    const what = row.late === 1 ? '1 alert waits' : `${row.late} alerts wait`
    const detail = `${what} to be sent; is a process with the jobs role running?`
    return { alerts: { ok: false, detail } }
  }
  if (row.paused === 0) return {}
  const what = row.paused === 1 ? '1 target doesn’t' : `${row.paused} targets don’t`
  return { alerts: { ok: true, detail: `${what} accept alerts; see Settings, Notifications` } }
}
