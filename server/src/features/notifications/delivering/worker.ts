import { randomUUID } from 'node:crypto'
import type { Database } from '@creatorflow/db/database'
import { targetKinds } from '@creatorflow/shared/features/notifications'
import type { Bus } from '../../../bus/bus.ts'
import { every } from '../../../core/every.ts'
import type { Log } from '../../../core/log.ts'
import type { Numbers } from '../../../core/telemetry.ts'
import { type Message, pathOf } from '../channels/message.ts'
import type { Outcome } from '../channels/outcome.ts'
import type { Send, SentTo } from '../channels/send.ts'
import { type FanOutOptions, fanOut } from './fan-out.ts'
import { type Limits, recordAttempt } from './record.ts'
import { holdTargets, releaseTarget, type TakenDelivery, takeDelivery } from './store.ts'

export const deliveryNumbers = {
  alert_attempts_total: {
    kind: 'counter',
    help: 'Attempts to send alerts to targets, by type and outcome',
    labels: {
      kind: Object.keys(targetKinds),
      outcome: ['sent', 'failed', 'refused', 'gone'],
    },
  },
  alert_send_seconds: {
    kind: 'histogram',
    help: 'Time of one attempt to send an alert',
    labels: { kind: Object.keys(targetKinds) },
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  },
  alert_sends_running: { kind: 'gauge', help: 'Targets that this process is sending to' },
} as const

export interface WorkerDeps {
  readonly database: Database
  readonly bus: Bus
  readonly log: Log
  readonly numbers: Numbers<typeof deliveryNumbers>
  readonly send: Send
  readonly fanOut: FanOutOptions
  readonly limits: Limits
  /** Targets that are sent to at once. */
  readonly atOnce: number
  /** Where a person reads more; null if this server has no public address. */
  readonly publicUrl: string | undefined
  readonly intervalMs?: number
}

/** Alerts were written: whoever delivers need not wait for the next look. */
const alertsChannel = 'creatorflow:alerts'
const INTERVAL_MS = 1_000
/** Deliveries to one target before others have their turn. */
const IN_A_ROW = 20

/** The message of a delivery. */
export function messageOf(
  { creator_id }: Pick<SentTo, 'creator_id'>,
  { id, items, creator_name, time_zone }: Omit<TakenDelivery, 'attempts' | 'created_at'>,
  publicUrl: string | undefined,
): Message {
  const path = pathOf(creator_id, items)
  return {
    id,
    path,
    creator: { id: creator_id, name: creator_name, timeZone: time_zone },
    items,
    link: publicUrl === undefined ? null : `${publicUrl}${path}`,
  }
}

/**
 * Sends what came into the outbox, until it is disposed. Any number of processes may have one: each target is held by
 * one at a time, and one that hangs delays no other. A process that dies leaves what it was sending to the next, which
 * sends it again under the same id.
 */
export function createWorker(deps: WorkerDeps): AsyncDisposable {
  const { database, log, numbers, send, limits } = deps
  const holder = randomUUID()
  const running = new Map<string, Promise<void>>()
  numbers.sample('alert_sends_running', () => running.size)

  async function look(closing: AbortSignal): Promise<void> {
    while (!closing.aborted && (await fanOut(database, deps.fanOut)) > 0);
    const free = deps.atOnce - running.size
    if (closing.aborted || free <= 0) return
    for (const target of await holdTargets(database, holder, free)) {
      const ended = serve(target, closing)
        .catch((error: unknown) => {
          log.warn({ err: error, target: target.id }, 'failed to send alerts')
          return false
        })
        .then((hasMore) => {
          running.delete(target.id)
          if (hasMore) looking.soon()
        })
      running.set(target.id, ended)
    }
  }

  /** Whether it stopped for the sake of others, so that more may wait. */
  async function serve(target: SentTo, closing: AbortSignal): Promise<boolean> {
    try {
      for (let n = 0; n < IN_A_ROW && !closing.aborted; n++) {
        const delivery = await takeDelivery(database, target.id, holder)
        if (!delivery || !(await attempt(target, delivery))) return false
      }
      return !closing.aborted
    } finally {
      await releaseTarget(database, target.id, holder).catch((error: unknown) =>
        // Others take it when the lease is over.
        log.debug({ err: error, target: target.id }, 'failed to release a target'),
      )
    }
  }

  /** Whether it was sent, so that the next one may follow at once. */
  async function attempt(target: SentTo, delivery: TakenDelivery): Promise<boolean> {
    const began = performance.now()
    const outcome = await send(target, messageOf(target, delivery, deps.publicUrl))
    const ms = Math.round(performance.now() - began)
    numbers.count('alert_attempts_total', { kind: target.kind, outcome: outcome.outcome })
    numbers.observe('alert_send_seconds', { kind: target.kind }, ms / 1_000)
    const { id, attempts, created_at } = delivery
    const ageMs = Date.now() - created_at.getTime()
    const state = await recordAttempt(
      database,
      target,
      { deliveryId: id, attempts, ageMs, outcome, ms },
      limits,
    )
    note(target, delivery, outcome, state)
    return outcome.outcome === 'sent'
  }

  /** What a receiver says may hold its address, so the log has only the status. */
  function note(target: SentTo, delivery: TakenDelivery, outcome: Outcome, state: string): void {
    const { creator_id, id, kind } = target
    const told = { creator_id, target: id, kind, delivery: delivery.id, status: outcome.status }
    if (outcome.outcome === 'sent') log.debug(told, 'an alert was sent')
    else log.warn({ ...told, outcome: outcome.outcome, state }, 'failed to send an alert')
  }

  const looking = every(
    {
      intervalMs: deps.intervalMs ?? INTERVAL_MS,
      atOnce: true,
      failed: (error) => log.warn({ err: error }, 'failed to look for alerts to send'),
    },
    look,
  )
  const subscribed = deps.bus.subscribe(alertsChannel, () => looking.soon())
  return {
    async [Symbol.asyncDispose]() {
      await (await subscribed)()
      await looking[Symbol.asyncDispose]()
      await Promise.all(running.values())
    },
  }
}
