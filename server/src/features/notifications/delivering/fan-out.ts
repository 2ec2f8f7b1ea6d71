import type { Database, Transaction } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { TargetKind } from '@creatorflow/shared/features/notifications'
import type { Item } from '../channels/message.ts'

/** A row of the outbox, as alerts write it. */
export interface OutboxRow {
  readonly id: string
  readonly creator_id: string
  readonly episode_id: string
  readonly rule_id: string
  readonly session_id: string
  readonly kind: 'alert' | 'insight'
  readonly transition: 'fired' | 'recovered'
  readonly severity: 'info' | 'warning' | 'critical'
  readonly name: string
  readonly words: string | null
  readonly why: unknown
  readonly at: Date
  readonly targets: readonly string[] | null
}

export interface FanOutOptions {
  /** Alerts to one person within this time are one message. */
  readonly burstMs: number
  /** The reason of an alert as people read it. */
  readonly say: (row: OutboxRow) => string
}

/** Rows of the outbox taken at once. */
const PAGE = 200
/** Alerts of one message. */
const MOST_ITEMS = 50
/** Deliveries that may wait for one target: a receiver that is away for days must not fill the database. */
const MOST_WAITING = 1_000

interface Wanted {
  readonly id: string
  readonly creator_id: string
  readonly kind: TargetKind
}

/**
 * Makes deliveries of what came into the outbox, in one transaction: each alert is for each of its targets once,
 * however many processes do this. Returns how many alerts it took; more may wait if it is a full page.
 */
export async function fanOut(database: Database, options: FanOutOptions): Promise<number> {
  return database.transaction(async (tx) => {
    const rows = await tx.query<OutboxRow>(sql`
      select id, creator_id, episode_id, rule_id, session_id, kind, transition, severity, name, words, why, at, targets
      from alert_outbox
      where dispatched_at is null and hushed is null and (held_until is null or held_until <= clock_timestamp())
        and created_at > clock_timestamp() - interval '1 day'
      order by created_at, id limit ${PAGE}::int for update skip locked`)
    if (rows.length === 0) return 0
    const targets = await readTargets(tx, [...new Set(rows.map((row) => row.creator_id))])
    for (const row of rows) {
      for (const target of targets) {
        if (target.creator_id !== row.creator_id) continue
        if (row.targets !== null && !row.targets.includes(target.id)) continue
        await add(tx, target, itemOf(row, options.say), options.burstMs)
      }
    }
    await tx.query(sql`
      update alert_outbox set dispatched_at = clock_timestamp()
      where id = any(${rows.map(({ id }) => id)}::text[])`)
    return rows.length
  })
}

/** In a fixed order, so that two processes lock them in the same one. */
function readTargets(tx: Transaction, creators: readonly string[]): Promise<Wanted[]> {
  return tx.query<Wanted>(sql`
    select t.id, t.creator_id, t.kind from alert_targets t
    where t.creator_id = any(${creators}::text[]) and t.enabled and t.ended_at is null and (
      select count(*) from alert_deliveries d where d.target_id = t.id and d.state = 'waiting'
    ) < ${MOST_WAITING}::int
    order by t.id`)
}

/**
 * For people it joins the message that still waits for others of its burst. Programs get each alert alone, at once: it
 * has an id of its own.
 */
async function add(
  tx: Transaction,
  { id, creator_id, kind }: Wanted,
  item: Item,
  burstMs: number,
): Promise<void> {
  const items = JSON.stringify([item])
  if (kind !== 'webhook') {
    const joined = await tx.query(sql`
      update alert_deliveries set items = items || ${items}::jsonb
      where id = (
        select id from alert_deliveries
        where target_id = ${id}::uuid and state = 'waiting' and begun_at is null and next_at > clock_timestamp()
          and jsonb_array_length(items) < ${MOST_ITEMS}::int
        order by next_at limit 1 for update)
        -- Asked again after the lock: it may have been sent meanwhile.
        and state = 'waiting' and begun_at is null
      returning 1`)
    if (joined.length > 0) return
  }
  const waitMs = kind === 'webhook' ? 0 : burstMs
  await tx.query(sql`
    insert into alert_deliveries (creator_id, target_id, items, next_at)
    values (${creator_id}, ${id}::uuid, ${items}::jsonb,
      clock_timestamp() + make_interval(secs => ${waitMs / 1_000}::float8))`)
}

function itemOf(row: OutboxRow, say: FanOutOptions['say']): Item {
  const { id, kind, transition, severity, rule_id, episode_id, session_id, why, words } = row
  const own = transition === 'fired' ? words : null
  return {
    id,
    kind,
    transition,
    severity,
    title: row.name,
    text: [say(row), ...(own ? [own] : [])].join('\n'),
    at: row.at.toISOString(),
    rule_id,
    episode_id,
    session_id: session_id === '' ? null : session_id,
    why,
  }
}
