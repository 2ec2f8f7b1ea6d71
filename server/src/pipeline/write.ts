import type { Database, Transaction } from '@creatorflow/db/database'
import { type Sql, sql } from '@creatorflow/db/sql'
import { FOLD_VERSION } from '@creatorflow/shared/live-state'
import type { NumberedEvent } from '@creatorflow/shared/numbered-event'
import type { AcceptedEvent, AttributedEvent, LiveRow } from './accepted-event.ts'
import type { Claim, ClaimKey, ReadClaims } from './claims.ts'
import { noteDirty } from './dirty.ts'
import { copyValues, type EventRow, eventColumns, numbered } from './event-row.ts'
import { type PinRow, pinsToRead } from './pins.ts'
import { firstRead, lockCounters, readClaims, readPins } from './read.ts'
import { noteResettle } from './resettle/notes.ts'
import { claimsToRead, type FirstRead, type Outcome, settle, sortOut } from './settle.ts'

/** What one creator's log gained in a batch: numbered rows as the tail holds them. */
export interface Appended {
  readonly creator_id: string
  readonly epoch: string
  readonly from: number
  readonly to: number
  /** The events as JSON texts, in order. */
  readonly events: readonly string[]
}

export interface Written {
  /** One for each event of the batch, in its order. */
  readonly outcomes: readonly Outcome[]
  readonly appended: readonly Appended[]
}

/**
 * Writes a batch in one transaction: lock, read, settle, copy. When it returns, the events are durable.
 * Rejects with the database's error and nothing written; a lost connection during COMMIT leaves it open
 * whether they are: sending them again is harmless.
 */
export async function writeBatch(
  database: Database,
  batch: readonly AcceptedEvent[],
): Promise<Written> {
  return database.transaction(async (tx) => {
    const creatorIds = await lockCounters(tx, batch)
    const read = await firstRead(tx, batch, creatorIds)
    const { outcomes, fresh } = sortOut(batch, read)
    if (fresh.length === 0) return { outcomes, appended: [] }
    const keys = claimsToRead(fresh)
    read.claims.learn(keys, await readClaims(tx, keys))
    const pins = await readPins(tx, pinsToRead(fresh))
    const rows = settle(fresh, read, pins)

    await writeIds(tx, fresh)
    await writeClaims(tx, read.claims)
    for (const id of creatorIds) await writeLives(tx, read.lives.get(id)?.changed() ?? [])
    await writePins(tx, pins.added())
    await writePeople(tx, fresh)
    await writeComments(tx, fresh)
    const events = rows.map((row) => ({
      row,
      text: JSON.stringify(numbered(row) satisfies NumberedEvent),
    }))
    const appended = appendedOf(events, read.creators)
    await writeCounters(tx, appended, read.hindsight)
    await noteResettle(tx, read.hindsight.reasons())
    await noteDirty(tx, database.edition, rows, read.now)
    await tx.copyIn('events', eventColumns, rows.map(copyValues))
    await tx.copyIn(
      'tail',
      ['creator_id', 'seq', 'event'],
      events.map(({ row, text }) => [row.creator_id, row.seq, text]),
    )
    return { outcomes, appended }
  })
}

/** The name of a creator's log as it is now: nothing read under another one is valid. */
export function epochOf(databaseId: string, generation: number): string {
  return `${databaseId}.${generation}.${FOLD_VERSION}`
}

function appendedOf(
  events: readonly { row: EventRow; text: string }[],
  creators: FirstRead['creators'],
): Appended[] {
  const byCreator = Map.groupBy(events, ({ row }) => row.creator_id)
  return [...byCreator].map(([creator_id, list]) => {
    const creator = creators.get(creator_id)
    if (!creator) throw new Error(`creator ${creator_id} was not read`)
    return {
      creator_id,
      epoch: epochOf(creator.database_id, creator.generation),
      from: creator.seq + 1,
      to: creator.seq + list.length,
      events: list.map(({ text }) => text),
    }
  })
}

/** In any order: nobody else writes ids of these creators while their counters are locked. */
async function writeIds(tx: Transaction, fresh: readonly AttributedEvent[]): Promise<void> {
  const hashes = `\\x${fresh.map((e) => e.id_hash + e.content_hash).join('')}`
  await tx.query(sql`
    insert into event_ids (id_hash, content_hash, creator_id)
    select substr(hashes, n::int * 32 - 31, 16), substr(hashes, n::int * 32 - 15, 16), creator_id
    from (select ${hashes}::bytea as hashes) h,
      unnest(${fresh.map((e) => e.creator_id)}::text[]) with ordinality as t (creator_id, n)`)
}

