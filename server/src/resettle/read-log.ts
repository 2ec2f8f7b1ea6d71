import type { Queryable } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { Guessed } from '../eventlog/accepted-event.ts'
import { baseOf, keptSinceMs } from '../eventlog/read-base.ts'

/** The position of a log. */
export interface Counter {
  readonly seq: number
  readonly generation: number
  /** Older events were dropped, epoch ms; none were if the greatest dropped number is 0. */
  readonly kept_since: number
  readonly holes_until: number
  /** Up to which times events were guessed. */
  readonly guessed: Guessed
  /** Who started to rewrite the log and has not finished, and whether they may still be working. */
  readonly rewritten_by: string | null
  readonly is_claimed: boolean
  /** The database's clock, epoch ms. */
  readonly now: number
}

/** Undefined for an unknown creator. */
export async function readCounter(
  database: Queryable,
  { creatorId }: Tenant,
): Promise<Counter | undefined> {
  const [row] = await database.query<
    Omit<Counter, 'guessed' | 'now'> & { lives: Date | null; pins: Date | null; now: Date }
  >(sql`
    select c.seq, c.generation, ${keptSinceMs} as kept_since, coalesce(b.holes_until, 0) as holes_until,
      c.lives_guessed_until as lives, c.pins_guessed_until as pins, w.rewritten_by::text,
      coalesce(w.rewriting_until > clock_timestamp(), false) as is_claimed, clock_timestamp() as now
    from counters c join creators r on r.id = c.creator_id
      left join resettle w on w.creator_id = c.creator_id left join lateral ${baseOf} b on true
    where c.creator_id = ${creatorId}`)
  if (!row) return undefined
  const { lives, pins, now, ...rest } = row
  const guessed = { lives: lives?.getTime() ?? null, pins: pins?.getTime() ?? null }
  return { ...rest, guessed, now: now.getTime() }
}

/** Whether rows read when the counter was at `before` are still as stored. */
export function isSameLog(before: Counter, now: Counter): boolean {
  return (
    before.generation === now.generation &&
    before.kept_since === now.kept_since &&
    before.rewritten_by === now.rewritten_by
  )
}

export function hole({ creatorId }: Tenant): Error {
  return new Error(`the log of ${creatorId} has a hole: it can’t be re-attributed`)
}
