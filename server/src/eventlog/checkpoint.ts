import type { Database, Queryable, TenantReads, Transaction } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { Creator } from '@creatorflow/shared/creator'
import { FOLD_VERSION } from '@creatorflow/shared/fold-version'
import { emptyState, type LiveState } from '@creatorflow/shared/live-state'
import type { Log } from '../core/log.ts'
import type { LogBase } from './log-base.ts'
import { headColumns, type LogHead } from './log-reader.ts'
import { baseOf, readBase } from './read-base.ts'

/** Where to start reading a creator's log, and the state up to there. */
export interface Origin {
  readonly head: LogHead
  readonly creator: Creator
  /** From the newest usable checkpoint, else the base of the log, else the empty state. */
  readonly state: LiveState
  /** If the state is the base: how to continue from there. */
  readonly base: LogBase | undefined
}

/**
 * Where to start with a creator, undefined if there is none. Head, creator and checkpoint come from one
 * statement, so a checkpoint is of the head's generation.
 */
export async function readOrigin(
  database: TenantReads,
  tenant: Tenant,
  log: Log,
): Promise<Origin | undefined> {
  for (let below = Number.MAX_SAFE_INTEGER; ; ) {
    const found = await readNewest(database, tenant, below)
    if (!found) return undefined
    const { head, creator, checkpoint, hasBase } = found
    if (!checkpoint) {
      // A mark that moved since is noticed with the first page, which carries its own.
      const base = hasBase ? await readBase(database, tenant) : undefined
      return { head, creator, state: base?.state ?? emptyState(), base }
    }
    const state = decodeState(checkpoint.text, checkpoint.seq)
    if (state) return { head, creator, state, base: undefined }
    log.warn({ ...head, at: checkpoint.seq }, 'ignoring an unreadable checkpoint')
    below = checkpoint.seq
  }
}

/** A state from the text of a checkpoint; undefined if it is invalid or of another position. */
export function decodeState(text: string, seq: number): LiveState | undefined {
  try {
    const state: unknown = JSON.parse(text)
    return isState(state) && state.seq === seq ? state : undefined
  } catch {
    // Whatever it contains, the log has everything.
    return undefined
  }
}

type Generation = Pick<LogHead, 'creator_id' | 'generation'>

/** `storeCheckpoint` in its own transaction. */
export function writeCheckpoint(
  database: Database,
  of: Generation,
  state: LiveState,
): Promise<boolean> {
  return database.transaction((tx) => storeCheckpoint(tx, of, state))
}

/**
 * Stores a state folded from events of this generation alone, and deletes what it replaces. Returns false,
 * and stores nothing, if the generation was raised meanwhile. Whoever raises it stores the new state in the
 * same transaction.
 */
export async function storeCheckpoint(
  tx: Transaction,
  { creator_id, generation }: Generation,
  state: LiveState,
): Promise<boolean> {
  await tx.query(sql`
    insert into checkpoints (creator_id, generation, fold_version, seq, state)
    values (${creator_id}, ${generation}::int, ${FOLD_VERSION}::int, ${state.seq}::bigint,
      ${JSON.stringify(state)}::json)
    on conflict do nothing`)
  // Locked last, since writers wait for it: whoever raises the generation is either seen here, or comes after
  // this commit and finds the row.
  const [now] = await tx.query<{ generation: number }>(
    sql`select generation from counters where creator_id = ${creator_id} for share`,
  )
  const current = now?.generation ?? 0
  await dropReplaced(tx, creator_id, current)
  return current === generation
}

/** Keeps the newest two: if the newest is unreadable, the previous one is nearer than the log. */
async function dropReplaced(tx: Queryable, creatorId: string, generation: number): Promise<void> {
  await tx.query(sql`
    delete from checkpoints where creator_id = ${creatorId} and (
      generation <> ${generation}::int
      or fold_version = ${FOLD_VERSION}::int and seq < (
        select seq from checkpoints
        where creator_id = ${creatorId} and generation = ${generation}::int
          and fold_version = ${FOLD_VERSION}::int
        order by seq desc offset 1 limit 1)
      -- Of a release that no longer runs.
      or fold_version <> ${FOLD_VERSION}::int and written_at < now() - interval '1 day')`)
}

/** For a log with dropped events a checkpoint must include them all: an earlier one would miss some. */
async function readNewest(database: TenantReads, tenant: Tenant, below: number) {
  const statement = sql`
    select ${headColumns}, r.id, r.name, r.time_zone, r.currency, r.locale, r.kind,
      b.holes_until, k.at, k.state
    from creators r join counters c on c.creator_id = r.id
    left join lateral ${baseOf} b on true
    left join lateral (
      select seq as at, state::text as state from checkpoints
      where creator_id = c.creator_id and generation = c.generation
        and fold_version = ${FOLD_VERSION}::int and seq <= c.seq and seq < ${below}::bigint
        and seq >= coalesce(b.holes_until, 0)
      order by seq desc limit 1
    ) k on true
    where r.id = ${tenant.creatorId}`
  const [row] = await database.readAs(tenant, (read) =>
    read.query<
      LogHead & Creator & { holes_until: number | null; at: number | null; state: string | null }
    >(statement),
  )
  if (!row) return undefined
  const { creator_id, seq, generation, database_id, holes_until, at, state, ...creator } = row
  return {
    head: { creator_id, seq, generation, database_id },
    creator: creator as Creator,
    checkpoint: at === null || state === null ? undefined : { seq: at, text: state },
    hasBase: holes_until !== null,
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Enough to continue folding without an exception; only its writer knows that the values are right. */
function isState(value: unknown): value is LiveState {
  if (!isObject(value) || !isObject(value.days) || !isObject(value.stock)) return false
  if (!Number.isSafeInteger(value.seq) || !isObject(value.lives)) return false
  const hasSums = (scope: unknown) =>
    isObject(scope) && isObject(scope.totals) && isObject(scope.excluded)
  return (
    Object.values(value.days).every(hasSums) &&
    Object.entries(value.lives).every(([id, live]) => hasSums(live) && isLive(id, live))
  )
}

function isLive(id: string, live: unknown): boolean {
  if (!isObject(live) || live.session_id !== id) return false
  const { products_other, pins_other } = live
  return (
    [live.minutes, live.tens, live.products, live.pins].every(areColumns) &&
    [live.product_rows, live.pin_rows, products_other, pins_other, live.recent].every(isObject) &&
    (live.outside === undefined || isOutside(live.outside)) &&
    [live.pauses, live.pin_marks, live.marks, live.product_names].every(Array.isArray) &&
    [live.started_at, live.last_at, live.estimated].every(Number.isSafeInteger) &&
    [live.minutes_from, live.tens_from].every(Number.isSafeInteger)
  )
}

const areColumns = (value: unknown): boolean =>
  isObject(value) && Object.values(value).every(Array.isArray)

function isOutside(value: unknown): boolean {
  return isObject(value) && isObject(value.minutes) && isObject(value.tens)
}
