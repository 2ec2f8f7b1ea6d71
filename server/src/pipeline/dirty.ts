import type { Transaction } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { MINUTE_MS } from '@creatorflow/shared/live-state'
import type { EventRow } from '../eventlog/event-row.ts'

/**
 * An event older than this is late. Aggregates end 15 min before now, so the transaction of one that is not
 * late has 10 min to commit before its bucket can be materialized without it.
 */
export const LATE_AFTER_MS = 5 * MINUTE_MS

/**
 * Marks the minutes of late events, in the transaction that writes them: from its COMMIT on, reads sum these
 * minutes from the log. `now` is the database's clock.
 */
export async function noteDirty(
  tx: Transaction,
  rows: readonly EventRow[],
  now: number,
): Promise<void> {
  const minutes = lateMinutes(rows, now)
  if (minutes.length === 0) return
  await tx.query(sql`
    insert into dirty (creator_id, bucket)
    select * from unnest(
      ${minutes.map((m) => m.creator_id)}::text[],
      ${minutes.map((m) => new Date(m.minute).toISOString())}::timestamptz[]
    )
    on conflict (creator_id, bucket) do update set version = excluded.version`)
}

/** Each minute of each creator once, in key order, so writers never deadlock. */
export function lateMinutes(
  rows: readonly Pick<EventRow, 'creator_id' | 'ts'>[],
  now: number,
): { creator_id: string; minute: number }[] {
  const found = new Map<string, { creator_id: string; minute: number }>()
  for (const { creator_id, ts } of rows) {
    if (ts >= now - LATE_AFTER_MS) continue
    const minute = Math.floor(ts / MINUTE_MS) * MINUTE_MS
    found.set(`${creator_id}\n${minute}`, { creator_id, minute })
  }
  return [...found.values()].sort((a, b) =>
    a.creator_id === b.creator_id ? a.minute - b.minute : a.creator_id < b.creator_id ? -1 : 1,
  )
}
