import { type Sql, sql } from '@creatorflow/db/sql'
import type { LiveRow } from '../eventlog/accepted-event.ts'
import { instant, type Projection } from './projection.ts'

/** When each LIVE started and ended. */
export const lives: Projection = {
  table: 'lives',
  personal: [],
  write: (batch) => [upsertLives(batch.lives)],
  rederived: {
    columns: ['creator_id', 'session_id', 'started_at', 'inferred', 'ended_at', 'last_at'],
    rows: (of) => of.lives,
    isReplaced: (of) =>
      sql`session_id = any(${of.lives.map(({ session_id }) => session_id)}::text[])`,
  },
}

function upsertLives(lives: readonly LiveRow[]): Sql | undefined {
  if (lives.length === 0) return undefined
  return sql`
    insert into lives (creator_id, session_id, started_at, inferred, ended_at, last_at)
    select * from unnest(
      ${lives.map((l) => l.creator_id)}::text[],
      ${lives.map((l) => l.session_id)}::text[],
      ${lives.map((l) => instant(l.started_at))}::timestamptz[],
      ${lives.map((l) => l.inferred)}::boolean[],
      ${lives.map((l) => instant(l.ended_at))}::timestamptz[],
      ${lives.map((l) => instant(l.last_at))}::timestamptz[]
    )
    on conflict (creator_id, session_id)
    do update set started_at = excluded.started_at, inferred = excluded.inferred,
      ended_at = excluded.ended_at, last_at = excluded.last_at`
}
