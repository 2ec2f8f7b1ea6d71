import { setTimeout as delay } from 'node:timers/promises'
import { isUnavailable } from '@creatorflow/db/database'
import { parseEvent } from '@creatorflow/shared/events'
import { AppError } from '../errors.ts'
import type { Log } from '../log.ts'
import { acceptedEvent } from '../pipeline/accept.ts'
import type { AcceptedEvent } from '../pipeline/accepted-event.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import type { Outcome } from '../pipeline/settle.ts'
import type { DeadLetters } from './dead-letters.ts'
import type { Delivered, SourcedEvent, SourceRow } from './source.ts'

export interface IntakeDeps {
  readonly pipeline: Pick<Pipeline, 'submit'>
  readonly deadLetters: Pick<DeadLetters, 'setAside'>
  readonly log: Log
}

/** What became of a batch, with the greatest time among what was stored. */
export interface TakenIn extends Delivered {
  /** Epoch ms. */
  readonly newestTs: number | undefined
}

const FIRST_WAIT_MS = 200
const LONGEST_WAIT_MS = 5_000

/**
 * The way of a source's events into the pipeline, through the same checks as everybody's. What is refused is set aside;
 * while the database is away it waits and sends the same again, which is harmless. Rejects when the signal ends.
 */
export async function takeIn(
  { pipeline, deadLetters, log }: IntakeDeps,
  source: SourceRow,
  events: readonly SourcedEvent[],
  signal: AbortSignal,
): Promise<TakenIn> {
  const good: { from: SourcedEvent; accepted: AcceptedEvent }[] = []
  const refused: { from: SourcedEvent; reason: string }[] = []
  const receivedAt = Date.now()
  for (const from of events) {
    const parsed = parseEvent(from.event)
    if (parsed.ok) {
      const accepted = acceptedEvent(source.creator_id, parsed.event, from.event, receivedAt)
      good.push({ from, accepted })
    } else refused.push({ from, reason: `${parsed.reject.code}: ${parsed.reject.message}` })
  }
  const outcomes = await patiently(signal, log, () =>
    pipeline.submit(
      good.map(({ accepted }) => accepted),
      'live',
    ),
  )
  const account = { accepted: 0, duplicates: 0, rejected: 0 }
  outcomes.forEach((outcome: Outcome, n) => {
    const { from } = good[n] as (typeof good)[number]
    if (outcome.kind === 'accepted') account.accepted++
    else if (outcome.kind === 'duplicate') account.duplicates++
    // What failed inside was set aside by the writer already.
    else if (outcome.code === 'internal') account.rejected++
    else refused.push({ from, reason: `${outcome.code}: ${outcome.message}` })
  })
  for (const { from, reason } of refused) {
    const key = from.key ?? idOf(from.event)
    await patiently(signal, log, () =>
      deadLetters.setAside(source, { raw: from.raw, reason, topic: from.topic ?? 'event', key }),
    )
    account.rejected++
  }
  const times = good.flatMap(({ accepted }) => accepted.incoming.ts ?? [])
  return {
    ...account,
    newestTs: times.length > 0 ? times.reduce((a, b) => Math.max(a, b)) : undefined,
  }
}

/** Again and again while the database is away or the queue is full. */
export async function patiently<T>(
  signal: AbortSignal,
  log: Log,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
    signal.throwIfAborted()
    try {
      return await attempt()
    } catch (error) {
      const isPassing =
        isUnavailable(error) || (error instanceof AppError && error.code === 'unavailable')
      if (!isPassing) throw error
      log.warn({ err: error }, 'a source waits for the database')
      await delay(waitMs * (0.5 + Math.random() / 2), undefined, { signal })
    }
  }
}

function idOf(event: unknown): string {
  const id = typeof event === 'object' && event !== null && 'id' in event ? event.id : undefined
  return typeof id === 'string' ? id.slice(0, 300) : JSON.stringify(event).slice(0, 300)
}
