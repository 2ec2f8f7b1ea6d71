import { setTimeout as delay } from 'node:timers/promises'
import { type Database, errorCode, isUnavailable } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Bus } from '../bus/bus.ts'
import type { Config } from '../config.ts'
import { AppError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Telemetry } from '../telemetry.ts'
import type { AcceptedEvent } from './accepted-event.ts'
import { publish } from './publish.ts'
import type { Outcome } from './settle.ts'
import { writeBatch } from './write.ts'

/** `live` is what happens now; `history` is imports: a bounded share of the batches, and only heads. */
export type LaneName = 'live' | 'history'

export interface Pipeline extends AsyncDisposable {
  /**
   * accept → write → publish. Resolves when every event is durable or refused, with one outcome each,
   * in order. Rejects with `unavailable` when the queue is full or the database is not there: what of
   * it was stored is then unknown, and sending it again is harmless.
   */
  submit(events: readonly AcceptedEvent[], lane: LaneName): Promise<Outcome[]>
  /** Events that wait. */
  readonly queued: number
}

export interface PipelineDeps {
  readonly database: Database
  readonly bus: Bus
  readonly config: Pick<Config, 'maxBatchEvents' | 'maxQueuedEvents' | 'maxRedisMessageBytes'>
  readonly log: Log
  readonly telemetry: Telemetry
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
const retryable: ReadonlySet<string> = new Set(['40001', '40P01'])

/**
 * Batches across requests: while a transaction runs, what arrives collects for the next one. A creator
 * always goes to the same writer, because two writers with the same creator only wait for each other.
 */
export function createPipeline(deps: PipelineDeps): Pipeline {
  const { database, config, telemetry } = deps
  const writers = Array.from({ length: database.writers }, () => createWriter(deps))
  telemetry.sample('queued_events', queued)

  function queued(): number {
    return writers.reduce((sum, writer) => sum + writer.queued, 0)
  }

  return {
    get queued() {
      return queued()
    },
    async submit(events, lane) {
      if (events.length === 0) return []
      const waiting = queued()
      if (waiting > 0 && waiting + events.length > config.maxQueuedEvents) {
        throw new AppError('unavailable', 'Too many events are waiting to be written.', {
          retryAfterMs: 1_000,
        })
      }
      // Sorted by time a history batch touches few chunks of the hypertable.
      const order = events.map((_, index) => index)
      if (lane === 'history') {
        order.sort((a, b) => (events[a]?.incoming.ts ?? 0) - (events[b]?.incoming.ts ?? 0))
      }
      const shares = writers.map(() => [] as number[])
      for (const index of order) {
        const event = events[index] as AcceptedEvent
        shares[writerOf(event.creator_id, writers.length)]?.push(index)
      }
      const outcomes = new Array<Outcome>(events.length)
      const settled = await Promise.allSettled(
        shares.map(async (share, writer) => {
          if (share.length === 0) return
          const part = share.map((index) => events[index] as AcceptedEvent)
          const answers = await (writers[writer] as Writer).write(part, lane)
          share.forEach((index, n) => {
            outcomes[index] = answers[n] as Outcome
          })
        }),
      )
      // Only once every part is decided: a caller that is told "again" must not race its own first try.
      for (const part of settled) if (part.status === 'rejected') throw part.reason
      countOutcomes(telemetry, outcomes)
      return outcomes
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(writers.map((writer) => writer.drain()))
    },
  }
}

function writerOf(creatorId: string, writers: number): number {
  let hash = 0
  for (let i = 0; i < creatorId.length; i++) hash = (hash * 31 + creatorId.charCodeAt(i)) >>> 0
  return hash % writers
}

interface Writer {
  readonly queued: number
  write(events: readonly AcceptedEvent[], lane: LaneName): Promise<Outcome[]>
  drain(): Promise<void>
}

function createWriter({ database, bus, config, log, telemetry }: PipelineDeps): Writer {
  const lanes: Record<LaneName, Job[]> = { live: [], history: [] }
  const maxBatch = Math.min(config.maxBatchEvents, database.maxBatchEvents)
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
    telemetry.count('dead_letters_total', {})
    await database.query(sql`
      insert into dead_letters (creator_id, reason, event)
      values (${event.creator_id}, ${reason.slice(0, 1_000)}, ${JSON.stringify(event.incoming)}::jsonb)`)
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

function countOutcomes(telemetry: Telemetry, outcomes: readonly Outcome[]): void {
  for (const outcome of outcomes) {
    if (outcome.kind === 'rejected') {
      telemetry.count('event_rejects_total', { code: outcome.code })
      telemetry.count('events_total', { outcome: 'rejected' })
    } else if (outcome.kind === 'duplicate') {
      telemetry.count('events_total', { outcome: outcome.conflict ? 'conflict' : 'duplicate' })
    } else telemetry.count('events_total', { outcome: 'accepted' })
  }
}
