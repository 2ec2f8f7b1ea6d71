import type { Database, Transaction } from '@creatorflow/db/database'
import { join, raw, type Sql, sql } from '@creatorflow/db/sql'
import type { NumberedEvent } from '@creatorflow/shared/numbered-event'
import type { AcceptedEvent, AttributedEvent } from '../eventlog/accepted-event.ts'
import { epochOf } from '../eventlog/epoch.ts'
import { copyValues, type EventRow, eventColumns, numbered } from '../eventlog/event-row.ts'
import type { Appended } from '../eventlog/publish.ts'
import { projections } from '../projections/index.ts'
import { pinsToRead } from '../projections/pins.ts'
import { instant } from '../projections/projection.ts'
import { noteDirty } from './dirty.ts'
import { firstRead, lockCounters, readClaims, readPins } from './read.ts'
import { noteLate } from './recount-notes.ts'
import { NEVER_SENT } from './restate.ts'
import { claimsToRead, type FirstRead, type Outcome, settle, sortOut } from './settle.ts'

/** Undefined for an event of a busy creator: nothing was written of it. */
export type MaybeOutcome = Outcome | undefined

export interface Written {
  /** One for each event of the batch, in order. */
  readonly outcomes: readonly MaybeOutcome[]
  readonly appended: readonly Appended[]
  /** Creators whose lock someone else holds. */
  readonly busy: ReadonlySet<string>
}

/**
 * Writes a batch in one transaction: lock, read, settle, copy. When it returns, the events are durable,
 * except those of busy creators, which are left out. Rejects with the database's error and nothing written;
 * after a connection lost during COMMIT that is unknown: sending them again is harmless.
 */
export async function writeBatch(
  database: Database,
  batch: readonly AcceptedEvent[],
): Promise<Written> {
  const busy = new Set<string>()
  const appended: Appended[] = []
  const outcomes = await database.transaction(async (tx) => {
    const locked = await lockCounters(tx, batch)
    for (const creatorId of locked.busy) busy.add(creatorId)
    return skipBusy(batch, busy, async (free) => {
      const written = await writeFree(tx, free, locked.creatorIds)
      appended.push(...written.appended)
      return written.outcomes
    })
  })
  return { outcomes, appended, busy }
}

/** Writes the events of creators that are not busy; the others stay undecided. */
export async function skipBusy(
  batch: readonly AcceptedEvent[],
  busy: ReadonlySet<string>,
  work: (free: readonly AcceptedEvent[]) => Promise<readonly MaybeOutcome[]>,
): Promise<readonly MaybeOutcome[]> {
  if (busy.size === 0) return work(batch)
  const isFree = batch.map(({ creator_id }) => !busy.has(creator_id))
  const free = batch.filter((_, n) => isFree[n])
  const outcomes = free.length > 0 ? await work(free) : []
  let n = 0
  return isFree.map((isDone) => (isDone ? outcomes[n++] : undefined))
}

async function writeFree(
  tx: Transaction,
  batch: readonly AcceptedEvent[],
  creatorIds: readonly string[],
): Promise<{ readonly outcomes: readonly Outcome[]; readonly appended: readonly Appended[] }> {
  const read = await firstRead(tx, batch, creatorIds)
  const { outcomes, fresh } = sortOut(batch, read)
  if (fresh.length === 0) return { outcomes, appended: [] }
  const keys = claimsToRead(fresh)
  read.claims.learn(keys, await readClaims(tx, keys))
  const pins = await readPins(tx, pinsToRead(fresh))
  const rows = settle(fresh, read, pins)

  // The lock makes it certain which is which; `on conflict` would check again, at half as much cost again.
  const { added = [], stored = [] } = Object.groupBy(read.claims.changed(), (claim) =>
    read.claims.isStored(claim) ? 'stored' : 'added',
  )
  const lives = creatorIds.flatMap((id) => read.lives.get(id)?.changed() ?? [])
  const settled = { fresh, claims: { added, stored }, lives, pins: pins.added() }
  const statement = atOnce([
    insertIds(fresh),
    ...projections.flatMap(({ write }) => write?.(settled) ?? []),
    updateCounters(rows, read.hindsight),
  ])
  // The texts are built while the database works.
  const [, events] = await Promise.all([tx.query(statement), numberedTexts(rows)])
  await noteLate(tx, read.hindsight)
  await noteDirty(tx, rows, read.now)
  await tx.copyIn('events', eventColumns, rows.map(copyValues))
  await tx.copyIn(
    'tail',
    ['creator_id', 'seq', 'event'],
    events.map(({ row, text }) => [row.creator_id, row.seq, text]),
  )
  return { outcomes, appended: appendedOf(events, read.creators) }
}

interface NumberedText {
  readonly row: EventRow
  readonly text: string
}

async function numberedTexts(rows: readonly EventRow[]): Promise<NumberedText[]> {
  return rows.map((row) => ({
    row,
    text: JSON.stringify(numbered(row) satisfies NumberedEvent),
  }))
}

function appendedOf(events: readonly NumberedText[], creators: FirstRead['creators']): Appended[] {
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

/**
 * Independent statements as one: between two of them the database waits until this process has time, which
 * under load is longer than they take.
 */
function atOnce(statements: readonly (Sql | undefined)[]): Sql {
  const parts = statements
    .filter((statement) => statement !== undefined)
    .map((statement, n) => sql`${raw(`part_${n}`)} as (${statement})`)
  return sql`with ${join(parts)} select`
}

/** In any order: nobody else writes ids of these creators while their counters are locked. */
function insertIds(fresh: readonly AttributedEvent[]): Sql {
  const ids = fresh.flatMap(({ creator_id, id_hash, revision_hash, content_hash, restates }) => {
    const own = { creator_id, hashes: revision_hash + content_hash }
    const isKnown = restates || revision_hash === id_hash
    return isKnown ? own : [own, { creator_id, hashes: id_hash + NEVER_SENT }]
  })
  const hashes = `\\x${ids.map((id) => id.hashes).join('')}`
  return sql`
    insert into event_ids (id_hash, content_hash, creator_id)
    select substr(hashes, n::int * 32 - 31, 16), substr(hashes, n::int * 32 - 15, 16), creator_id
    from (select ${hashes}::bytea as hashes) h,
      unnest(${ids.map((id) => id.creator_id)}::text[]) with ordinality as t (creator_id, n)`
}

function updateCounters(rows: readonly EventRow[], { guesses }: FirstRead['hindsight']): Sql {
  const heads = [...new Map(rows.map(({ creator_id, seq }) => [creator_id, seq]))]
  return sql`
    update counters
    set seq = t.seq, lives_guessed_until = t.lives_until, pins_guessed_until = t.pins_until
    from unnest(
      ${heads.map(([id]) => id)}::text[],
      ${heads.map(([, seq]) => seq)}::bigint[],
      ${heads.map(([id]) => instant(guesses(id).lives))}::timestamptz[],
      ${heads.map(([id]) => instant(guesses(id).pins))}::timestamptz[]
    ) as t (creator_id, seq, lives_until, pins_until)
    where counters.creator_id = t.creator_id`
}
