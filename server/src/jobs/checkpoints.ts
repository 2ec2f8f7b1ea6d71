import { setTimeout as delay } from 'node:timers/promises'
import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { FOLD_VERSION } from '@creatorflow/shared/fold-version'
import type { Config } from '../core/config/config.ts'
import { withLease } from '../core/lease.ts'
import type { Log } from '../core/log.ts'
import { serverTenant } from '../core/rights/authorize.ts'
import { readOrigin, writeCheckpoint } from '../eventlog/checkpoint.ts'
import { takePage } from '../eventlog/log-base.ts'
import { readPage } from '../eventlog/log-reader.ts'

/** Each fold version has its own: two releases side by side both need theirs. */
export const CHECKPOINT_LEASE = `write checkpoints of fold ${FOLD_VERSION}`
const ROUND_MS = 1_000
const LEASE_RETRY_MS = 5_000
const CREATORS_A_TIME = 100
const PAGES_A_TURN = 20
/** How long a creator with an unreadable log is left alone. */
const REST_MS = 60_000

export interface CheckpointDeps {
  readonly database: Database
  readonly config: Pick<Config, 'checkpointEvents' | 'checkpointIntervalS'>
  readonly log: Log
  /** Pages of one creator before others get their turn: a long log takes several rounds. */
  readonly pagesATurn?: number
}

/** Stores the live state of every creator with new events, on one node at a time. */
export function createCheckpoints(deps: CheckpointDeps): AsyncDisposable {
  const closing = new AbortController()
  const running = run(deps, closing.signal)
  return {
    async [Symbol.asyncDispose]() {
      closing.abort()
      await running
    },
  }
}

async function run(deps: CheckpointDeps, closing: AbortSignal): Promise<void> {
  while (!closing.aborted) {
    try {
      await withLease(deps.database, CHECKPOINT_LEASE, async (lost) => {
        const signal = AbortSignal.any([closing, lost])
        const resting = new Map<string, number>()
        while (!signal.aborted) {
          const done = await writeDueCheckpoints(deps, resting, signal)
          if (done < CREATORS_A_TIME) await pause(ROUND_MS, signal)
        }
      })
    } catch (error) {
      deps.log.warn({ err: error }, 'failed to write checkpoints')
    }
    await pause(LEASE_RETRY_MS, closing)
  }
}

/**
 * One round over the creators whose checkpoint is due, longest waiting first; returns how many. One state is
 * held at a time. `resting`: creators that failed, until when.
 */
export async function writeDueCheckpoints(
  { database, config, log, pagesATurn = PAGES_A_TURN }: CheckpointDeps,
  resting: Map<string, number> = new Map(),
  signal?: AbortSignal,
): Promise<number> {
  const now = performance.now()
  for (const [id, until] of resting) if (until <= now) resting.delete(id)
  const due = await readDue(database, config, [...resting.keys()])
  for (const creatorId of due) {
    if (signal?.aborted) break
    try {
      await advanceCheckpoint({ database, log, pagesATurn }, serverTenant(creatorId))
    } catch (error) {
      // One unreadable log stops nobody else's checkpoint.
      resting.set(creatorId, now + REST_MS)
      log.warn({ err: error, creator_id: creatorId }, 'failed to write a checkpoint')
    }
  }
  return due.length
}

async function readDue(
  database: Database,
  { checkpointEvents, checkpointIntervalS }: CheckpointDeps['config'],
  except: readonly string[],
): Promise<string[]> {
  const rows = await database.query<{ creator_id: string }>(sql`
    select c.creator_id from counters c join creators r on r.id = c.creator_id
    left join lateral (
      select k.seq, k.written_at from checkpoints k
      where k.creator_id = c.creator_id and k.generation = c.generation
        and k.fold_version = ${FOLD_VERSION}::int
      order by k.seq desc limit 1
    ) k on true
    where c.seq > coalesce(k.seq, 0) and c.creator_id <> all(${except}::text[])
      and (k.seq is null or c.seq - k.seq >= ${checkpointEvents}::bigint
        or k.written_at <= now() - make_interval(secs => ${checkpointIntervalS}::float8))
    order by k.written_at nulls first limit ${CREATORS_A_TIME}::int`)
  return rows.map(({ creator_id }) => creator_id)
}

/** Folds what came since the newest checkpoint and stores the next one, at the head or much nearer to it. */
export async function advanceCheckpoint(
  { database, log, pagesATurn }: Required<Omit<CheckpointDeps, 'config'>>,
  tenant: Tenant,
): Promise<void> {
  const origin = await readOrigin(database, tenant, log)
  if (!origin) return
  const { head, state } = origin
  let { base } = origin
  const from = state.seq
  for (let pages = 0; pages < pagesATurn || base; pages++) {
    const page = await readPage(database, tenant, state.seq, base)
    const isSame =
      page?.head.generation === head.generation &&
      page.head.database_id === head.database_id &&
      (!base || page.keptSince === base.keptSince)
    // What was folded so far is of the previous generation; the next round starts with the new one.
    if (!page || !isSame || page.head.seq < state.seq) return
    const isHole = page.events.length === 0 && state.seq < page.head.seq && !base
    // Dropped meanwhile: the next round starts after what was dropped.
    if (isHole && page.holesUntil > state.seq) return
    if (isHole) throw new Error('the log has a hole')
    takePage(state, page.events, base)
    // Before that it would lack what is missing.
    if (base && state.seq >= base.holesUntil) base = undefined
    if (state.seq === page.head.seq) break
  }
  if (state.seq > from) await writeCheckpoint(database, head, state)
}

/** Ends early, without an error, when the signal aborts. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return delay(ms, undefined, { signal }).catch(() => {})
}
