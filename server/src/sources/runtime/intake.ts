import { hash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { isUnavailable } from '@creatorflow/db/database'
import { backoffMs } from '@creatorflow/shared/backoff'
import { parseEvent } from '@creatorflow/shared/events'
import { AppError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import type { DeadLetters } from '../../dead-letters/dead-letters.ts'
import type { AcceptedEvent } from '../../eventlog/accepted-event.ts'
import { acceptedEvent } from '../../pipeline/accept.ts'
import type { Pipeline } from '../../pipeline/pipeline.ts'
import type { Outcome } from '../../pipeline/settle.ts'
import type { Delivered, SourcedEvent, SourceRow } from './source.ts'

export interface IntakeDeps {
  readonly pipeline: Pick<Pipeline, 'submit'>
  readonly deadLetters: Pick<DeadLetters, 'setAside'>
  readonly log: Log
}

/** The outcome of a batch, with the greatest stored time. */
export interface TakenIn extends Delivered {
  /** Epoch ms. */
  readonly newestTs: number | undefined
}

/** The outcome of events offered to the pipeline; refused ones are not kept yet. */
export interface Offered {
  readonly accepted: number
  readonly duplicates: number
  /** Those the writer set aside itself. */
  readonly failedInside: number
  readonly refused: readonly { readonly from: SourcedEvent; readonly reason: string }[]
  /** Epoch ms of the newest event that was stored. */
  readonly newestTs: number | undefined
}

const waits = { firstMs: 200, longestMs: 5_000 }

/** How a source's events enter the pipeline, with the same checks as anyone's; `receivedAt` is epoch ms. */
export async function offer(
  submit: (events: readonly AcceptedEvent[]) => Promise<readonly Outcome[]>,
  creatorId: string,
  events: readonly SourcedEvent[],
  receivedAt: number,
): Promise<Offered> {
  const good: { from: SourcedEvent; accepted: AcceptedEvent }[] = []
  const refused: { from: SourcedEvent; reason: string }[] = []
  for (const from of events) {
    const parsed = parseEvent(from.event)
    if (parsed.ok) {
      good.push({ from, accepted: acceptedEvent(creatorId, parsed.event, from.event, receivedAt) })
    } else refused.push({ from, reason: `${parsed.reject.code}: ${parsed.reject.message}` })
  }
  const outcomes = await submit(good.map(({ accepted }) => accepted))
  let duplicates = 0
  let failedInside = 0
  const times: number[] = []
  for (const [n, { from, accepted }] of good.entries()) {
    // Safe: there is one outcome for each event.
    const outcome = outcomes[n] as Outcome
    if (outcome.kind === 'accepted') times.push(accepted.incoming.ts ?? receivedAt)
    else if (outcome.kind !== 'rejected') duplicates++
    else if (outcome.code === 'internal') failedInside++
    else refused.push({ from, reason: `${outcome.code}: ${outcome.message}` })
  }
  const newestTs = times.length > 0 ? times.reduce((a, b) => Math.max(a, b)) : undefined
  return { accepted: times.length, duplicates, failedInside, refused, newestTs }
}

/**
 * Offers events, repeats them while the database is away, which is harmless, and sets aside refused ones.
 * Rejects when the signal ends.
 */
export async function takeIn(
  { pipeline, deadLetters, log }: IntakeDeps,
  source: SourceRow,
  events: readonly SourcedEvent[],
  signal: AbortSignal,
): Promise<TakenIn> {
  const { accepted, duplicates, failedInside, refused, newestTs } = await offer(
    (batch) => patiently(signal, log, () => pipeline.submit(batch, 'live')),
    source.creator_id,
    events,
    Date.now(),
  )
  for (const { from, reason } of refused) {
    const key = from.key ?? idOf(from.event)
    await patiently(signal, log, () =>
      deadLetters.setAside(source, { raw: from.raw, reason, topic: from.topic ?? 'event', key }),
    )
  }
  return { accepted, duplicates, rejected: refused.length + failedInside, newestTs }
}

/** Repeatedly while the database is away or the queue is full. */
export async function patiently<T>(
  signal: AbortSignal,
  log: Log,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let failures = 1; ; failures++) {
    signal.throwIfAborted()
    try {
      return await attempt()
    } catch (error) {
      const isPassing =
        isUnavailable(error) || (error instanceof AppError && error.code === 'unavailable')
      if (!isPassing) throw error
      log.warn({ err: error }, 'a source is waiting for the database')
      await delay(backoffMs(failures, waits), undefined, { signal })
    }
  }
}

function idOf(event: unknown): string {
  const id = typeof event === 'object' && event !== null && 'id' in event ? event.id : undefined
  if (typeof id === 'string' && id !== '') return id
  return hash('sha256', JSON.stringify(event) ?? '', 'hex')
}
