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
import type { LaneName } from './write-lines.ts'

export interface BatchStoreDeps {
  readonly database: Database
  readonly bus: Bus
  readonly config: Pick<Config, 'maxRedisMessageBytes'> & DeadLettersDeps['config']
  readonly log: Log
  readonly telemetry: Telemetry
}

/**
 * Stores a batch and publishes it. Adds creators locked by others to `busy`, and leaves their events out.
 * Throws `unavailable` while the database cannot store events.
 */
export type StoreBatch = (
  batch: readonly AcceptedEvent[],
  lane: LaneName,
  busy: Set<string>,
) => Promise<readonly MaybeOutcome[]>

const RETRIES = 5
/** 25P03: the database ended the transaction of a frozen process; nothing of it was written. */
const retryable: ReadonlySet<string> = new Set(['40001', '40P01', '25P03'])

export function createBatchStore(deps: BatchStoreDeps): StoreBatch {
  const { database, bus, config, log, telemetry } = deps
  const deadLetters = createDeadLetters({ database, config, telemetry })

  /** Writes a batch; one that fails for its content is halved until the faulty event stands alone. */
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
        log.error({ err: error }, 'the database rejected a batch, not because of its events')
        throw new AppError('unavailable', 'The database can’t store events right now.', {
          retryAfterMs: 1_000,
          cause: error,
        })
      }
      if (batch.length === 1) return [await setAside(batch[0] as AcceptedEvent, error)]
      const middle = batch.length >> 1
      const first = await writeOrSetAside(batch.slice(0, middle), lane, busy)
      // A busy creator is left out of what follows, even if it is free by now: its events keep their order.
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
        // Not awaited: a slow bus must not delay an answer that is already durable.
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
    log.error({ err: error, event_id: event.incoming.id }, 'event stored as a dead letter')
    await deadLetters.setEventAside(event.creator_id, event.incoming, reason)
    return {
      kind: 'rejected',
      code: 'internal',
      message: 'the event could not be stored; it is kept as a dead letter',
    }
  }

  return writeOrSetAside
}

/** Whether an error is about the content (by its SQLSTATE, or a mistake of this program). */
function isOfEvents(error: unknown): boolean {
  const code = errorCode(error)
  return code === undefined || !/^[0-9A-Z]{5}$/.test(code) || /^(22|23|P0|XX)/.test(code)
}
