import type { Database } from '@creatorflow/db/database'
import { every } from '../../core/every.ts'
import { forgetRefusal, refusedAt } from '../runtime/refusals.ts'
import type {
  Delivery,
  Handled,
  Report,
  SourceContext,
  SourcedEvent,
  SourceRow,
} from '../runtime/source.ts'
import { isUpdateMissing } from './missing-update.ts'
import { eventsOf, settleAlone } from './order-book.ts'
import { partsOf } from './receiver.ts'

/** How long after a delivery a shop counts as sending. */
const RECEIVING_MS = 5 * 60_000
/** How long a problem of single deliveries is shown. */
const PROBLEM_MS = 60 * 60_000
const LOOK_MS = 2_000
/** How often refunds without an order are checked. */
const SETTLE_MS = 60_000
/** Their order does not matter, and the pipeline writes simultaneous ones in one transaction. */
const AT_ONCE = 10

type Seen = { readonly at: number; readonly detail: string }

/** Processes deliveries, and reports the shop's status. */
export async function runShop(
  database: Database,
  source: SourceRow,
  context: SourceContext,
  refundWaitMs: number,
): Promise<void> {
  const { client_secret } = await context.secrets.read()
  let lastAt: number | undefined
  let foreign: Seen | undefined
  let unreadable: Seen | undefined
  let refused = refusedAt(await context.cursor.read())
  let editedAt: number | undefined
  let updatedAt: number | undefined

  function tell(): void {
    const now = context.now()
    const isRecent = (seen: Seen | undefined) => seen !== undefined && now - seen.at < PROBLEM_MS
    const state =
      lastAt !== undefined && now - lastAt < RECEIVING_MS ? 'receiving' : ('waiting' as const)
    const report: Report = !client_secret
      ? { state: 'needs_you', problem: 'reconnect', detail: 'The client secret is missing.' }
      : refused !== undefined
        ? { state: 'needs_you', problem: 'bad_signature' }
        : foreign && isRecent(foreign)
          ? { state, problem: 'unknown_shop', detail: foreign.detail }
          : unreadable && isRecent(unreadable)
            ? { state, problem: 'unreadable', detail: unreadable.detail }
            : isUpdateMissing(editedAt, updatedAt, now)
              ? { state, problem: 'update_missing' }
              : { state }
    context.report(report)
  }

  async function handle(delivery: Delivery): Promise<Handled> {
    context.received(1)
    lastAt = context.now()
    // Its signature was valid, so an earlier problem is over.
    if (refused !== undefined && delivery.receivedAt > refused) {
      await context.cursor.write(forgetRefusal)
      refused = undefined
    }
    const { name, foreignShop } = partsOf(delivery.topic)
    if (foreignShop !== undefined) {
      const reason = `The delivery is from ${foreignShop}, but this source is for ${source.account}.`
      foreign = { at: lastAt, detail: reason }
      tell()
      return { kind: 'aside', reason }
    }
    if (name === 'orders/edited') editedAt = delivery.receivedAt
    if (name === 'orders/updated') updatedAt = delivery.receivedAt
    const normalised = await eventsOf(database, source, name, delivery.body)
    if (normalised.kind === 'unknown') {
      context.unknown(name)
      return { kind: 'done' }
    }
    if (normalised.kind === 'unreadable') {
      unreadable = { at: lastAt, detail: normalised.reason }
      tell()
      return { kind: 'aside', reason: normalised.reason }
    }
    // There is one letter per delivery, whatever part of it was refused: on replay, the rest still counts
    // once.
    const { topic, body: raw, id: key } = delivery
    await context.deliver(normalised.events.map((event) => ({ event, raw, key, topic })))
    unreadable = undefined
    tell()
    return { kind: 'done' }
  }

  tell()
  await using _looking = every(
    {
      intervalMs: LOOK_MS,
      failed: (error) => context.log.warn({ err: error }, 'failed to read a cursor'),
    },
    async () => {
      refused = refusedAt(await context.cursor.read())
      tell()
    },
  )
  await using _settling = every(
    {
      intervalMs: Math.min(SETTLE_MS, refundWaitMs),
      atOnce: true,
      failed: (error) => context.log.warn({ err: error }, 'failed to process refunds'),
    },
    () =>
      settleAlone(database, source, refundWaitMs, (events) =>
        context.deliver(events.map((event) => ({ event, raw: event }))),
      ),
  )
  await context.workOff(handle, AT_ONCE)
}

/** Makes the events of a dead letter. */
export async function replayLetter(
  database: Database,
  source: SourceRow,
  letter: { topic: string; raw: Uint8Array },
): Promise<SourcedEvent[]> {
  const { name, foreignShop } = partsOf(letter.topic)
  if (foreignShop !== undefined && foreignShop !== source.account) {
    throw new Error(
      `The delivery is from ${foreignShop}, but this source is for ${source.account}.`,
    )
  }
  const normalised = await eventsOf(database, source, name, letter.raw)
  if (normalised.kind === 'unknown') throw new Error(`The topic ${name} isn’t used.`)
  if (normalised.kind === 'unreadable') throw new Error(normalised.reason)
  return normalised.events.map((event) => ({ event, raw: letter.raw, topic: letter.topic }))
}
