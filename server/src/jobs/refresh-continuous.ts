import { setTimeout as delay } from 'node:timers/promises'
import { type Level, levels } from '@creatorflow/db/aggregates'
import { type Database, errorCode } from '@creatorflow/db/database'
import { releaseOption } from '@creatorflow/db/timescale-releases'
import type { Log } from '../core/log.ts'
import {
  advance,
  type DirtyMinute,
  dropSettled,
  floor,
  iso,
  isRight,
  readDirty,
  readReach,
} from './refresh-queries.ts'

const DAY_MS = 86_400_000
/** Range materialized at once: a first run over years of history advances step by step. */
const STEP_MS = 7 * DAY_MS
const MINUTES_A_TIME = 2_000
/** `refresh_continuous_aggregate` may meet a schema change (XX000), another refresh or a lock. */
const passing = new Set(['XX000', '40001', '40P01', '55P03'])
const TRIES = 10

/** Refreshes continuous aggregates: first what is new, fine to coarse, then what became dirty. */
export async function refreshContinuous(
  database: Database,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  await moveOn(database, log, signal)
  await settleDirty(database, log, signal)
}

async function moveOn(database: Database, log: Log, signal: AbortSignal): Promise<void> {
  for (let moved = true; moved && !signal.aborted; ) {
    moved = false
    const { settled, until } = await readReach(database)
    let reach = settled
    for (const level of levels) {
      const from = until[level.name] ?? 0
      const to = floor(Math.min(reach, from + STEP_MS), level.widthMs)
      reach = from
      if (to <= from || signal.aborted) continue
      await refresh(database, level, from, to)
      if (!(await isRight(database, level, from, to))) {
        // Another refresh of this range may be running; reads sum the log until it is done.
        log.debug({ level: level.name, from, to }, 'a level still differs from the log')
        return
      }
      await advance(database, level, to)
      reach = to
      moved ||= to - from >= STEP_MS - level.widthMs
    }
  }
}

async function settleDirty(database: Database, log: Log, signal: AbortSignal): Promise<void> {
  const { until } = await readReach(database)
  const reached = until['1m'] ?? 0
  for (let after = 0; !signal.aborted; ) {
    const minutes = await readDirty(database, after, reached, MINUTES_A_TIME)
    const [first] = minutes
    const last = minutes.at(-1)
    if (!first || !last) return
    for (const level of levels) {
      const from = floor(first.bucket.getTime(), level.widthMs)
      const to = Math.min(
        floor(last.bucket.getTime(), level.widthMs) + level.widthMs,
        until[level.name] ?? 0,
      )
      if (to > from) await refresh(database, level, from, to)
    }
    if (signal.aborted) return
    const gone = await dropSettled(database, minutes, until)
    logRest(log, minutes, gone)
    // The rest is for the next run: a full batch may end within its day.
    after = minutes.length === MINUTES_A_TIME && gone > 0 ? after : dayAfter(last)
  }
}

function logRest(log: Log, minutes: readonly DirtyMinute[], gone: number): void {
  if (gone < minutes.length) {
    log.debug({ minutes: minutes.length, settled: gone }, 'some minutes are left for the next run')
  }
}

const dayAfter = ({ bucket }: DirtyMinute): number => floor(bucket.getTime(), DAY_MS) + DAY_MS

/** Outside of any transaction, as TimescaleDB requires; whole buckets only, never past what the level reached. */
async function refresh(database: Database, level: Level, from: number, to: number): Promise<void> {
  const call = `call refresh_continuous_aggregate('${level.view}', '${iso(from)}'::timestamptz, '${iso(to)}'::timestamptz${releaseOption('refreshInOnePass', database.release ?? '')})`
  for (let attempt = 1; ; attempt++) {
    try {
      return await database.script(call)
    } catch (error) {
      if (attempt === TRIES || !passing.has(errorCode(error) ?? '')) throw error
      await delay(100 * attempt)
    }
  }
}
