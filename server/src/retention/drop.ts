import { levels } from '@creatorflow/db/aggregates'
import type { Database, Queryable, Transaction } from '@creatorflow/db/database'
import { join, raw, type Sql, sql } from '@creatorflow/db/sql'
import { projections } from '../projections/index.ts'
import type { Staged } from './stage.ts'

/** Readers of old chunks make this wait, and every writer with it: better to try again later. */
const LOCK_TIMEOUT_MS = 3_000
const ROWS_A_TIME = 5_000

/**
 * Moves the mark and drops what is before it, in one short transaction. Returns which logs were re-attributed
 * since they were staged: then nothing was done.
 */
export function drop(
  database: Database,
  { since, before }: { readonly since: number; readonly before: number },
  staged: readonly Staged[],
): Promise<Staged[]> {
  return database.transaction(async (tx) => {
    await tx.query(sql`select set_config('lock_timeout', ${`${LOCK_TIMEOUT_MS}ms`}, true)`)
    // Nobody writes, re-attributes or erases until this is over.
    await tx.query(sql`select 1 from counters order by creator_id for no key update`)
    const changed = await otherGenerations(tx, staged)
    if (changed.length > 0) return changed
    await refuseUnstaged(tx, before, staged)
    const moved = await tx.query(sql`
      update retention set kept_since = ${iso(before)}::timestamptz
      where kept_since = ${iso(since)}::timestamptz and accepts_since >= ${iso(before)}::timestamptz
      returning 1`)
    if (moved.length === 0) throw new Error('another process moved the mark')
    await tx.query(sql`
      update materialized set until = greatest(until, ${iso(before)}::timestamptz)`)
    await tx.query(sql`
      delete from checkpoints k using log_bases b
      where b.creator_id = k.creator_id and b.until = ${iso(before)}::timestamptz
        and k.seq < b.holes_until`)
    if (database.edition !== 'embedded') {
      await tx.query(sql`select drop_chunks('events', older_than => ${iso(before)}::timestamptz)`)
    }
    // What is in a chunk across the mark, or where there are no chunks.
    await tx.query(sql`delete from events where ts < ${iso(before)}::timestamptz`)
    return []
  })
}

/** The last check before what cannot be undone. */
async function refuseUnstaged(tx: Transaction, before: number, staged: readonly Staged[]) {
  const [missing] = await tx.query<{ creator_id: string }>(sql`
    select creator_id from counters c
    where creator_id <> all(${staged.map(({ tenant }) => tenant.creatorId)}::text[])
      and exists (select from events e
        where e.creator_id = c.creator_id and e.ts < ${iso(before)}::timestamptz)
    limit 1`)
  if (missing) throw new Error(`old events of ${missing.creator_id} were not prepared`)
}

/** Of the staged logs: those now of another generation, and those being rewritten. */
async function otherGenerations(tx: Transaction, staged: readonly Staged[]): Promise<Staged[]> {
  const rows = await tx.query<{ creator_id: string; generation: number }>(sql`
    select creator_id, generation from counters c
    where creator_id = any(${staged.map(({ tenant }) => tenant.creatorId)}::text[])
      and not exists (
        select from resettle r where r.creator_id = c.creator_id and r.rewritten_by is not null
      )`)
  const now = new Map(rows.map(({ creator_id, generation }) => [creator_id, generation]))
  return staged.filter(({ tenant, generation }) => now.get(tenant.creatorId) !== generation)
}

/** Deletes what belongs only to dropped events, in batches; after a crash, the next run does the rest. */
export async function forgetDropped(database: Database): Promise<void> {
  const forgotten = await inPortions(
    database,
    sql`
    with portion as (
      select d.creator_id, d.until, d.event_id, d.revision from dropped_ids d, retention r
      where d.until <= r.kept_since limit ${ROWS_A_TIME}::int
    )${join(
      projections.flatMap(({ table, eventId }) =>
        eventId === undefined
          ? []
          : sql`, ${raw(`of_${table}`)} as (
      delete from ${raw(table)} t using portion
      where t.creator_id = portion.creator_id and t.${raw(eventId)} = portion.event_id
    )`,
      ),
      '',
    )}, texts as (
      select convert_to(creator_id || E'\\n' || event_id, 'UTF8') as id, revision from portion
    ), ids as (
      -- As they are made when an event is accepted: the first 16 bytes of SHA-256.
      delete from event_ids e using (
        select id from texts
        union select id || '\\x00'::bytea || convert_to(revision::text, 'UTF8') from texts where revision > 0
      ) text
      where e.id_hash = substring(sha256(text.id) for 16)
    ), gone as (
      delete from dropped_ids d using portion
      where d.creator_id = portion.creator_id and d.until = portion.until and d.event_id = portion.event_id
        and d.revision = portion.revision
      returning 1
    ) select count(*)::int as n from gone`,
  )
  await inPortions(
    database,
    sql`
    with portion as (
      select creator_id, bucket from dirty where bucket < (select kept_since from retention)
      limit ${ROWS_A_TIME}::int
    ), gone as (
      delete from dirty d using portion
      where d.creator_id = portion.creator_id and d.bucket = portion.bucket returning 1
    ) select count(*)::int as n from gone`,
  )
  await forgetSums(database)
  for (const [table, key] of [
    ['frozen_lives', 'and newer.session_id = t.session_id'],
    ['log_bases', ''],
  ] as const) {
    await database.query(sql`
      delete from ${raw(table)} t using ${raw(table)} newer, retention r
      where newer.creator_id = t.creator_id ${raw(key)}
        and newer.until > t.until and newer.until <= r.kept_since`)
  }
  if (database.edition === 'embedded' && forgotten > 0) {
    // It has no autovacuum.
    const tables = projections.flatMap(({ table, eventId }) => (eventId ? table : []))
    const sums = levels.map(({ view }) => view)
    await database.script(
      `vacuum analyze ${['events', 'event_ids', ...tables, ...sums].join(', ')}`,
    )
  }
}

/** Aggregates below the mark, where they are tables: the archive is read instead. */
async function forgetSums(database: Database): Promise<void> {
  if (database.edition === 'timescale-community') return
  for (const { view } of levels) {
    await inPortions(
      database,
      sql`
      with gone as (
        delete from ${raw(view)} where ctid = any(array(
          select old.ctid from counters c cross join lateral (
            select ctid from ${raw(view)} x where x.creator_id = c.creator_id
              and x.bucket < (select kept_since from retention) offset 0
          ) old limit ${ROWS_A_TIME}::int)) returning 1
      ) select count(*)::int as n from gone`,
    )
  }
}

async function inPortions(database: Queryable, statement: Sql): Promise<number> {
  for (let sum = 0; ; ) {
    const [row] = await database.query<{ n: number }>(statement)
    const rows = row?.n ?? 0
    sum += rows
    if (rows < ROWS_A_TIME) return sum
  }
}

const iso = (ms: number): string => new Date(ms).toISOString()
