import { aggregateColumns } from '@creatorflow/db/aggregates'
import type { Database, Transaction } from '@creatorflow/db/database'
import { raw, sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { EventRow } from '../eventlog/event-row.ts'
import { noteDirty } from '../pipeline/dirty.ts'
import type { Claim, ClaimBook, ClaimKey } from '../projections/claims.ts'
import { projections } from '../projections/index.ts'
import { instant, type Reattributed } from '../projections/projection.ts'
import { type Books, decidedColumns } from './rederive.ts'
import type { RederivedKept } from './rederive-kept.ts'

/** Rows that one statement rewrites, and claims for each of them. */
export const ROWS_A_TIME = 1_000
const CLAIMS_A_ROW = 5
const COPIED_A_TIME = 10_000

/** One bounded part of rewriting a log; in a transaction that holds its counter, with the database's clock. */
export type Step = (tx: Transaction, now: number) => Promise<void>

/** Rows stay where they are, by number and time; their minutes become dirty when something that aggregates sum changed. */
export function rowSteps(
  { edition }: Pick<Database, 'edition'>,
  creatorId: string,
  changed: readonly EventRow[],
  before: ReadonlyMap<number, EventRow>,
  size = ROWS_A_TIME,
): Step[] {
  // By time, so that each statement meets few chunks of the hypertable.
  const rows = [...changed].sort((a, b) => a.ts - b.ts)
  return inPortions(rows, size).map((portion) => async (tx, now) => {
    await allowDecompression(tx, { edition })
    await updateRows(tx, creatorId, portion)
    const summed = portion.filter((row) => changesSums(row, before.get(row.seq)))
    await noteDirty(tx, edition, summed, now)
  })
}

/** Makes the stored claims those of the book: first what is stored goes through page by page, then what is missing. */
export function* claimSteps(
  { creatorId }: Tenant,
  claims: ClaimBook,
  rowsAStep: number,
): Generator<Step, undefined> {
  const size = rowsAStep * CLAIMS_A_ROW
  const seen = new Set<string>()
  let after: { readonly kind: string; readonly key: string } | undefined = { kind: '', key: '' }
  while (after) {
    const from: { readonly kind: string; readonly key: string } = after
    yield async (tx) => {
      const stored = await tx.query<ClaimKey & Omit<Claim, 'at'> & { at: Date | null }>(sql`
        select creator_id, kind, key, value, ref, at from claims
        where creator_id = ${creatorId} and (kind, key) > (${from.kind}::text, ${from.key}::text)
        order by kind, key limit ${size}::int`)
      for (const claim of stored) seen.add(nameOf(claim))
      const others = stored.filter((claim) => !isEqual(claims.get(claim), claim))
      await writeClaims(tx, others, claims)
      after = stored.length < size ? undefined : stored.at(-1)
    }
  }
  const missing = claims.changed().filter((claim) => !seen.has(nameOf(claim)))
  for (const portion of inPortions(missing, size)) {
    yield (tx) => writeClaims(tx, portion, claims)
  }
}

/** Stores claims as the book has them; a key that it does not have is deleted. */
export async function writeClaims(
  tx: Transaction,
  keys: readonly ClaimKey[],
  book: ClaimBook,
): Promise<void> {
  for (const portion of inPortions(keys, ROWS_A_TIME * CLAIMS_A_ROW)) {
    const [first] = portion as [ClaimKey]
    const gone = portion.filter((key) => book.get(key) === undefined)
    await deleteClaims(tx, first.creator_id, gone)
    const kept = portion.flatMap(({ creator_id, kind, key }) => {
      const claim = book.get({ creator_id, kind, key })
      return claim ? [{ creator_id, kind, key, ...claim }] : []
    })
    if (kept.length === 0) continue
    await tx.query(sql`
      insert into claims (creator_id, kind, key, value, ref, at)
      select ${first.creator_id}::text, * from unnest(
        ${kept.map((c) => c.kind)}::text[], ${kept.map((c) => c.key)}::text[],
        ${kept.map((c) => c.value)}::bigint[], ${kept.map((c) => c.ref)}::text[],
        ${kept.map((c) => instant(c.at))}::timestamptz[]
      )
      on conflict (creator_id, kind, key)
      do update set value = excluded.value, ref = excluded.ref, at = excluded.at`)
  }
}

/** The last step: what is replaced as a whole, as the books have it, and what follows from it. */
export async function writeBooks(
  tx: Transaction,
  { creatorId }: Tenant,
  books: Books,
): Promise<void> {
  await replaceRows(tx, creatorId, rowsOf(books))
}

/**
 * Replaces what was decided about a creator whose old events were dropped, at once: what those made stays. Their pins are
 * older than `keptSince`.
 */
export async function rewriteKept(
  tx: Transaction,
  { edition }: Database,
  { creatorId }: Tenant,
  rederived: RederivedKept,
  before: ReadonlyMap<number, EventRow>,
  { now, keptSince }: { readonly now: number; readonly keptSince: number },
): Promise<void> {
  const { changed, claims, gone } = rederived
  await deleteClaims(tx, creatorId, [...gone, ...claims])
  await copy(tx, 'claims', claimColumns, claims)
  await replaceRows(tx, creatorId, rederived, keptSince)
  for (const step of rowSteps({ edition }, creatorId, changed, before)) await step(tx, now)
}

/** Everything that books hold. */
export const rowsOf = ({ lives, pins, claims }: Books): Reattributed => ({
  lives: lives.changed(),
  pins: pins.added(),
  claims: claims.changed(),
})

/** Without `keptSince` no event was dropped, and every row is replaced. */
async function replaceRows(
  tx: Transaction,
  creatorId: string,
  of: Reattributed,
  keptSince?: number,
): Promise<void> {
  for (const { table, rederived } of projections) {
    if (!rederived?.isReplaced) continue
    const which =
      keptSince === undefined
        ? sql`true`
        : rederived.isReplaced(of, new Date(keptSince).toISOString())
    await tx.query(sql`delete from ${raw(table)} where creator_id = ${creatorId} and ${which}`)
    await copy(tx, table, rederived.columns, rederived.rows(of))
  }
  for (const { recount } of projections) await recount?.(tx, creatorId)
}

async function deleteClaims(
  tx: Transaction,
  creatorId: string,
  keys: readonly ClaimKey[],
): Promise<void> {
  for (const portion of inPortions(keys, ROWS_A_TIME * CLAIMS_A_ROW)) {
    await tx.query(sql`
      delete from claims c using unnest(
        ${portion.map(({ kind }) => kind)}::text[], ${portion.map(({ key }) => key)}::text[]
      ) as t (kind, key)
      where c.creator_id = ${creatorId} and c.kind = t.kind and c.key = t.key`)
  }
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

const claimColumns = ['creator_id', 'kind', 'key', 'value', 'ref', 'at'] as const
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

function inPortions<T>(list: readonly T[], size: number): (readonly T[])[] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, n) =>
    list.slice(n * size, (n + 1) * size),
  )
}

const nameOf = ({ kind, key }: ClaimKey): string => `${kind}\n${key}`

function isEqual(
  claim: Claim | undefined,
  stored: Omit<Claim, 'at'> & { readonly at: Date | null },
): boolean {
  return (
    claim !== undefined &&
    claim.value === stored.value &&
    claim.ref === stored.ref &&
    claim.at === (stored.at?.getTime() ?? null)
  )
}
