import { setTimeout as delay } from 'node:timers/promises'
import { type Database, isUnavailable, type Queryable } from '@creatorflow/db/database'
import { join, sql } from '@creatorflow/db/sql'
import { backoffMs } from '@creatorflow/shared/backoff'
import { AppError } from '../../core/errors.ts'
import { storable } from '../../dead-letters/dead-letters.ts'
import type { Delivery, Handled, Handler, SourceRow } from './source.ts'

/** Deliveries are stored before they are answered, and processed by whoever holds their source. */
export interface Inbox {
  /**
   * Stores a delivery, durable when this returns; false if it already existed. Throws `too_many` past the
   * limit of waiting ones.
   */
  put(
    source: SourceRow,
    delivery: { readonly id: string; readonly topic: string; readonly body: Uint8Array },
  ): Promise<boolean>
  /** Handles due deliveries, oldest first, so many at once, until the signal ends. */
  workOff(
    source: SourceRow,
    handle: Handler,
    aside: (delivery: Delivery, reason: string) => Promise<void>,
    signal: AbortSignal,
    atOnce?: number,
  ): Promise<void>
}

export interface InboxLimits {
  readonly maxWaitingDeliveries: number
  readonly deliveryAttempts: number
}

interface Queued {
  readonly source: SourceRow
  readonly delivery: Parameters<Inbox['put']>[1]
  resolve(isNew: boolean): void
  reject(error: unknown): void
}

const PAGE = 50
/** Deliveries stored with one statement. */
const BATCH = 100
/** Deliveries that may wait to be stored; their senders wait for the answer. */
const MOST_QUEUED = 2_000
const IDLE_MS = 500
const waits = { firstMs: 2_000, longestMs: 15 * 60_000 }
const REASON_CHARACTERS = 500