/** New ones and others apart: the lock makes it sure which is which, and asking again costs a third. */
async function writeClaims(tx: Transaction, claims: ReadClaims): Promise<void> {
  const changed = claims.changed()
  const added = changed.filter((claim) => !claims.isStored(claim))
  const others = changed.filter((claim) => claims.isStored(claim))
  if (added.length > 0) {
    await tx.query(sql`
      insert into claims (creator_id, kind, key, value, ref, at)
      select * from ${unnested(added)}`)
  }
  if (others.length > 0) {
    await tx.query(sql`
      update claims c set value = t.value, ref = t.ref, at = t.at
      from ${unnested(others)} as t (creator_id, kind, key, value, ref, at)
      where c.creator_id = t.creator_id and c.kind = t.kind and c.key = t.key`)
  }
}

function unnested(claims: readonly (ClaimKey & Claim)[]): Sql {
  return sql`unnest(
    ${claims.map((c) => c.creator_id)}::text[],
    ${claims.map((c) => c.kind)}::text[],
    ${claims.map((c) => c.key)}::text[],
    ${claims.map((c) => c.value)}::bigint[],
    ${claims.map((c) => c.ref)}::text[],
    ${claims.map((c) => instant(c.at))}::timestamptz[]
  )`
}

async function writeLives(tx: Transaction, lives: readonly LiveRow[]): Promise<void> {
  if (lives.length === 0) return
  await tx.query(sql`
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
      ended_at = excluded.ended_at, last_at = excluded.last_at`)
}

async function writePins(tx: Transaction, pins: readonly PinRow[]): Promise<void> {
  if (pins.length === 0) return
  await tx.query(sql`
    insert into pin_marks (creator_id, session_id, at, id, product_id)
    select * from unnest(
      ${pins.map((p) => p.creator_id)}::text[],
      ${pins.map((p) => p.session_id)}::text[],
      ${pins.map((p) => instant(p.at))}::timestamptz[],
      ${pins.map((p) => p.id)}::text[],
      ${pins.map((p) => p.product_id)}::text[]
    )`)
}

/** The newest name of each person of the batch; an older one never replaces it. */
async function writePeople(tx: Transaction, fresh: readonly AttributedEvent[]): Promise<void> {
  const latest = new Map<string, AttributedEvent>()
  for (const event of fresh) {
    const { user, user_id } = event.incoming
    if (!user || user_id === undefined) continue
    const key = `${event.creator_id}\n${user_id}`
    const known = latest.get(key)
    if (!known || known.ts <= event.ts) latest.set(key, event)
  }
  if (latest.size === 0) return
  const people = [...latest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, event]) => event)
  await tx.query(sql`
    insert into people (creator_id, user_id, handle, name, avatar, seen_at)
    select * from unnest(
      ${people.map((e) => e.creator_id)}::text[],
      ${people.map((e) => e.incoming.user_id)}::text[],
      ${people.map((e) => e.incoming.user?.handle ?? null)}::text[],
      ${people.map((e) => e.incoming.user?.name ?? null)}::text[],
      ${people.map((e) => e.incoming.user?.avatar ?? null)}::text[],
      ${people.map((e) => instant(e.ts))}::timestamptz[]
    )
    on conflict (creator_id, user_id)
    do update set handle = excluded.handle, name = excluded.name, avatar = excluded.avatar,
      seen_at = excluded.seen_at
    where people.seen_at <= excluded.seen_at`)
}

async function writeComments(tx: Transaction, fresh: readonly AttributedEvent[]): Promise<void> {
  const comments = fresh.filter(
    ({ incoming }) => incoming.type === 'comment' && typeof incoming.properties?.text === 'string',
  )
  if (comments.length === 0) return
  await tx.query(sql`
    insert into comments (creator_id, event_id, session_id, user_id, ts, text)
    select * from unnest(
      ${comments.map((e) => e.creator_id)}::text[],
      ${comments.map((e) => e.incoming.id)}::text[],
      ${comments.map((e) => e.session_id)}::text[],
      ${comments.map((e) => e.incoming.user_id ?? null)}::text[],
      ${comments.map((e) => instant(e.ts))}::timestamptz[],
      ${comments.map((e) => String(e.incoming.properties?.text))}::text[]
    )`)
}

async function writeCounters(
  tx: Transaction,
  appended: readonly Appended[],
  { guesses }: FirstRead['hindsight'],
): Promise<void> {
  await tx.query(sql`
    update counters
    set seq = t.seq, lives_guessed_until = t.lives_until, pins_guessed_until = t.pins_until
    from unnest(
      ${appended.map((a) => a.creator_id)}::text[],
      ${appended.map((a) => a.to)}::bigint[],
      ${appended.map((a) => instant(guesses(a.creator_id).lives))}::timestamptz[],
      ${appended.map((a) => instant(guesses(a.creator_id).pins))}::timestamptz[]
    ) as t (creator_id, seq, lives_until, pins_until)
    where counters.creator_id = t.creator_id`)
}

const instant = (ms: number | null): string | null =>
  ms === null ? null : new Date(ms).toISOString()
