import { setTimeout as delay } from 'node:timers/promises'
import { type Database, errorCode, isUnavailable } from '@creatorflow/db/database'
import type { Bus } from '../bus/bus.ts'
import type { Config } from '../core/config/config.ts'
import { AppError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Telemetry } from '../core/telemetry.ts'
import { createDeadLetters, type DeadLettersDeps } from '../dead-letters/dead-letters.ts'
import type { AcceptedEvent } from '../eventlog/accepted-event.ts'
import { publish } from '../eventlog/publish.ts'
import type { Outcome } from './settle.ts'
import { writeBatch } from './write.ts'

/** `live` is what happens now; `history` is imports: a bounded share of the batches, and only heads. */
export type LaneName = 'live' | 'history'

export interface WriterDeps {
  readonly database: Database
  readonly bus: Bus
  readonly config: Pick<Config, 'maxBatchEvents' | 'maxRedisMessageBytes'> &
    DeadLettersDeps['config']
  readonly log: Log
  readonly telemetry: Telemetry
}

/** Writes one batch after the other. */
export interface Writer {
  /** Events that wait or are being written. */
  readonly queued: number
  /** Resolves with one outcome for each event, in order, when all are durable or refused. */
  write(events: readonly AcceptedEvent[], lane: LaneName): Promise<Outcome[]>
  /** Resolves when nothing waits any more. */
  drain(): Promise<void>
}

/** A request's events on their way: `outcomes` fills up batch by batch. */
interface Job {
  readonly events: readonly AcceptedEvent[]
  readonly outcomes: Outcome[]
  taken: number
  readonly resolve: (outcomes: Outcome[]) => void
  readonly reject: (error: unknown) => void
}

/** While both lanes wait, one batch in this many is history's. */
const HISTORY_SHARE = 4
const RETRIES = 5
/** 25P03: the database ended the transaction of a process that stood still; nothing of it was written. */
const retryable: ReadonlySet<string> = new Set(['40001', '40P01', '25P03'])

/** While a transaction runs, what arrives collects for the next one. */
export function createWriter({ database, bus, config, log, telemetry }: WriterDeps): Writer {
  const lanes: Record<LaneName, Job[]> = { live: [], history: [] }
  const maxBatch = Math.min(config.maxBatchEvents, database.maxBatchEvents)
  const deadLetters = createDeadLetters({ database, config, telemetry })
  let queued = 0
  let running: Promise<void> | undefined
  let turn = 0

  async function run(): Promise<void> {
    for (let lane = nextLane(); lane; lane = nextLane()) await next(lane)
    // In the same step as the look that found nothing: what arrives later starts a new run.
    running = undefined
  }

  async function next(lane: LaneName): Promise<void> {
    const parts = takeBatch(lanes[lane])
    const batch = parts.flatMap(({ job, from, to }) => job.events.slice(from, to))
    try {
      const outcomes = await writeOrSetAside(batch, lane)
      let n = 0
      for (const { job, from, to } of parts) {
        for (let i = from; i < to; i++) job.outcomes[i] = outcomes[n++] as Outcome
        if (to === job.events.length) job.resolve(job.outcomes)
      }
    } catch (error) {
      for (const { job } of parts) {
        // The rest of a request that failed must not be written behind its caller's back.
        const index = lanes[lane].indexOf(job)
        if (index >= 0) {
          lanes[lane].splice(index, 1)
          queued -= job.events.length - job.taken
        }
        job.reject(error)
      }
    } finally {
      queued -= batch.length
    }
  }

  function nextLane(): LaneName | undefined {
    const { live, history } = lanes
    if (live.length > 0 && history.length > 0) return ++turn % HISTORY_SHARE ? 'live' : 'history'
    if (live.length > 0) return 'live'
    return history.length > 0 ? 'history' : undefined
  }

  function takeBatch(jobs: Job[]): { job: Job; from: number; to: number }[] {
    const parts = []
    let room = maxBatch
    while (room > 0 && jobs[0]) {
      const job = jobs[0]
      const from = job.taken
      const to = Math.min(job.events.length, from + room)
      parts.push({ job, from, to })
      job.taken = to
      room -= to - from
      if (to === job.events.length) jobs.shift()
    }
    return parts
  }

  /** Writes a batch; one that fails for its content is halved until the event at fault stands alone. */
  async function writeOrSetAside(
    batch: readonly AcceptedEvent[],
    lane: LaneName,
  ): Promise<Outcome[]> {
    try {
      return await writeWithRetry(batch, lane)
    } catch (error) {
      if (isUnavailable(error)) throw error
      if (!isOfEvents(error)) {
        log.error({ err: error }, 'the database refused a batch, for no fault of its events')
        throw new AppError('unavailable', 'The database cannot store events now.', {
          retryAfterMs: 1_000,
          cause: error,
        })
      }
      if (batch.length === 1) return [await setAside(batch[0] as AcceptedEvent, error)]
      const middle = batch.length >> 1
      const first = await writeOrSetAside(batch.slice(0, middle), lane)
      return [...first, ...(await writeOrSetAside(batch.slice(middle), lane))]
    }
  }

  async function writeWithRetry(
    batch: readonly AcceptedEvent[],
    lane: LaneName,
  ): Promise<Outcome[]> {
    for (let attempt = 1; ; attempt++) {
      const started = performance.now()
      try {
        const { outcomes, appended } = await writeBatch(database, batch)
        telemetry.observe('write_seconds', { lane }, (performance.now() - started) / 1000)
        telemetry.observe('write_batch_events', { lane }, batch.length)
        // Not awaited: a slow bus must not hold back an answer that is already durable.
        void publish(bus, appended, {
          headsOnly: lane === 'history',
          maxMessageBytes: config.maxRedisMessageBytes,
        })
        return [...outcomes]
      } catch (error) {
        const reason = isUnavailable(error) ? 'unavailable' : 'error'
        telemetry.count('write_failures_total', { reason })
        if (attempt >= RETRIES || !retryable.has(errorCode(error) ?? '')) throw error
        await delay(Math.random() * 20 * attempt)
      }
    }
  }

  async function setAside(event: AcceptedEvent, error: unknown): Promise<Outcome> {
    const reason = error instanceof Error ? error.message : String(error)
    log.error({ err: error, event_id: event.incoming.id }, 'event set aside as a dead letter')
    await deadLetters.setEventAside(event.creator_id, event.incoming, reason)
    return {
      kind: 'rejected',
      code: 'internal',
      message: 'the event could not be stored; it was set aside to be looked at',
    }
  }

  return {
    get queued() {
      return queued
    },
    write(events, lane) {
      return new Promise((resolve, reject) => {
        lanes[lane].push({ events, outcomes: [], taken: 0, resolve, reject })
        queued += events.length
        running ??= run()
      })
    },
    async drain() {
      while (running) await running
    },
  }
}

/** Whether an error is about what was written (its SQLSTATE says so, or it is a mistake of this program). */
function isOfEvents(error: unknown): boolean {
  const code = errorCode(error)
  return code === undefined || !/^[0-9A-Z]{5}$/.test(code) || /^(22|23|P0|XX)/.test(code)
}
