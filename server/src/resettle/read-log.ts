import type { Database, Queryable } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { AppError } from '../core/errors.ts'
import type { Guessed } from '../eventlog/accepted-event.ts'
import { type EventRow, fromDatabase } from '../eventlog/event-row.ts'
import { baseOf, keptSinceMs } from '../eventlog/read-base.ts'
import { rowColumns } from './log-pages.ts'

/**
 * Most events of a log with dropped ones that is settled again: it is held in memory, at about 1 kB an event, and its
 * writers wait while it is decided, about 15 s for so many; past 30 s they would be refused.
 */
export const MAX_KEPT_EVENTS = 500_000
const PAGE_EVENTS = { embedded: 2_000, server: 5_000 } as const

/** Where a log stands. */
export interface Counter {
  readonly seq: number
  readonly generation: number
  /** What is older was dropped, epoch ms; nothing was when the greatest dropped number is 0. */
  readonly kept_since: number
  readonly holes_until: number
  /** Up to which times events were guessed at. */
  readonly guessed: Guessed
  /** Who began to rewrite the log and has not finished, and whether they may still be at it. */
  readonly rewritten_by: string | null
  readonly is_claimed: boolean
  /** The database's clock, epoch ms. */
  readonly now: number
}

/** Undefined when there is no such creator. */
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

/** Whether rows that were read when the counter stood at `before` are still what is stored. */
export function isSameLog(before: Counter, now: Counter): boolean {
  return (
    before.generation === now.generation &&
    before.kept_since === now.kept_since &&
    before.rewritten_by === now.rewritten_by
  )
}

/** What was read of a log, and the number up to which. */
export interface Kept {
  readonly rows: EventRow[]
  until: number
}

/** The number right before the first one that may be kept. */
export async function firstNumber(
  database: Queryable,
  { creatorId }: Tenant,
  { holes_until }: Counter,
): Promise<number> {
  if (holes_until === 0) return 0
  const [first] = await database.query<{ seq: number }>(
    sql`select seq from events where creator_id = ${creatorId} order by seq limit 1`,
  )
  return Math.min(holes_until, (first?.seq ?? holes_until + 1) - 1)
}

/** Appends the rows up to the head to those that are there already; false when one is missing that was not dropped. */
export async function readRows(
  from: Queryable,
  { edition }: Database,
  { creatorId }: Tenant,
  kept: Kept,
  { seq: head, holes_until: holesUntil }: Counter,
): Promise<boolean> {
  const page = PAGE_EVENTS[edition === 'embedded' ? 'embedded' : 'server']
  // After the last hole every number is an event.
  refuseTooLarge(kept.rows.length + head - Math.max(kept.until, holesUntil))
  while (kept.until < head) {
    const until = Math.min(kept.until + page, head)
    const found = await from.query(sql`
      select ${rowColumns} from events
      where creator_id = ${creatorId} and seq > ${kept.until}::bigint and seq <= ${until}::bigint
      order by seq`)
    for (const row of found) {
      const read = fromDatabase(row)
      if (read.seq > Math.max(kept.until, holesUntil) + 1) return false
      kept.rows.push(read)
      kept.until = read.seq
    }
    if (until > Math.max(kept.until, holesUntil)) return false
    kept.until = until
    refuseTooLarge(kept.rows.length)
  }
  return true
}

function refuseTooLarge(events: number): void {
  if (events <= MAX_KEPT_EVENTS) return
  throw new AppError(
    'too_large',
    `This creator has at least ${events} events; at most ${MAX_KEPT_EVENTS} can be re-attributed.`,
  )
}

export function hole({ creatorId }: Tenant): Error {
  return new Error(`the log of ${creatorId} has a hole: it can’t be re-attributed`)
}
