import { errorCode, type Transaction } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { AcceptedEvent, CreatorRow, LiveRow } from '../eventlog/accepted-event.ts'
import { type Claim, type ClaimKey, claimBook, orderClaim } from '../projections/claims.ts'
import { type PinBook, pinBook } from '../projections/pins.ts'
import { skewOf, timeOf } from './arrival.ts'
import { liveBook } from './attribute.ts'
import { hindsight } from './hindsight.ts'
import { readStated } from './read-stated.ts'
import { storedStated } from './restate.ts'
import type { FirstRead } from './settle.ts'

export interface Locked {
  /** Creators whose lock is held now, and unknown ones. */
  readonly creatorIds: readonly string[]
  /** Creators whose lock someone else holds. */
  readonly busy: ReadonlySet<string>
}

/** How long a batch without a free lock queues for one: otherwise a node that writes without a pause keeps it. */
const STAND_IN_LINE_MS = 20
const NOBODY: ReadonlySet<string> = new Set()

/**
 * Locks the counter rows of the batch's creators, as a separate statement; creators whose lock is taken are
 * left out.
 */
export async function lockCounters(
  tx: Transaction,
  batch: readonly AcceptedEvent[],
): Promise<Locked> {
  const asked = [...new Set(batch.map((event) => event.creator_id))]
  const free = await tx.query<{ creator_id: string }>(sql`
    select creator_id from counters where creator_id = any(${asked}::text[])
    for no key update skip locked`)
  if (free.length === asked.length) return { creatorIds: asked, busy: NOBODY }
  const mine = new Set(free.map(({ creator_id }) => creator_id))
  const rest = await tx.query<{ creator_id: string }>(sql`
    select creator_id from counters
    where creator_id = any(${asked.filter((id) => !mine.has(id))}::text[])`)
  const busy = new Set(rest.map(({ creator_id }) => creator_id))
  const [first] = asked
  if (busy.size === asked.length && first !== undefined && (await standInLine(tx, first))) {
    busy.delete(first)
  }
  return { creatorIds: asked.filter((id) => !busy.has(id)), busy }
}

/** Waits briefly for a lock; only if holding no other, to avoid deadlocks. */
async function standInLine(tx: Transaction, creatorId: string): Promise<boolean> {
  await tx.query(sql`savepoint in_line`)
  await tx.query(sql`select set_config('lock_timeout', ${String(STAND_IN_LINE_MS)}, true)`)
  try {
    await tx.query(sql`select 1 from counters where creator_id = ${creatorId} for no key update`)
  } catch (error) {
    if (errorCode(error) !== '55P03') throw error
    await tx.query(sql`rollback to savepoint in_line`)
    return false
  }
  await tx.query(sql`set local lock_timeout to default`)
  return true
}

