import type { SourceContext } from '../runtime/source.ts'
import { ShopApiError } from './api.ts'
import type { Known, Look } from './look.ts'
import type { Window } from './read-window.ts'
import { type Found, type SearchName, type Shop, searches } from './shop.ts'

export interface PollDeps {
  readonly shop: Shop
  readonly look: Look
  readonly context: Pick<SourceContext, 'cursor' | 'setAside' | 'log'>
  /** TikTok Shop's clock, epoch ms. */
  readonly now: () => number
  readonly backfillMs: number
}

/** A change may become visible only some time after it was made. */
const OVERLAP_MS = 5 * 60_000
/** The cursor moves after each window, so a long way is not repeated. */
const WINDOW_MS = 24 * 3_600_000
/** A window that stays short is read in halves: other pages skip other things. */
const SHORTEST_WINDOW_MS = 60_000

/**
 * Asks for everything changed since the last time. A cursor moves when everything before it is durable: after
 * a kill it asks again, and repeats count once.
 */
export function createPoll({ shop, look, context, now, backfillMs }: PollDeps) {
  /** What the last window had, so the overlap is not read again. */
  const seen = new Map<SearchName, ReadonlySet<string>>()

  /** One round; returns what was refused in it. Throws ShopApiError `reconnect`. */
  return async function round(): Promise<
    { readonly problem: 'api_refused' | 'unreadable'; readonly detail: string } | undefined
  > {
    let refused: Awaited<ReturnType<typeof round>>
    for (const name of Object.keys(searches) as SearchName[]) {
      try {
        await catchUp(name)
      } catch (error) {
        // An app that may not see returns still sees orders.
        if (!(error instanceof ShopApiError) || error.problem === 'reconnect') throw error
        refused = { problem: error.problem, detail: error.message }
        context.log.warn({ err: error, search: name }, 'TikTok Shop refused a search')
      }
    }
    return refused
  }

  async function catchUp(name: SearchName): Promise<void> {
    const until = `${name}_until`
    const end = now()
    const cursor = (await context.cursor.read())[until]
    // A cursor from a clock that was ahead must not make us wait for it.
    let from =
      typeof cursor === 'number' ? Math.min(cursor, end) - OVERLAP_MS : end - backfillMs - 1_000
    while (from < end) {
      const to = Math.min(from + WINDOW_MS, end)
      await take(name, await changed(name, from, to))
      await context.cursor.write({ [until]: to })
      from = to
    }
  }

  async function changed(name: SearchName, from: number, to: number): Promise<readonly Found[]> {
    const { items, isShort }: Window<Found> = await shop.changed(name, from, to)
    if (!isShort) return items
    if (to - from <= SHORTEST_WINDOW_MS) {
      context.log.warn(
        { search: name, found: items.length },
        'a search returned fewer results than it counted',
      )
      return items
    }
    const middle = Math.floor((from + to) / 2_000) * 1_000
    const halves = [await changed(name, from, middle), await changed(name, middle, to)]
    return [...items, ...halves.flat()]
  }

  async function take(name: SearchName, found: readonly Found[]): Promise<void> {
    const before = seen.get(name)
    const keyOf = ({ id, updatedAt }: Found) => `${id} ${updatedAt}`
    const fresh = new Map(
      found
        .filter((item) => item.updatedAt === undefined || !before?.has(keyOf(item)))
        .map((item) => [item.id, item]),
    )
    const items = [...fresh.values()]
    const byOrder = Map.groupBy(items, ({ id, raw }) =>
      name === 'orders' ? id : String((raw as { order_id?: unknown }).order_id),
    )
    const known: Known = name === 'orders' ? {} : { [name]: items }
    const { updatedAt, refused } = await look(byOrder.keys(), known)
    for (const [orderId, things] of byOrder) {
      if (updatedAt.has(orderId)) continue
      const why = refused.get(orderId) ?? 'TikTok Shop doesn’t know it'
      for (const { id, raw } of things) {
        const topic = topics[name]
        const reason = `order ${orderId.slice(0, 40)}: ${why}`
        await context.setAside({ raw, reason, topic, key: `${topic}:${id}` })
      }
    }
    seen.set(name, new Set(found.map(keyOf)))
  }
}

const topics = { orders: 'order', returns: 'return', cancellations: 'cancellation' } as const
