import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Job } from '../../core/job.ts'

/** Days that what was told is kept, so that it can be told again. */
const OUTBOX_DAYS = 30
/** Days after which nobody asks how a LIVE's rules stood. */
const STATE_DAYS = 8

/** Deletes what is past its time. */
export function forgetAlertsJob(database: Database, keptDays: number): Job {
  return {
    name: 'forget-alerts',
    title: 'Delete old alert episodes',
    cron: '40 3 * * *',
    per: 'installation',
    async run() {
      await database.query(sql`
        delete from alert_outbox where created_at < clock_timestamp() - make_interval(days => ${OUTBOX_DAYS})`)
      await database.query(sql`
        delete from alert_states
        where phase = 'normal' and session_id <> ''
          and changed_at < clock_timestamp() - make_interval(days => ${STATE_DAYS})`)
      await database.query(sql`
        delete from alert_episodes
        where ended_at is not null and fired_at < clock_timestamp() - make_interval(days => ${keptDays})`)
      await database.query(sql`delete from alert_silences where until < clock_timestamp()`)
      await database.query(sql`
        delete from alert_rules r
        where deleted_at < clock_timestamp() - make_interval(days => ${keptDays})
          and origin is null
          and not exists (
            select 1 from alert_episodes e where e.creator_id = r.creator_id and e.rule_id = r.id)`)
    },
  }
}