/** Reads what a batch may meet. Only after the lock: a statement that locks and reads sees a stale snapshot. */
export async function firstRead(
  tx: Transaction,
  batch: readonly AcceptedEvent[],
  creatorIds: readonly string[],
): Promise<FirstRead> {
  const asked = Date.now()
  const rows = await tx.query<Omit<CreatorRow, 'guessed'> & Record<string, Date | null>>(sql`
    select c.id, c.time_zone, c.currency, n.seq, n.generation, clock_timestamp() as now,
      n.lives_guessed_until, n.pins_guessed_until,
      (select accepts_since from retention) as accepts_since,
      (select id::text from database_identity) as database_id
    from creators c join counters n on n.creator_id = c.id
    where c.id = any(${creatorIds}::text[])`)
  const creators = rows.map((row) => {
    const {
      now: _,
      accepts_since: _since,
      lives_guessed_until,
      pins_guessed_until,
      ...creator
    } = row
    return {
      ...(creator as Omit<CreatorRow, 'guessed'>),
      guessed: {
        lives: lives_guessed_until?.getTime() ?? null,
        pins: pins_guessed_until?.getTime() ?? null,
      },
    }
  })
  const answered = Date.now()
  const now = rows[0]?.now?.getTime() ?? answered
  const skewMs = skewOf(now, asked, answered)
  const creatorOf = new Map(creators.map((creator) => [creator.id, creator]))
  const hashes = batch.flatMap((e) =>
    e.revision_hash === e.id_hash ? e.id_hash : [e.id_hash, e.revision_hash],
  )
  // All hashes as one value, split in the database: an array of them takes as long to write as the rest of
  // the read.
  const known = await tx.query<{ id: string; content: string }>(sql`
    select encode(id_hash, 'hex') as id, encode(content_hash, 'hex') as content
    from event_ids
    where id_hash = any(array(
      select substr(${`\\x${hashes.join('')}`}::bytea, 16 * n + 1, 16)
      from generate_series(0, ${hashes.length - 1}::int) n
    ))`)
  const ids = new Map(known.map(({ id, content }) => [id, content]))
  const orders = await readOrders(tx, batch)
  const figures = await readStated(tx, batch, ids, now)
  const places = [...figures.values()].map(([{ creator_id, session_id: ref }]) => ({
    creator_id,
    ref,
  }))
  const lives = await readLives(tx, batch, { now, skewMs }, [...orders.found, ...places])
  const claims = claimBook()
  claims.learn(orders.asked, orders.found)
  return {
    now,
    skewMs,
    acceptsSince: rows[0]?.accepts_since?.getTime() ?? 0,
    creators: creatorOf,
    ids,
    stated: new Map(
      [...figures].map(([id, rows]) => [
        id,
        storedStated(rows, creatorOf.get(rows[0].creator_id)?.currency ?? ''),
      ]),
    ),
    lives: new Map(
      creatorIds.map((id) => [id, liveBook(lives.filter((live) => live.creator_id === id))]),
    ),
    claims,
    hindsight: hindsight(new Map(creators.map(({ id, guessed }) => [id, guessed]))),
  }
}

async function readOrders(
  tx: Transaction,
  batch: readonly AcceptedEvent[],
): Promise<{ asked: ClaimKey[]; found: (ClaimKey & Claim)[] }> {
  const asked = new Map<string, ClaimKey>()
  for (const { creator_id, incoming } of batch) {
    if (incoming.order_id === undefined) continue
    asked.set(`${creator_id}\n${incoming.order_id}`, orderClaim(creator_id, incoming.order_id))
  }
  const keys = [...asked.values()]
  return { asked: keys, found: await readClaims(tx, keys) }
}

/**
 * Reads claims by key; missing keys are simply absent. One index search per creator and kind costs a third of
 * one per key.
 */
export async function readClaims(
  tx: Transaction,
  keys: readonly ClaimKey[],
): Promise<(ClaimKey & Claim)[]> {
  if (keys.length === 0) return []
  const groups = [...Map.groupBy(keys, ({ creator_id, kind }) => `${creator_id}\n${kind}`).values()]
  let before = 0
  const asked = groups.map((group) => {
    const [{ creator_id, kind }] = group as [ClaimKey]
    const first = before + 1
    before += group.length
    return { creator_id, kind, first, last: before }
  })
  // `offset 0` keeps the join a loop: without statistics the planner would compare each claim with each key.
  const rows = await tx.query<
    ClaimKey & { value: number; ref: string | null; at: Date | null }
  >(sql`
    with asked as materialized (
      select creator_id, kind, (${groups.flat().map(({ key }) => key)}::text[])[first:last] as keys
      from unnest(
        ${asked.map((a) => a.creator_id)}::text[],
        ${asked.map((a) => a.kind)}::text[],
        ${asked.map((a) => a.first)}::int[],
        ${asked.map((a) => a.last)}::int[]
      ) as a (creator_id, kind, first, last)
    )
    select c.creator_id, c.kind, c.key, c.value, c.ref, c.at
    from asked cross join lateral (
      select * from claims
      where creator_id = asked.creator_id and kind = asked.kind and key = any(asked.keys)
      offset 0
    ) c`)
  return rows.map((row) => ({ ...row, at: row.at?.getTime() ?? null }))
}

