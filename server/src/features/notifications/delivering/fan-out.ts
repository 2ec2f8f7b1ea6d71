import type { Database, Transaction } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Reason } from '@creatorflow/shared/alert-reason'
import { sayReason } from '@creatorflow/shared/alerts/say'
import type { TargetKind } from '@creatorflow/shared/features/notifications'
import type { Item } from '../channels/message.ts'

/** A row of the outbox, as alerts write it. */
export interface OutboxRow {
  readonly id: string
  readonly creator_id: string
  readonly episode_id: string
  readonly rule_id: string
  readonly session_id: string
  /** Part of what the rule is about, such as a product; empty if it is about the whole. */
  readonly subject: string
  readonly kind: 'alert' | 'insight'
  readonly transition: 'fired' | 'recovered'
  readonly severity: 'info' | 'warning' | 'critical'
  readonly name: string
  readonly words: string | null
  readonly why: Reason
  readonly at: Date
  readonly targets: readonly string[] | null
  /** Of the creator. */
  readonly currency: string
}

export interface FanOutOptions {
  /** Alerts to one person within this time are one message. */
  readonly burstMs: number
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
      select o.id, o.creator_id, o.episode_id, o.rule_id, o.session_id, o.subject, o.kind, o.transition, o.severity,
        o.name, o.words, o.why, o.at, o.targets, c.currency
      from alert_outbox o join creators c on c.id = o.creator_id
      where dispatched_at is null and hushed is null and (held_until is null or held_until <= clock_timestamp())
        and o.created_at > clock_timestamp() - interval '1 day'
      order by o.created_at, o.id limit ${PAGE}::int for update of o skip locked`)
    if (rows.length === 0) return 0
    const targets = await readTargets(tx, [...new Set(rows.map((row) => row.creator_id))])
    for (const row of rows) {
      const wanted = targets.filter(
        ({ id, creator_id }) =>
          creator_id === row.creator_id && (row.targets === null || row.targets.includes(id)),
      )
      if (wanted.length === 0) continue
      const item = itemOf(row, await readProductName(tx, row))
      for (const target of wanted) await add(tx, target, item, options.burstMs)
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

/** Newest events of a LIVE in which a product's name is looked for. */
const LOOKED_THROUGH = 20_000

/** What the product or pin of an alert was last called in its LIVE; undefined if it is about nothing of that kind. */
async function readProductName(
  tx: Transaction,
  { creator_id, session_id, subject }: OutboxRow,
): Promise<string | undefined> {
  if (session_id === '' || subject === '') return undefined
  const [row] = await tx.query<{ label: string }>(sql`
    select label from (
      select product_id, pin_id, left(properties ->> 'product_name', 200) as label from events
      where creator_id = ${creator_id} and session_id = ${session_id}
      order by seq desc limit ${LOOKED_THROUGH}::int
    ) newest
    where label is not null and ${subject} in (product_id, pin_id) limit 1`)
  return row?.label
}

function itemOf(row: OutboxRow, productName: string | undefined): Item {
  const { id, kind, transition, severity, rule_id, episode_id, session_id, why, words } = row
  const reason = said(row)
  const own = transition === 'fired' && words !== null ? [words] : []
  return {
    id,
    kind,
    transition,
    severity,
    title: row.name,
    text: [productName === undefined ? reason : `${productName}: ${reason}`, ...own].join('\n'),
    at: row.at.toISOString(),
    rule_id,
    episode_id,
    session_id: session_id === '' ? null : session_id,
    why,
  }
}

/** A reason that only a later release knows how to say must not hold back the alert. */
function said({ why, currency, name }: OutboxRow): string {
  try {
    return sayReason(why, { currency }) ?? name
  } catch {
    return name
  }
}
