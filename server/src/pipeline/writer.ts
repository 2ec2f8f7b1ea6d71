import { setTimeout as delay } from 'node:timers/promises'
import type { Config } from '../core/config/config.ts'
import { AppError } from '../core/errors.ts'
import type { AcceptedEvent } from '../eventlog/accepted-event.ts'
import type { Outcome } from './settle.ts'
import { type BatchStoreDeps, createBatchStore } from './store-batch.ts'
import type { LaneName } from './write-lines.ts'
import { type Batch, createWriteQueue, type WriteQueue } from './write-queue.ts'

export interface WriterDeps extends BatchStoreDeps {
  readonly config: BatchStoreDeps['config'] & Pick<Config, 'maxBatchEvents' | 'busyCreatorWaitMs'>
}

/** Writes one batch after another. */
export interface Writer extends Pick<WriteQueue, 'queued' | 'held' | 'isBusy'> {
  /** Resolves with one outcome for each event, in order, when all are durable or refused. */
  write(events: readonly AcceptedEvent[], lane: LaneName): Promise<Outcome[]>
  /** From now on events of a busy creator are refused instead of waiting. */
  stopWaiting(): void
  /** Resolves when nothing waits any more. */
  drain(): Promise<void>
}

/** Pauses between checks whether busy creators are free. */
const FIRST_LOOK_MS = 25
const LAST_LOOK_MS = 100

/**
 * While a transaction runs, arriving events collect for the next one. A creator locked by someone else is
 * left out, and retried in separate batches, so nobody else waits for it.
 */
export function createWriter(deps: WriterDeps): Writer {
  const { database, config } = deps
  const queue = createWriteQueue()
  const maxBatch = Math.min(config.maxBatchEvents, database.maxBatchEvents)
  const store = createBatchStore(deps)
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
    // In the same step as the check that found nothing: later arrivals start a new run.
    running = undefined
  }

  async function write(batch: Batch, isLook: boolean): Promise<void> {
    const busyBefore = queue.busyCreators
    try {
      const busy = new Set<string>()
      const outcomes = await store(batch.events, batch.lane, busy)
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
    // A wake-up is as good as the timeout.
    await delay(ms, undefined, { signal: woken.signal }).catch(() => {})
    wake = () => {}
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
    'This creator’s events are being recounted. Send the same request again in a moment.',
    { retryAfterMs: 1_000 },
  )
}
