import { isUnavailable } from '@creatorflow/db/database'
import type {
  Delivery,
  Handled,
  Handler,
  SourceContext,
  SourcedEvent,
  SourceRow,
} from '../runtime/source.ts'
import { ShopApiError } from './api.ts'
import type { Look } from './look.ts'
import { heldBy, idsOf, namedBy, notYet, type Read } from './not-yet.ts'
import { type Found, ORDERS_AT_ONCE, type Shop } from './shop.ts'
import type { Status } from './status.ts'
import { eventsOfNews, type Notice, readNotice } from './webhook.ts'

export interface HandlerDeps {
  readonly source: Pick<SourceRow, 'account'>
  readonly context: Pick<SourceContext, 'deliver' | 'unknown' | 'received' | 'now' | 'log'>
  readonly status: Pick<Status, 'note'>
  readonly signal: AbortSignal
  /** Without it, deliveries are all there is. */
  readonly asked?: {
    readonly shop: Shop
    readonly look: Look
    /** Checks whether the app still has the shop's permission; throws `reconnect` if not. */
    readonly checkPermission: () => Promise<void>
    /** Waits for a person: rejects when the connection ends. */
    readonly stuck: (error: ShopApiError) => Promise<never>
  }
}

const done: Handled = { kind: 'done' }

/**
 * Handles waiting deliveries together: their orders are fetched at once. Each one's result is kept until its
 * turn.
 */
export function createHandler({ source, context, status, signal, asked }: HandlerDeps): Handler {
  let ready = new Map<string, Handled>()

  return async (delivery, following) => {
    const known = ready.get(delivery.id)
    ready.delete(delivery.id)
    if (known) return known
    const together = [delivery, ...following.slice(0, ORDERS_AT_ONCE - 1)]
    ready = await handled(together)
    const own = ready.get(delivery.id) ?? done
    ready.delete(delivery.id)
    return own
  }

  async function handled(together: readonly Delivery[]): Promise<Map<string, Handled>> {
    try {
      return await handleAll(together)
    } catch (error) {
      if (error instanceof ShopApiError && error.problem === 'reconnect' && asked) {
        return asked.stuck(error)
      }
      if (isUnavailable(error) || signal.aborted) throw error
      const [first] = together
      if (!first) throw error
      // One that fails must not fail the others.
      if (together.length > 1) return handled([first])
      const reason = error instanceof Error ? error.message : String(error)
      if (!(error instanceof ShopApiError)) {
        context.log.error({ err: error, delivery: first.id }, 'a delivery failed')
      }
      return new Map([[first.id, { kind: 'later', reason }]])
    }
  }

  async function handleAll(together: readonly Delivery[]): Promise<Map<string, Handled>> {
    const notices = together.map((delivery) => ({
      delivery,
      notice: readNotice(delivery.body, source.account),
    }))
    const results = new Map<string, Handled>()
    const events: SourcedEvent[] = []
    for (const { delivery, notice } of notices) {
      results.set(delivery.id, handledAlone(notice))
      if (notice.kind === 'stock') events.push(from(delivery, notice.event))
      if (!asked && notice.kind === 'orders' && notice.news) {
        events.push(...eventsOfNews(notice.news).map((event) => from(delivery, event)))
      }
    }
    if (events.length > 0) await context.deliver(events)
    if (asked) {
      if (notices.some(({ notice }) => notice.kind === 'deauthorized')) {
        await asked.checkPermission()
      }
      await lookAt(notices, results, asked)
    }
    // Only now, and only the first time: what failed above is counted when retried.
    context.received(together.filter(({ attempts }) => attempts === 0).length)
    return results
  }

  function handledAlone(notice: Notice): Handled {
    if (notice.kind === 'unreadable') return { kind: 'aside', reason: notice.reason }
    if (notice.kind === 'unknown') context.unknown(notice.name)
    if (notice.kind !== 'foreign') return done
    const reason = `The delivery is for the shop ${notice.shopId.slice(0, 40)}, which is not connected.`
    status.note('unknown_shop', reason, context.now())
    return { kind: 'aside', reason }
  }

  async function lookAt(
    notices: readonly Read[],
    results: Map<string, Handled>,
    { shop, look }: NonNullable<HandlerDeps['asked']>,
  ): Promise<void> {
    const known = {
      held: heldBy(notices),
      returns: await ofOrders(shop, 'returns', namedBy(notices, 'return')),
      cancellations: await ofOrders(shop, 'cancellations', namedBy(notices, 'cancellation')),
    }
    const ids = notices.flatMap(({ notice }) => idsOf(notice))
    if (ids.length === 0) return
    const looked = await look(ids, known)
    for (const [id, handled] of notYet(notices, looked, known)) results.set(id, handled)
  }
}

function from({ id, topic, body }: Delivery, event: unknown): SourcedEvent {
  return { event, raw: body, topic, key: id }
}

async function ofOrders(
  shop: Shop,
  name: 'returns' | 'cancellations',
  ids: readonly string[],
): Promise<readonly Found[]> {
  return ids.length === 0 ? [] : shop.ofOrders(name, ids)
}
