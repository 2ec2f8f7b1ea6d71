import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { fold } from '@creatorflow/shared/fold'
import { emptyState, type LiveState } from '@creatorflow/shared/live-state'
import { createInProcessBus } from '../src/bus/in-process.ts'
import { type Log, silentLog } from '../src/core/log.ts'
import { serverTenant } from '../src/core/rights/authorize.ts'
import { createTelemetry } from '../src/core/telemetry.ts'
import { readLog } from '../src/eventlog/log-reader.ts'
import { insertCreator } from '../src/identity/creators/creators.ts'
import { createFollowers, type Followers } from '../src/live/followers.ts'
import { accept } from '../src/pipeline/accept.ts'
import { createPipeline } from '../src/pipeline/pipeline.ts'
import { sentEvents } from './live-events.ts'

/** Logs written by the pipeline, without a server. */
export interface WrittenLogs extends AsyncDisposable {
  newCreator(): Promise<string>
  /** Events of now, or of the given time. */
  send(creatorId: string, count: number, ts?: number): Promise<void>
  /** Every event of the log, folded from the first one. */
  foldOfLog(creatorId: string): Promise<LiveState>
  /** Like a job that re-attributes: the log says something else, under a higher generation. */
  rewrite(creatorId: string): Promise<void>
  /** A starting node: it follows nobody yet. */
  newNode(log?: Log, from?: Database): Followers
}

let creators = 0

export function createWrittenLogs(database: Database): WrittenLogs {
  const telemetry = createTelemetry()
  const log = silentLog()
  const bus = createInProcessBus({ log, telemetry })
  const config = {
    maxBatchEvents: 500,
    maxQueuedEvents: 50_000,
    busyCreatorWaitMs: 30_000,
    maxDeadLetters: 100,
    maxDeadLetterBytes: 1_000_000,
    maxRedisMessageBytes: 65_536,
  }
  const pipeline = createPipeline({ database, bus, config, log, telemetry })
  return {
    async newCreator() {
      const id = `written-${++creators}`
      const creator = { id, name: id, time_zone: 'UTC', currency: 'USD', locale: 'en' }
      await database.transaction((tx) => insertCreator(tx, { ...creator, kind: 'real' }))
      return id
    },
    async send(creatorId, count, ts) {
      const accepted = sentEvents(creatorId, count).map((event) => {
        const result = accept(
          { ...event, ...(ts !== undefined && { ts }) },
          { kind: 'owner' },
          Date.now(),
        )
        if (!result.ok) throw new Error(result.reject.message)
        return result.event
      })
      const outcomes = await pipeline.submit(accepted, 'live')
      const lost = outcomes.filter(({ kind }) => kind !== 'accepted').length
      if (lost > 0) throw new Error(`${lost} events were not accepted`)
      // The bus delivers in microtasks.
      await new Promise(setImmediate)
    },
    async foldOfLog(creatorId) {
      const state = emptyState()
      for (;;) {
        const events = await readLog(database, serverTenant(creatorId), state.seq)
        if (events.length === 0) return state
        fold(state, events)
      }
    },
    rewrite: (creatorId) =>
      database.transaction(async (tx) => {
        await tx.query(
          sql`update counters set generation = generation + 1 where creator_id = ${creatorId}`,
        )
        await tx.query(
          sql`update events set money = money + 1 where creator_id = ${creatorId} and money > 0`,
        )
        await tx.query(sql`delete from tail where creator_id = ${creatorId}`)
      }),
    newNode: (of = log, from = database) =>
      createFollowers({
        database: from,
        bus,
        log: of,
        telemetry: createTelemetry(),
        config: { maxFollowedCreators: 100 },
      }),
    async [Symbol.asyncDispose]() {
      await pipeline[Symbol.asyncDispose]()
      await bus[Symbol.asyncDispose]()
    },
  }
}
