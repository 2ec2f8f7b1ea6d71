import { eventsOfOrder } from '../orders/order-life.ts'
import { wordsOfIssues } from '../runtime/plain-words.ts'
import type { SourceContext, SourcedEvent } from '../runtime/source.ts'
import { ShopApiError } from './api.ts'
import {
  type Beside,
  type Cancellation,
  cancellation,
  orderDetail,
  orderOf,
  type ReturnRecord,
  returnRecord,
} from './normalise.ts'
import { type Found, ORDERS_AT_ONCE, type Shop } from './shop.ts'

/** What is known besides the details of the orders. */
export interface Known {
  /** Orders that a delivery reported as on hold. */
  readonly held?: ReadonlySet<string>
  readonly returns?: readonly Found[]
  readonly cancellations?: readonly Found[]
}

/** The result of a look: the last change, epoch ms, of each existing order, and why others were refused. */
export interface Looked {
  readonly updatedAt: ReadonlyMap<string, number | undefined>
  readonly refused: ReadonlyMap<string, string>
}

/** Reads orders as they are now and delivers what has happened to them; unreadable ones are set aside. */
export type Look = (ids: Iterable<string>, known?: Known) => Promise<Looked>

export function createLook(shop: Shop, context: Pick<SourceContext, 'deliver' | 'setAside'>): Look {
  return async (ids, { held = new Set(), returns = [], cancellations = [] } = {}) => {
    const updatedAt = new Map<string, number | undefined>()
    const refused = new Map<string, string>()
    const returnsOf = await readAll<ReturnRecord>(returns, 'return', returnRecord)
    const cancellationsOf = await readAll<Cancellation>(cancellations, 'cancellation', cancellation)
    const all = [...new Set(ids)]
    for (let from = 0; from < all.length; from += ORDERS_AT_ONCE) {
      const events: SourcedEvent[] = []
      for (const raw of await details(all.slice(from, from + ORDERS_AT_ONCE), refused)) {
        const read = eventsOf(raw, (id) => ({
          isHeld: held.has(id),
          returns: returnsOf.get(id) ?? [],
          cancellations: cancellationsOf.get(id) ?? [],
        }))
        if (read.id !== undefined) updatedAt.set(read.id, read.updatedAt)
        if (read.ok) events.push(...read.events)
        else await aside('order', read.id, raw, read.reason)
      }
      if (events.length > 0) await context.deliver(events)
    }
    return { updatedAt, refused }
  }

  /** One refused id must not hide the others; if all are refused, it is not the ids. */
  async function details(
    ids: readonly string[],
    refused: Map<string, string>,
  ): Promise<readonly unknown[]> {
    try {
      return await shop.details(ids)
    } catch (error) {
      if (!isRefusal(error) || ids.length === 1) throw error
      const found: unknown[] = []
      let refusals = 0
      for (const id of ids) {
        try {
          found.push(...(await shop.details([id])))
        } catch (reason) {
          if (!isRefusal(reason)) throw reason
          refused.set(id, reason.message)
          refusals++
        }
      }
      if (refusals === ids.length) throw error
      return found
    }
  }

  async function readAll<T extends { readonly order_id: string }>(
    found: readonly Found[],
    topic: string,
    form: { safeParse(raw: unknown): { success: boolean; data?: T | undefined; error?: Error } },
  ): Promise<Map<string, T[]>> {
    const byOrder = new Map<string, T[]>()
    for (const { id, raw } of found) {
      const { data, error } = form.safeParse(raw)
      if (!data) await aside(topic, id, raw, error?.message ?? 'It can’t be read.')
      else byOrder.set(data.order_id, [...(byOrder.get(data.order_id) ?? []), data])
    }
    return byOrder
  }

  function aside(topic: string, id: string | undefined, raw: unknown, reason: string) {
    const key = `${topic}:${id ?? JSON.stringify(raw).slice(0, 200)}`
    return context.setAside({ raw, reason, topic, key })
  }
}

const isRefusal = (error: unknown): error is ShopApiError =>
  error instanceof ShopApiError && error.problem === 'api_refused'

type Read = { readonly id: string | undefined; readonly updatedAt: number | undefined } & (
  | { readonly ok: true; readonly events: readonly SourcedEvent[] }
  | { readonly ok: false; readonly reason: string }
)

/** The events of a raw order detail; none for what is not a sale. */
export function eventsOf(raw: unknown, besideOf: (id: string) => Beside = () => ({})): Read {
  const { data, error } = orderDetail.safeParse(raw)
  if (!data) {
    const id = (raw as { id?: unknown } | null)?.id
    return {
      ok: false,
      id: typeof id === 'string' ? id : undefined,
      updatedAt: undefined,
      reason: wordsOfIssues(error.issues),
    }
  }
  const { id, update_time: updatedAt } = data
  try {
    const order = orderOf(data, besideOf(id))
    const events = order ? eventsOfOrder(order) : []
    const of = { raw, topic: 'order', key: `order:${id}` }
    return { ok: true, id, updatedAt, events: events.map((event) => ({ event, ...of })) }
  } catch (error) {
    return { ok: false, id, updatedAt, reason: error instanceof Error ? error.message : 'unknown' }
  }
}
