import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Bus } from '../bus/bus.ts'
import type { Config } from '../core/config/config.ts'
import { every } from '../core/every.ts'
import { withLease } from '../core/lease.ts'
import type { Log } from '../core/log.ts'
import { serverTenant } from '../core/rights/authorize.ts'
import { floorToWeek, raiseAcceptsSince, readMarks, WEEK_MS } from '../eventlog/marks.ts'
import { drop, forgetDropped } from '../retention/drop.ts'
import { isArchived, type Staged, stage } from '../retention/stage.ts'
import { advanceCheckpoint } from './checkpoints.ts'
import { resettleNoted } from './resettle.ts'

export const RETENTION_LEASE = 'drop old events'
const INTERVAL_MS = 10 * 60_000
const ATTEMPTS = 3
const DAY_MS = 86_400_000

export interface RetentionDeps {
  readonly database: Database
  readonly bus: Bus
  readonly config: Pick<Config, 'retentionDays'>
  readonly log: Log
}

/** Drops events older than the retention, week by week. */
export function createRetention(deps: RetentionDeps): AsyncDisposable {
  const failed = (error: unknown) => deps.log.warn({ err: error }, 'failed to drop old events')
  return every({ intervalMs: INTERVAL_MS, atOnce: true, failed }, (closing) =>
    retain(deps, closing),
  )
}

/**
 * One run, on one node at a time. Stopping it anywhere loses nothing: until a week's mark moves, what was
 * prepared for it is invisible, and the next run prepares it again. Returns whether this node had the lease.
 */
export function retain(deps: RetentionDeps, closing?: AbortSignal): Promise<boolean> {
  const { database, config } = deps
  return withLease(database, RETENTION_LEASE, async (lost) => {
    const signal = closing ? AbortSignal.any([closing, lost]) : lost
    await forgetDropped(database)
    if (config.retentionDays === 0) return
    const marks = await readMarks(database)
    const target = floorToWeek(marks.now - config.retentionDays * DAY_MS)
    // More days than before: rejected events stay rejected, but nothing more is dropped until it is time.
    if (target <= marks.keptSince) return
    await raiseAcceptsSince(database, target)
    await passBarrier(database)
    await settleNoted(deps)
    for (let since = marks.keptSince; since < target && !signal.aborted; ) {
      const before = await nextMark(database, since, target)
      await dropUntil(deps, since, before, signal)
      since = before
    }
  })
}

/** Waits for every writer that read the mark before it was raised: after that nothing older comes in. */
async function passBarrier(database: Database): Promise<void> {
  const rows = await database.query<{ creator_id: string }>(
    sql`select creator_id from counters order by creator_id`,
  )
  for (const { creator_id } of rows) {
    await database.query(
      sql`select 1 from counters where creator_id = ${creator_id} for no key update`,
    )
  }
}

/** While everything that identifies the events' owners still exists. */
async function settleNoted({ database, bus, log }: RetentionDeps): Promise<void> {
  await resettleNoted({ database, bus, log, config: { resettleDelayMs: 0 } })
  const left = await database.query<{ creator_id: string }>(sql`select creator_id from resettle`)
  if (left.length === 0) return
  const creators = left.map(({ creator_id }) => creator_id)
  log.warn(
    { creators },
    'these creators still wait for re-attribution, which will use only the events that are kept',
  )
}

/** The end of the oldest event's week, at most `target`: weeks without events are skipped. */
async function nextMark(database: Database, since: number, target: number): Promise<number> {
  const [row] = await database.query<{ oldest: Date | null }>(sql`
    select min(first.ts) as oldest from counters c cross join lateral (
      select ts from events e where e.creator_id = c.creator_id order by ts limit 1
    ) first`)
  const oldest = row?.oldest?.getTime() ?? target
  return Math.min(target, Math.max(since, floorToWeek(oldest)) + WEEK_MS)
}

/** Prepares what stays of a week and drops it; what was re-attributed meanwhile is prepared again. */
async function dropUntil(
  { database, log }: RetentionDeps,
  since: number,
  before: number,
  signal: AbortSignal,
): Promise<void> {
  const staged = new Map<string, Staged>()
  let todo = await creatorsWithEvents(database, before)
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    for (const creatorId of todo) {
      if (signal.aborted) return
      const done = await stage(database, { tenant: serverTenant(creatorId), since, before })
      if (done) staged.set(creatorId, done)
      else staged.delete(creatorId)
    }
    const all = [...staged.values()]
    for (const each of all) {
      if (signal.aborted) return
      await leaveCheckpoint({ database, log }, each)
      if (!(await isArchived(database, { since, before }, each))) {
        throw new Error(`another node is already dropping old events of ${each.tenant.creatorId}`)
      }
    }
    const changed = await drop(database, { since, before }, all)
    if (changed.length === 0) {
      const sum = (of: 'events' | 'lives') => all.reduce((total, each) => total + each[of], 0)
      const counts = { events: sum('events'), lives: sum('lives'), creators: all.length }
      log.info({ before: new Date(before).toISOString(), ...counts }, 'dropped old events')
      await forgetDropped(database)
      return
    }
    todo = changed.map(({ tenant }) => tenant.creatorId)
  }
  throw new Error('these creators are being re-attributed; their old events stay for now')
}

/** With it nobody has to read the rest from its beginning; without it they do. */
async function leaveCheckpoint(
  { database, log }: Pick<RetentionDeps, 'database' | 'log'>,
  { tenant }: Staged,
): Promise<void> {
  try {
    await advanceCheckpoint({ database, log, pagesATurn: Number.POSITIVE_INFINITY }, tenant)
  } catch (error) {
    log.warn({ err: error, creator_id: tenant.creatorId }, 'failed to write a checkpoint')
  }
}

async function creatorsWithEvents(database: Database, before: number): Promise<string[]> {
  const rows = await database.query<{ creator_id: string }>(sql`
    select creator_id from counters c where exists (
      select from events e where e.creator_id = c.creator_id
        and e.ts < ${new Date(before).toISOString()}::timestamptz
    ) order by creator_id`)
  return rows.map(({ creator_id }) => creator_id)
}
