import { setTimeout as delay } from 'node:timers/promises'
import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { AppError } from '../errors.ts'
import type { Delivery, Handled, SourceRow } from './source.ts'

/** What is delivered to us is stored before it is answered, and worked off by whoever holds its source. */
export interface Inbox {
  /**
   * Stores a delivery, durable when this returns; false when it was there already. Throws `too_many` when more wait
   * than may be kept.
   */
  put(
    source: SourceRow,
    delivery: { readonly id: string; readonly topic: string; readonly body: Uint8Array },
  ): Promise<boolean>
  /** Handles what is due, oldest first, one at a time, until the signal ends. */
  workOff(
    source: SourceRow,
    handle: (delivery: Delivery) => Promise<Handled>,
    aside: (delivery: Delivery, reason: string) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void>
}

export interface InboxLimits {
  readonly maxWaitingDeliveries: number
  readonly deliveryAttempts: number
}

const PAGE = 50
const IDLE_MS = 500
const FIRST_WAIT_MS = 2_000
const LONGEST_WAIT_MS = 15 * 60_000

export function createInbox(database: Database, limits: InboxLimits): Inbox {
  /** Told of each delivery that this process stored, so that nobody has to ask the database for it. */
  const wakers = new Map<string, () => void>()

  return {
    async put(source, { id, topic, body }) {
      const [row] = await database.query<{ id: number | null; waiting: number }>(sql`
        with waiting as (
          select count(*)::int as n from (
            select 1 from deliveries where source_id = ${source.id}::uuid and done_at is null
            limit ${limits.maxWaitingDeliveries}::int) w
        ), put as (
          insert into deliveries (source_id, creator_id, delivery_id, topic, body)
          select ${source.id}::uuid, ${source.creator_id}, ${id}, ${topic}, ${body} from waiting
          where n < ${limits.maxWaitingDeliveries}::int
          on conflict (source_id, delivery_id) do nothing returning id
        )
        select (select id from put) as id, n as waiting from waiting`)
      if (row?.id != null) {
        wakers.get(source.id)?.()
        return true
      }
      if ((row?.waiting ?? 0) >= limits.maxWaitingDeliveries) {
        throw new AppError('too_many', 'More deliveries wait than may be kept.', {
          retryAfterMs: 60_000,
        })
      }
      return false
    },

    async workOff(source, handle, aside, signal) {
      while (!signal.aborted) {
        const due = await readDue(database, source.id)
        for (const delivery of due) {
          if (signal.aborted) return
          const handled = await handleOne(delivery)
          await note(delivery, handled)
        }
        if (due.length === PAGE) continue
        await new Promise<void>((woken) => {
          wakers.set(source.id, woken)
          delay(IDLE_MS, undefined, { signal }).then(woken, () => woken())
        })
        wakers.delete(source.id)
      }

      async function handleOne(delivery: Delivery): Promise<Handled> {
        const handled = await handle(delivery)
        const isLast = delivery.attempts + 1 >= limits.deliveryAttempts
        return handled.kind === 'later' && isLast
          ? { kind: 'aside', reason: `${handled.reason} (tried ${delivery.attempts + 1} times)` }
          : handled
      }

      async function note(delivery: Delivery, handled: Handled): Promise<void> {
        const row = sql`source_id = ${source.id}::uuid and delivery_id = ${delivery.id}`
        if (handled.kind === 'later') {
          const doubled = Math.min(FIRST_WAIT_MS * 2 ** delivery.attempts, LONGEST_WAIT_MS)
          const waitMs = handled.afterMs ?? doubled * (0.5 + Math.random() / 2)
          await database.query(sql`
            update deliveries set attempts = attempts + 1, last_problem = ${handled.reason.slice(0, 500)},
              next_at = clock_timestamp() + make_interval(secs => ${waitMs / 1_000}::float8)
            where ${row}`)
          return
        }
        if (handled.kind === 'aside') await aside(delivery, handled.reason)
        // Only its id is still of use, so that the same delivery counts once.
        await database.query(
          sql`update deliveries set done_at = clock_timestamp(), body = null where ${row}`,
        )
      }
    },
  }
}

async function readDue(database: Database, sourceId: string): Promise<Delivery[]> {
  const rows = await database.query<{
    delivery_id: string
    topic: string
    body: Uint8Array
    received_at: Date
    attempts: number
  }>(sql`
    select delivery_id, topic, body, received_at, attempts from deliveries
    where source_id = ${sourceId}::uuid and done_at is null and next_at <= clock_timestamp()
    order by next_at, id limit ${PAGE}::int`)
  return rows.map(({ delivery_id, received_at, ...row }) => ({
    ...row,
    id: delivery_id,
    receivedAt: received_at.getTime(),
  }))
}

/** Forgets ids of deliveries that are done for this long: nobody sends them again. */
export async function forgetDeliveries(database: Database, keptDays: number): Promise<void> {
  await database.query(
    sql`delete from deliveries where done_at < now() - make_interval(days => ${keptDays}::int)`,
  )
}
