import { aggregateColumns } from '@creatorflow/db/aggregates'
import type { Database, Transaction } from '@creatorflow/db/database'
import { raw, sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { EventRow } from '../eventlog/event-row.ts'
import { noteDirty } from '../pipeline/dirty.ts'
import { recountPeopleDays } from '../projections/people-days.ts'
import { decidedColumns, type Rederived } from './rederive.ts'
import type { RederivedKept } from './rederive-kept.ts'

const ROWS_A_TIME = 1_000
const COPIED_A_TIME = 10_000

/**
 * Replaces what was decided about a creator, in the transaction that holds its counter. Rows stay where they
 * are, by number and time; their minutes become dirty when something that aggregates sum changed.
 */
export async function rewrite(
  tx: Transaction,
  { edition }: Database,
  { creatorId }: Tenant,
  { changed, lives, pins, claims }: Rederived,
  before: ReadonlyMap<number, EventRow>,
  now: number,
): Promise<void> {
  for (const table of ['lives', 'pin_marks', 'claims']) {
    await tx.query(sql`delete from ${raw(table)} where creator_id = ${creatorId}`)
  }
  await copy(tx, 'lives', liveColumns, lives)
  await copy(tx, 'pin_marks', pinColumns, pins)
  await copy(tx, 'claims', claimColumns, claims)
  await recountPeopleDays(tx, creatorId)
  await rewriteRows(tx, { edition }, creatorId, changed, before, now)
}

/**
 * The same for a log with dropped events: what those made stays. Their pins are older than `keptSince`.
 */
export async function rewriteKept(
  tx: Transaction,
  { edition }: Database,
  { creatorId }: Tenant,
  { changed, lives, pins, claims, gone }: RederivedKept,
  before: ReadonlyMap<number, EventRow>,
  { now, keptSince }: { readonly now: number; readonly keptSince: number },
): Promise<void> {
  const sessions = lives.map(({ session_id }) => session_id)
  await tx.query(sql`
    delete from lives where creator_id = ${creatorId} and session_id = any(${sessions}::text[])`)
  await copy(tx, 'lives', liveColumns, lives)
  await tx.query(sql`
    delete from pin_marks where creator_id = ${creatorId} and at >= ${instant(keptSince)}::timestamptz`)
  await copy(tx, 'pin_marks', pinColumns, pins)
  const replaced = [...gone, ...claims]
  for (let at = 0; at < replaced.length; at += COPIED_A_TIME) {
    const keys = replaced.slice(at, at + COPIED_A_TIME)
    await tx.query(sql`
      delete from claims c using unnest(
        ${keys.map(({ kind }) => kind)}::text[], ${keys.map(({ key }) => key)}::text[]
      ) as t (kind, key)
      where c.creator_id = ${creatorId} and c.kind = t.kind and c.key = t.key`)
  }
  await copy(tx, 'claims', claimColumns, claims)
  await recountPeopleDays(tx, creatorId)
  await rewriteRows(tx, { edition }, creatorId, changed, before, now)
}

async function rewriteRows(
  tx: Transaction,
  { edition }: Pick<Database, 'edition'>,
  creatorId: string,
  changed: readonly EventRow[],
  before: ReadonlyMap<number, EventRow>,
  now: number,
): Promise<void> {
  await allowDecompression(tx, { edition })
  // By time, so that each statement meets few chunks of the hypertable.
  const rows = [...changed].sort((a, b) => a.ts - b.ts)
  for (let at = 0; at < rows.length; at += ROWS_A_TIME) {
    await updateRows(tx, creatorId, rows.slice(at, at + ROWS_A_TIME))
  }
  const summed = rows.filter((row) => changesSums(row, before.get(row.seq)))
  await noteDirty(tx, edition, summed, now)
}

/** Rows stored by columns are unpacked to be changed: TimescaleDB's limit for that is no limit of ours. */
export async function allowDecompression(
  tx: Transaction,
  { edition }: Pick<Database, 'edition'>,
): Promise<void> {
  if (edition === 'embedded') return
  await tx.query(
    sql`select set_config('timescaledb.max_tuples_decompressed_per_dml_transaction', '0', true)`,
  )
}

/** Raises the generation: nothing read before is valid, so nothing that was made of it is kept. */
export async function raiseGeneration(tx: Transaction, { creatorId }: Tenant): Promise<void> {
  await tx.query(sql`delete from tail where creator_id = ${creatorId}`)
  await tx.query(sql`delete from checkpoints where creator_id = ${creatorId}`)
  await tx.query(
    sql`update counters set generation = generation + 1 where creator_id = ${creatorId}`,
  )
}

async function updateRows(
  tx: Transaction,
  creatorId: string,
  rows: readonly EventRow[],
): Promise<void> {
  const values = rows.map((row) => ({
    seq: row.seq,
    ts: instant(row.ts),
    ...Object.fromEntries(updatedColumns.map((column) => [column, row[column]])),
    live_started_at: instant(row.live_started_at),
  }))
  await tx.query(sql`
    update events e set ${raw(updatedColumns.map((c) => `${c} = t.${c}`).join(', '))}
    from json_to_recordset(${JSON.stringify(values)}::json) as t (
      seq bigint, ts timestamptz, ${raw(updatedColumns.map((c) => `${c} ${typeOf(c)}`).join(', '))}
    )
    where e.creator_id = ${creatorId} and e.seq = t.seq and e.ts = t.ts
      and e.ts >= ${instant(rows[0]?.ts ?? 0)}::timestamptz
      and e.ts <= ${instant(rows.at(-1)?.ts ?? 0)}::timestamptz`)
  const comments = rows.filter(({ type }) => type === 'comment')
  if (comments.length === 0) return
  await tx.query(sql`
    update comments c set session_id = t.session_id
    from unnest(
      ${comments.map((row) => row.id)}::text[], ${comments.map((row) => row.session_id)}::text[]
    ) as t (event_id, session_id)
    where c.creator_id = ${creatorId} and c.event_id = t.event_id`)
}

const updatedColumns = [...decidedColumns, 'given'] as const

function typeOf(column: (typeof updatedColumns)[number]): string {
  if (column === 'live_started_at') return 'timestamptz'
  return texts.has(column) ? 'text' : 'bigint'
}

const texts: ReadonlySet<string> = new Set([
  'session_id',
  'pin_id',
  'currency',
  'day',
  'attribution',
])

const summedColumns = decidedColumns.filter((column) => aggregateColumns.includes(column))

function changesSums(row: EventRow, before: EventRow | undefined): boolean {
  return summedColumns.some((column) => row[column] !== before?.[column])
}

const liveColumns = [
  'creator_id',
  'session_id',
  'started_at',
  'inferred',
  'ended_at',
  'last_at',
] as const
const pinColumns = ['creator_id', 'session_id', 'at', 'id', 'product_id'] as const
const claimColumns = ['creator_id', 'kind', 'key', 'value', 'ref', 'at'] as const
const times: ReadonlySet<string> = new Set(['started_at', 'ended_at', 'last_at', 'at'])

async function copy<C extends string>(
  tx: Transaction,
  table: string,
  columns: readonly C[],
  rows: readonly Readonly<Record<C, unknown>>[],
): Promise<void> {
  for (let at = 0; at < rows.length; at += COPIED_A_TIME) {
    const values = rows
      .slice(at, at + COPIED_A_TIME)
      .map((row) =>
        columns.map((column) =>
          times.has(column) && row[column] !== null ? new Date(row[column] as number) : row[column],
        ),
      )
    await tx.copyIn(table, columns, values)
  }
}

const instant = (ms: number | null): string | null =>
  ms === null ? null : new Date(ms).toISOString()
