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
import { type MaybeOutcome, skipBusy, writeBatch } from './write.ts'
import { type Batch, createWriteQueue, type LaneName, type WriteQueue } from './write-queue.ts'

export interface WriterDeps {
  readonly database: Database
  readonly bus: Bus
  readonly config: Pick<Config, 'maxBatchEvents' | 'maxRedisMessageBytes' | 'busyCreatorWaitMs'> &
    DeadLettersDeps['config']
  readonly log: Log
  readonly telemetry: Telemetry
}

/** Writes one batch after the other. */
export interface Writer extends Pick<WriteQueue, 'queued' | 'held' | 'isBusy'> {
  /** Resolves with one outcome for each event, in order, when all are durable or refused. */
  write(events: readonly AcceptedEvent[], lane: LaneName): Promise<Outcome[]>
  /** From now on events of a busy creator are refused instead of waiting for it. */
  stopWaiting(): void
  /** Resolves when nothing waits any more. */
  drain(): Promise<void>
}

const RETRIES = 5
/** 25P03: the database ended the transaction of a process that stood still; nothing of it was written. */
const retryable: ReadonlySet<string> = new Set(['40001', '40P01', '25P03'])
/** Times between two looks whether busy creators are free again. */
const FIRST_LOOK_MS = 25
const LAST_LOOK_MS = 100

/**
 * While a transaction runs, what arrives collects for the next one. A creator whose lock somebody else holds is left
 * out, and tried again in batches of its own kind, so that nobody else waits for it.
 */
export function createWriter({ database, bus, config, log, telemetry }: WriterDeps): Writer {
  const queue = createWriteQueue()
  const maxBatch = Math.min(config.maxBatchEvents, database.maxBatchEvents)
  const deadLetters = createDeadLetters({ database, config, telemetry })
  let running: Promise<void> | undefined
  let waitMs = config.busyCreatorWaitMs
  let lookMs = FIRST_LOOK_MS
  let lookAt = 0
  let wake = () => {}

  async function run(): Promise<void> {
    for (;;) {
      const now = performance.now()
      const busyFirst = now >= lookAt ? queue.next('busy', maxBatch) : undefined
      const batch = busyFirst ?? queue.next('free', maxBatch)
      if (batch) await write(batch, batch === busyFirst)
      else if (queue.busyCreators > 0) await pause(lookAt - now)
      else break
    }
    // In the same step as the look that found nothing: what arrives later starts a new run.
    running = undefined
  }

  async function write(batch: Batch, isLook: boolean): Promise<void> {
    const busyBefore = queue.busyCreators
    try {
      const busy = new Set<string>()
      const outcomes = await writeOrSetAside(batch.events, batch.lane, busy)
      queue.settle(batch, outcomes, performance.now())
    } catch (error) {
      queue.fail(batch, error)
    }
    if (queue.busyCreators === 0) return
    if (isLook || busyBefore === 0) {
      const isInVain = isLook && queue.busyCreators >= busyBefore
      lookMs = isInVain ? Math.min(2 * lookMs, LAST_LOOK_MS) : FIRST_LOOK_MS
      lookAt = performance.now() + lookMs
    }
    queue.giveUp(performance.now() - waitMs, creatorBusy)
  }

  async function pause(ms: number): Promise<void> {
    const woken = new AbortController()
    wake = () => woken.abort()
    // Woken is as good as over.
    await delay(ms, undefined, { signal: woken.signal }).catch(() => {})
    wake = () => {}
  }

  /** Writes a batch; one that fails for its content is halved until the event at fault stands alone. */
  async function writeOrSetAside(
    batch: readonly AcceptedEvent[],
    lane: LaneName,
    busy: Set<string>,
  ): Promise<readonly MaybeOutcome[]> {
    try {
      return await writeWithRetry(batch, lane, busy)
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
      const first = await writeOrSetAside(batch.slice(0, middle), lane, busy)
      // A creator that was busy is left out of what follows, also when it is free by now: its events keep their order.
      const second = await skipBusy(batch.slice(middle), busy, (rest) =>
        writeOrSetAside(rest, lane, busy),
      )
      return [...first, ...second]
    }
  }

  async function writeWithRetry(
    batch: readonly AcceptedEvent[],
    lane: LaneName,
    busy: Set<string>,
  ): Promise<readonly MaybeOutcome[]> {
    for (let attempt = 1; ; attempt++) {
      const started = performance.now()
      try {
        const { outcomes, appended, busy: met } = await writeBatch(database, batch)
        for (const creatorId of met) busy.add(creatorId)
        telemetry.observe('write_seconds', { lane }, (performance.now() - started) / 1000)
        telemetry.observe('write_batch_events', { lane }, batch.length)
        // Not awaited: a slow bus must not hold back an answer that is already durable.
        void publish(bus, appended, {
          headsOnly: lane === 'history',
          maxMessageBytes: config.maxRedisMessageBytes,
        })
        return outcomes
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
      return queue.queued
    },
    get held() {
      return queue.held
    },
    isBusy: queue.isBusy,
    write(events, lane) {
      const outcomes = queue.add(events, lane, performance.now())
      running ??= run()
      wake()
      return outcomes
    },
    stopWaiting() {
      waitMs = 0
      lookAt = 0
      wake()
    },
    async drain() {
      while (running) await running
    },
  }
}

export function creatorBusy(): AppError {
  return new AppError(
    'unavailable',
    'This creator is locked: its events are being recounted. Send the same again in a moment.',
    { retryAfterMs: 1_000 },
  )
}

/** Whether an error is about what was written (its SQLSTATE says so, or it is a mistake of this program). */
function isOfEvents(error: unknown): boolean {
  const code = errorCode(error)
  return code === undefined || !/^[0-9A-Z]{5}$/.test(code) || /^(22|23|P0|XX)/.test(code)
}
