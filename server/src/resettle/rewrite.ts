import { aggregateColumns } from '@creatorflow/db/aggregates'
import type { Database, Transaction } from '@creatorflow/db/database'
import { raw, sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { EventRow } from '../eventlog/event-row.ts'
import { noteDirty } from '../pipeline/dirty.ts'
import { projections } from '../projections/index.ts'
import { instant } from '../projections/projection.ts'
import type { AttributedLog } from './attribute-log.ts'
import { inPortions, ROWS_A_TIME, type Step } from './portions.ts'
import { decidedColumns } from './rederive.ts'

const COPIED_A_TIME = 10_000

/** Rows stay where they are, by number and time; their minutes become dirty if an aggregated value changed. */
export function rowSteps(
  { edition }: Pick<Database, 'edition'>,
  creatorId: string,
  changed: readonly EventRow[],
  before: ReadonlyMap<number, EventRow>,
  size = ROWS_A_TIME,
): Step[] {
  // By time, so each statement touches few chunks of the hypertable.
  const rows = [...changed].sort((a, b) => a.ts - b.ts)
  return inPortions(rows, size).map((portion) => async (tx, now) => {
    await allowDecompression(tx, { edition })
    await updateRows(tx, creatorId, portion)
    const summed = portion.filter((row) => changesSums(row, before.get(row.seq)))
    await noteDirty(tx, summed, now)
  })
}

/** Recomputes projections that depend on others. */
export async function recountProjections(tx: Transaction, creatorId: string): Promise<void> {
  for (const { recount } of projections) await recount?.(tx, creatorId)
}

/**
 * Replaces what is stored of these LIVEs with what is known. Older events than `keptSince`, epoch ms, stay if
 * events were dropped.
 */
export async function replaceLives(
  tx: Transaction,
  { creatorId }: Tenant,
  { lives, pins }: Pick<AttributedLog, 'lives' | 'pins'>,
  sessionIds: readonly string[],
  keptSince: number | null = null,
): Promise<void> {
  if (sessionIds.length === 0) return
  const ids = new Set(sessionIds)
  const of = {
    lives: [...ids].flatMap((id) => lives.get(id) ?? []),
    pins: pins.added().filter(({ session_id }) => ids.has(session_id)),
    claims: [],
  }
  for (const { table, rederived } of projections) {
    if (!rederived?.isReplaced) continue
    const isGone =
      keptSince === null ? sql`true` : rederived.isReplaced(of, new Date(keptSince).toISOString())
    await tx.query(sql`
      delete from ${raw(table)}
      where creator_id = ${creatorId} and session_id = any(${[...ids]}::text[]) and ${isGone}`)
    await copy(tx, table, rederived.columns, rederived.rows(of))
  }
}

/** Columnar rows are unpacked to be changed: TimescaleDB's limit for that does not apply here. */
export async function allowDecompression(
  tx: Transaction,
  { edition }: Pick<Database, 'edition'>,
): Promise<void> {
  if (edition === 'embedded') return
  await tx.query(
    sql`select set_config('timescaledb.max_tuples_decompressed_per_dml_transaction', '0', true)`,
  )
}

/** Raises the generation: nothing read before is valid, so nothing derived from it is kept. */
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
  for (const { reattributeRows } of projections) {
    const statement = reattributeRows?.(creatorId, rows)
    if (statement) await tx.query(statement)
  }
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

const times: ReadonlySet<string> = new Set(['started_at', 'ended_at', 'last_at', 'at'])

async function copy(
  tx: Transaction,
  table: string,
  columns: readonly string[],
  rows: readonly object[],
): Promise<void> {
  for (let at = 0; at < rows.length; at += COPIED_A_TIME) {
    const values = rows.slice(at, at + COPIED_A_TIME).map((row) => {
      const values = new Map(Object.entries(row))
      return columns.map((column) => {
        const value: unknown = values.get(column)
        return times.has(column) && typeof value === 'number' ? new Date(value) : value
      })
    })
    await tx.copyIn(table, columns, values)
  }
}
