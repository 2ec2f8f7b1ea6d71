import type { Config } from '../core/config/config.ts'
import { AppError } from '../core/errors.ts'
import type { Telemetry } from '../core/telemetry.ts'
import type { AcceptedEvent } from '../eventlog/accepted-event.ts'
import type { DiskGuard } from './disk-guard.ts'
import type { Outcome } from './settle.ts'
import type { LaneName } from './write-lines.ts'
import { createWriter, creatorBusy, type Writer, type WriterDeps } from './writer.ts'

export interface Pipeline extends AsyncDisposable {
  /**
   * accept → write → publish. Resolves when every event is durable or refused, with one outcome each, in
   * order. Rejects with `unavailable` if the queue is full or the database is unavailable, and as `diskFull`
   * if the disk is: what of it was stored is then unknown, and sending it again is harmless.
   */
  submit(events: readonly AcceptedEvent[], lane: LaneName): Promise<Outcome[]>
  /** Waiting events. */
  readonly queued: number
  /** From now on events of a busy creator are refused instead of waiting: the server is stopping. */
  stopWaiting(): void
}

export interface PipelineDeps extends WriterDeps {
  readonly config: WriterDeps['config'] & Pick<Config, 'maxQueuedEvents'>
  /** For an embedded database; a database server reports a full disk itself. */
  readonly disk?: DiskGuard | undefined
}

/**
 * Batches across requests: while a transaction runs, arriving events collect for the next one. A creator
 * always goes to the same writer, because two writers of one creator only wait for each other.
 */
export function createPipeline(deps: PipelineDeps): Pipeline {
  const { database, config, disk, telemetry } = deps
  const writers = Array.from({ length: database.writers }, () => createWriter(deps))
  telemetry.sample('queued_events', queued)
  telemetry.sample('held_events', held)

  function queued(): number {
    return writers.reduce((sum, writer) => sum + writer.queued, 0)
  }

  function held(): number {
    return writers.reduce((sum, writer) => sum + writer.held, 0)
  }

  /** Events waiting for a busy creator have their own limit: others must not be refused for them. */
  function checkRoom(events: readonly AcceptedEvent[]): void {
    const waiting = held()
    const toHold = waiting === 0 ? 0 : events.filter((event) => isHeld(event.creator_id)).length
    const exceeds = (waiting: number, more: number) =>
      more > 0 && waiting > 0 && waiting + more > config.maxQueuedEvents
    if (exceeds(waiting, toHold)) throw creatorBusy()
    if (!exceeds(queued() - waiting, events.length - toHold)) return
    throw new AppError('unavailable', 'Too many events are waiting to be written.', {
      retryAfterMs: 1_000,
    })
  }

  const isHeld = (creatorId: string) =>
    writers[writerOf(creatorId, writers.length)]?.isBusy(creatorId) ?? false

  function stopWaiting(): void {
    for (const writer of writers) writer.stopWaiting()
  }

  return {
    get queued() {
      return queued()
    },
    async submit(events, lane) {
      if (events.length === 0) return []
      disk?.check()
      checkRoom(events)
      // Sorted by time, a history batch touches few chunks of the hypertable.
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
      // Only once every part is decided: a caller told to retry must not race its own first try.
      for (const part of settled) if (part.status === 'rejected') throw part.reason
      countOutcomes(telemetry, outcomes)
      return outcomes
    },
    stopWaiting,
    async [Symbol.asyncDispose]() {
      stopWaiting()
      await Promise.all(writers.map((writer) => writer.drain()))
    },
  }
}

function writerOf(creatorId: string, writers: number): number {
  let hash = 0
  for (let i = 0; i < creatorId.length; i++) hash = (hash * 31 + creatorId.charCodeAt(i)) >>> 0
  return hash % writers
}

function countOutcomes(telemetry: Telemetry, outcomes: readonly Outcome[]): void {
  for (const outcome of outcomes) {
    if (outcome.kind === 'rejected') {
      telemetry.count('event_rejects_total', { code: outcome.code })
      telemetry.count('events_total', { outcome: 'rejected' })
    } else if (outcome.kind === 'duplicate') {
      telemetry.count('events_total', { outcome: outcome.conflict ? 'conflict' : 'duplicate' })
    } else telemetry.count('events_total', { outcome: outcome.kind })
  }
}
