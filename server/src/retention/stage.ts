import { aggregateColumns, aggregateSql, levels, sourceOf } from '@creatorflow/db/aggregates'
import type { Database, Queryable } from '@creatorflow/db/database'
import { raw, sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { emptyState } from '@creatorflow/shared/live-state'
import { readFrozen } from '../eventlog/frozen-lives.ts'
import { type KeptState, stateOfKept, toKept } from '../eventlog/kept-state.ts'
import { readRange } from '../eventlog/log-reader.ts'
import { type Dropped, foldDropped } from './fold-dropped.ts'

/** Events of one creator about to be dropped: from one mark to the next, epoch ms. */
export interface Portion {
  readonly tenant: Tenant
  readonly since: number
  readonly before: number
}

/** What was prepared, and for which log: another generation means preparing it again. */
export interface Staged {
  readonly tenant: Tenant
  readonly generation: number
  readonly events: number
  readonly lives: number
  readonly holesUntil: number
}

const DAY_MS = 86_400_000

/**
 * Prepares what stays of a creator's events before the next mark: sums, LIVEs and the live state. Nobody sees
 * it before `kept_since` says so, and it replaces what an earlier try left. Undefined if there are no such
 * events.
 */
export async function stage(database: Database, portion: Portion): Promise<Staged | undefined> {
  const { tenant } = portion
  const [counter] = await database.query<{ generation: number }>(
    sql`select generation from counters where creator_id = ${tenant.creatorId}`,
  )
  await clearStaged(database, portion)
  const range = await readNumbers(database, portion)
  if (!range) return undefined
  const dropped = await readDropped(database, portion)
  let events = 0
  for (let after = range.first - 1; after < range.last; ) {
    const page = await readRange(database, tenant, after, portion)
    events += page.events.length
    await learnLives(database, portion, dropped, page.events)
    foldDropped(dropped, page.events)
    await noteIds(database, portion, after, page.until)
    after = page.until
  }
  await writeDropped(database, portion, dropped)
  await archive(database, portion, range.oldest)
  const { holesUntil, lives } = dropped
  return { tenant, generation: counter?.generation ?? 0, events, lives: lives.size, holesUntil }
}

/**
 * Whether the prepared sums include all events, each once: another node that lost its lease unknowingly may
 * have written too.
 */
export async function isArchived(
  database: Queryable,
  { since, before }: Omit<Portion, 'tenant'>,
  { tenant, events }: Staged,
): Promise<boolean> {
  for (const { archive } of levels) {
    const [row] = await database.query<{ events: number }>(sql`
      select coalesce(sum(rows), 0)::bigint as events from ${raw(archive)}
      where creator_id = ${tenant.creatorId} and bucket >= ${iso(since)}::timestamptz
        and bucket < ${iso(before)}::timestamptz`)
    if (row?.events !== events) return false
  }
  return true
}

async function clearStaged(database: Database, { tenant, since }: Portion): Promise<void> {
  const { creatorId } = tenant
  for (const { archive } of levels) {
    await database.query(sql`
      delete from ${raw(archive)}
      where creator_id = ${creatorId} and bucket >= ${iso(since)}::timestamptz`)
  }
  for (const table of ['frozen_lives', 'log_bases', 'dropped_ids']) {
    await database.query(sql`
      delete from ${raw(table)}
      where creator_id = ${creatorId} and until > ${iso(since)}::timestamptz`)
  }
}

async function readNumbers(database: Queryable, { tenant, since, before }: Portion) {
  const [row] = await database.query<{ first: number | null; last: number; oldest: Date }>(sql`
    select min(seq) as first, max(seq) as last, min(ts) as oldest from events
    where creator_id = ${tenant.creatorId}
      and ts >= ${iso(since)}::timestamptz and ts < ${iso(before)}::timestamptz`)
  if (row?.first == null) return undefined
  return { first: row.first, last: row.last, oldest: row.oldest.getTime() }
}

/** What was dropped before. */
async function readDropped(database: Queryable, { tenant, since }: Portion): Promise<Dropped> {
  const [row] = await database.query<{
    state: KeptState
    stock_seqs: Record<string, number>
    holes_until: number
    fold_version: number
  }>(sql`
    select state, stock_seqs, holes_until, fold_version from log_bases
    where creator_id = ${tenant.creatorId} and until <= ${iso(since)}::timestamptz
    order by until desc limit 1`)
  if (!row) return { state: emptyState(), stockSeqs: {}, holesUntil: 0, lives: new Map() }
  const { stock_seqs: stockSeqs, holes_until: holesUntil } = row
  const state = stateOfKept(row.fold_version, row.state)
  return { state, stockSeqs, holesUntil, lives: new Map() }
}

/** Reads the frozen parts of LIVEs with further events. */
async function learnLives(
  database: Queryable,
  { tenant, since }: Portion,
  { lives }: Dropped,
  events: readonly { readonly session_id?: string }[],
): Promise<void> {
  const named = new Set(events.flatMap(({ session_id }) => session_id ?? []))
  const unknown = [...named].filter((id) => !lives.has(id))
  if (unknown.length === 0) return
  for (const [id, live] of await readFrozen(database, tenant, unknown, since)) lives.set(id, live)
}

/** Their ids stay known until the events are gone: otherwise a repeated one would count twice. */
async function noteIds(
  database: Queryable,
  { tenant, since, before }: Portion,
  after: number,
  until: number,
): Promise<void> {
  await database.query(sql`
    insert into dropped_ids (creator_id, until, event_id, revision)
    select creator_id, ${iso(before)}::timestamptz, id, coalesce(revision, 0) from events
    where creator_id = ${tenant.creatorId} and seq > ${after}::bigint and seq <= ${until}::bigint
      and ts >= ${iso(since)}::timestamptz and ts < ${iso(before)}::timestamptz`)
}

async function writeDropped(
  database: Queryable,
  { tenant: { creatorId }, before }: Portion,
  { state, stockSeqs, holesUntil, lives }: Dropped,
): Promise<void> {
  for (const [sessionId, { seq, entry }] of lives) {
    const { version, json } = toKept(entry)
    await database.query(sql`
      insert into frozen_lives (creator_id, session_id, until, seq, fold_version, state)
      values (${creatorId}, ${sessionId}, ${iso(before)}::timestamptz, ${seq}::bigint,
        ${version}::int, ${json}::json)`)
  }
  const { version, json } = toKept({ ...state, seq: 0 })
  await database.query(sql`
    insert into log_bases (creator_id, until, fold_version, holes_until, state, stock_seqs)
    values (${creatorId}, ${iso(before)}::timestamptz, ${version}::int, ${holesUntil}::bigint,
      ${json}::json, ${JSON.stringify(stockSeqs)}::json)`)
}

/** By days: the embedded database does nothing else during a statement. */
async function archive(
  database: Queryable,
  { tenant, before }: Portion,
  oldest: number,
): Promise<void> {
  const columns = raw(aggregateColumns.join(', '))
  for (const level of levels) {
    const finer = levels[levels.indexOf(level) - 1]
    const { time } = sourceOf(level)
    for (let day = oldest - (oldest % DAY_MS); day < before; day += DAY_MS) {
      const source = sql`${raw(finer?.archive ?? 'events')} e
        where e.creator_id = ${tenant.creatorId} and e.${raw(time)} >= ${iso(day)}::timestamptz
          and e.${raw(time)} < ${iso(day + DAY_MS)}::timestamptz`
      await database.query(sql`
        insert into ${raw(level.archive)} (${columns}) ${aggregateSql(level, source)}`)
    }
  }
}

const iso = (ms: number): string => new Date(ms).toISOString()