/** LIVEs that the batch names, that its orders and figures belong to, and that may cover its times. */
async function readLives(
  tx: Transaction,
  batch: readonly AcceptedEvent[],
  { now, skewMs }: Pick<FirstRead, 'now' | 'skewMs'>,
  places: readonly { readonly creator_id: string; readonly ref: string | null }[],
): Promise<LiveRow[]> {
  const named = new Map<string, { creator_id: string; session_id: string }>()
  const name = (creator_id: string, session_id: string) =>
    named.set(`${creator_id}\n${session_id}`, { creator_id, session_id })
  const ranges = new Map<string, { creator_id: string; from: number; to: number }>()
  for (const { creator_id, ref } of places) if (ref !== null) name(creator_id, ref)
  for (const event of batch) {
    const { creator_id, incoming } = event
    if (incoming.session_id !== undefined) {
      name(creator_id, incoming.session_id)
      continue
    }
    if (incoming.type === 'live_started') name(creator_id, incoming.id)
    const ts = Math.min(Math.max(timeOf(event, skewMs), 0), now + 86_400_000)
    const range = ranges.get(creator_id) ?? { creator_id, from: ts, to: ts }
    range.from = Math.min(range.from, ts)
    range.to = Math.max(range.to, ts)
    ranges.set(creator_id, range)
  }
  const pairs = [...named.values()]
  const spans = [...ranges.values()]
  const columns = sql`l.creator_id, l.session_id, l.started_at, l.inferred, l.ended_at, l.last_at`
  const rows = await tx.query<Record<string, unknown>>(sql`
    select ${columns} from lives l
    join unnest(
      ${pairs.map((p) => p.creator_id)}::text[], ${pairs.map((p) => p.session_id)}::text[]
    ) as n (creator_id, session_id) using (creator_id, session_id)
    union
    select ${columns} from unnest(
      ${spans.map((s) => s.creator_id)}::text[],
      ${spans.map((s) => new Date(s.from).toISOString())}::timestamptz[],
      ${spans.map((s) => new Date(s.to).toISOString())}::timestamptz[]
    ) as r (creator_id, from_ts, to_ts)
    cross join lateral (
      select min(started_at) as since from lives
      where creator_id = r.creator_id and started_at <= r.to_ts
        and coalesce(ended_at, last_at + interval '30 minutes') >= r.from_ts
    ) first
    join lives l on l.creator_id = r.creator_id
      and l.started_at between first.since and r.to_ts`)
  return rows.map((row) => ({
    creator_id: row.creator_id as string,
    session_id: row.session_id as string,
    started_at: (row.started_at as Date).getTime(),
    inferred: row.inferred as boolean,
    ended_at: (row.ended_at as Date | null)?.getTime() ?? null,
    last_at: (row.last_at as Date).getTime(),
  }))
}

/** The pins in force at the start of each range and those set within it. */
export async function readPins(
  tx: Transaction,
  ranges: readonly { creator_id: string; session_id: string; from: number; to: number }[],
): Promise<PinBook> {
  if (ranges.length === 0) return pinBook([])
  const rows = await tx.query<Record<string, unknown>>(sql`
    select p.creator_id, p.session_id, p.at, p.id, p.product_id
    from unnest(
      ${ranges.map((r) => r.creator_id)}::text[],
      ${ranges.map((r) => r.session_id)}::text[],
      ${ranges.map((r) => new Date(r.from).toISOString())}::timestamptz[],
      ${ranges.map((r) => new Date(r.to).toISOString())}::timestamptz[]
    ) as r (creator_id, session_id, from_ts, to_ts)
    join pin_marks p on p.creator_id = r.creator_id and p.session_id = r.session_id
      and p.at <= r.to_ts
      and p.at >= coalesce((
        select max(at) from pin_marks
        where creator_id = r.creator_id and session_id = r.session_id and at <= r.from_ts
      ), r.from_ts)`)
  return pinBook(
    rows.map((row) => ({
      creator_id: row.creator_id as string,
      session_id: row.session_id as string,
      at: (row.at as Date).getTime(),
      id: row.id as string,
      product_id: row.product_id as string | null,
    })),
  )
}