export function createInbox(database: Database, limits: InboxLimits): Inbox {
  /** Called for each delivery that this process stored, so nobody has to poll the database for it. */
  const wakers = new Map<string, () => void>()
  let queued: Queued[] = []
  let isWriting = false

  /** One statement for all that came while the previous one was written: many at once cost little more than one. */
  async function writeAll(): Promise<void> {
    if (isWriting) return
    isWriting = true
    while (queued.length > 0) {
      const batch = queued.slice(0, BATCH)
      queued = queued.slice(BATCH)
      try {
        const stored = await insertAll(database, batch, limits.maxWaitingDeliveries)
        for (const [n, { source, resolve, reject }] of batch.entries()) {
          if (stored[n] === 'new') wakers.get(source.id)?.()
          if (stored[n] === 'full') reject(tooMany())
          else resolve(stored[n] === 'new')
        }
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    isWriting = false
  }

  return {
    put(source, delivery) {
      return new Promise((resolve, reject) => {
        // A hanging database must not fill the memory with deliveries their senders gave up on.
        if (queued.length >= MOST_QUEUED) {
          return reject(
            new AppError('unavailable', 'Too many deliveries are waiting to be stored.', {
              retryAfterMs: 5_000,
            }),
          )
        }
        queued.push({ source, delivery, resolve, reject })
        void writeAll()
      })
    },

    async workOff(source, handle, aside, signal, atOnce = 1) {
      while (!signal.aborted) {
        const due = await readDue(database, source.id)
        for (let from = 0; from < due.length; from += atOnce) {
          if (signal.aborted) return
          const handled = await Promise.allSettled(
            due.slice(from, from + atOnce).map(async (delivery) => {
              await note(delivery, await handleOne(delivery, due.slice(from + atOnce)))
            }),
          )
          // Only once none of them is in flight.
          for (const one of handled) if (one.status === 'rejected') throw one.reason
        }
        if (due.length === PAGE) continue
        const woken = new AbortController()
        wakers.set(source.id, () => woken.abort())
        await delay(IDLE_MS, undefined, { signal: AbortSignal.any([signal, woken.signal]) }).catch(
          // Woken or stopped: both are checked next.
          () => {},
        )
        wakers.delete(source.id)
      }

      async function handleOne(
        delivery: Delivery,
        following: readonly Delivery[],
      ): Promise<Handled> {
        const handled = await handle(delivery, following).catch((error: unknown): Handled => {
          if (signal.aborted || isUnavailable(error)) throw error
          // One that breaks its handler must not stop those behind it.
          return { kind: 'later', reason: error instanceof Error ? error.message : String(error) }
        })
        const isLast = delivery.attempts + 1 >= limits.deliveryAttempts
        return handled.kind === 'later' && isLast
          ? { kind: 'aside', reason: `${handled.reason} (tried ${delivery.attempts + 1} times)` }
          : handled
      }

      async function note(delivery: Delivery, handled: Handled): Promise<void> {
        const row = sql`source_id = ${source.id}::uuid and delivery_id = ${delivery.id}`
        if (handled.kind === 'later') {
          const waitMs = handled.afterMs ?? backoffMs(delivery.attempts + 1, waits)
          await database.query(sql`
            update deliveries set attempts = attempts + 1, last_problem = ${storable(handled.reason, REASON_CHARACTERS)},
              next_at = clock_timestamp() + make_interval(secs => ${waitMs / 1_000}::float8)
            where ${row}`)
          return
        }
        if (handled.kind === 'aside') await aside(delivery, handled.reason)
        // Only its id is still needed, so the same delivery counts once.
        await database.query(
          sql`update deliveries set done_at = clock_timestamp(), body = null where ${row}`,
        )
      }
    },
  }
}

/** The outcome of each: of the same delivery twice the first one is new. Known ones are known, however many wait. */
async function insertAll(
  database: Database,
  batch: readonly Queued[],
  mostWaiting: number,
): Promise<('new' | 'known' | 'full')[]> {
  const rows = batch.map(
    ({ source, delivery: { id, topic, body } }, n) =>
      sql`(${n}::int, ${source.id}::uuid, ${source.creator_id}::text, ${id}::text, ${topic}::text, ${body}::bytea)`,
  )
  const stored = await database.query<{ n: number; fits: boolean; is_new: boolean }>(sql`
    with given (n, source_id, creator_id, delivery_id, topic, body) as (values ${join(rows)}),
    firsts as (
      select distinct on (source_id, delivery_id) * from given order by source_id, delivery_id, n
    ), waiting as (
      select s.id as source_id, (
        select count(*)::int from (
          select 1 from deliveries d where d.source_id = s.id and d.done_at is null limit ${mostWaiting}::int
        ) w
      ) as waiting from sources s where s.id in (select source_id from given)
    ), ranked as (
      select f.*, waiting + row_number() over (partition by source_id order by n) <= ${mostWaiting}::int as fits
      from firsts f join waiting using (source_id)
      where not exists (
        select 1 from deliveries d where d.source_id = f.source_id and d.delivery_id = f.delivery_id
      )
    ), put as (
      insert into deliveries (source_id, creator_id, delivery_id, topic, body)
      select source_id, creator_id, delivery_id, topic, body from ranked where fits order by n
      on conflict (source_id, delivery_id) do nothing returning source_id, delivery_id
    )
    select n, fits, put.delivery_id is not null as is_new
    from ranked left join put using (source_id, delivery_id)`)
  const outcomes = batch.map((): 'new' | 'known' | 'full' => 'known')
  for (const { n, fits, is_new } of stored) {
    if (!fits) outcomes[n] = 'full'
    else if (is_new) outcomes[n] = 'new'
  }
  return outcomes
}

function tooMany(): AppError {
  return new AppError('too_many', 'Too many deliveries are waiting to be processed.', {
    retryAfterMs: 60_000,
  })
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

/** Makes waiting deliveries due at once. */
export async function hurryDeliveries(database: Queryable, sourceId: string): Promise<void> {
  await database.query(sql`
    update deliveries set next_at = clock_timestamp()
    where source_id = ${sourceId}::uuid and done_at is null`)
}

/** Deletes ids of deliveries done for this long: nobody sends them again. */
export async function forgetDeliveries(database: Database, keptDays: number): Promise<void> {
  await database.query(
    sql`delete from deliveries where done_at < now() - make_interval(days => ${keptDays}::int)`,
  )
}
