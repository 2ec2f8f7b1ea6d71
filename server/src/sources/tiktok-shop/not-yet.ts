import type { Delivery, Handled } from '../runtime/source.ts'
import type { Looked } from './look.ts'
import type { Found } from './shop.ts'
import type { Notice } from './webhook.ts'

/** A delivery and its meaning. */
export interface Read {
  readonly delivery: Pick<Delivery, 'id' | 'attempts'>
  readonly notice: Notice
}

/** For an answer older than the news, or without it: how often and when to ask again. */
const SOON_TRIES = 2
const SOON_MS = 5_000

/** The orders of a delivery. */
export function idsOf(notice: Notice): readonly string[] {
  if (notice.kind === 'orders') return notice.ids
  return notice.kind === 'return' || notice.kind === 'cancellation' ? [notice.orderId] : []
}

/** The orders whose returns or cancellations deliveries report, each once. */
export function namedBy(
  reads: readonly Read[],
  kind: 'return' | 'cancellation',
): readonly string[] {
  return [...new Set(reads.flatMap(({ notice }) => (notice.kind === kind ? idsOf(notice) : [])))]
}

/** The orders that deliveries report as on hold. */
export function heldBy(reads: readonly Read[]): ReadonlySet<string> {
  return new Set(
    reads.flatMap(({ notice }) =>
      notice.kind === 'orders' && notice.news?.isHeld ? notice.ids : [],
    ),
  )
}

/**
 * Which deliveries must be handled again later, by id: those with an order unknown to the API, and, the first
 * times, those whose answer is behind.
 */
export function notYet(
  reads: readonly Read[],
  looked: Looked,
  found: { readonly returns: readonly Found[]; readonly cancellations: readonly Found[] },
): ReadonlyMap<string, Handled> {
  const results = new Map<string, Handled>()
  const told = new Set(
    [...found.returns, ...found.cancellations].map(({ raw }) =>
      String((raw as { order_id?: unknown }).order_id),
    ),
  )
  for (const { delivery, notice } of reads) {
    const missing = idsOf(notice).find((id) => !looked.updatedAt.has(id))
    if (missing !== undefined) {
      const why = looked.refused.get(missing) ?? 'TikTok Shop doesn’t know it'
      results.set(delivery.id, later(`order ${missing.slice(0, 40)}: ${why}`))
    } else if (delivery.attempts < SOON_TRIES && isBehind(notice, looked.updatedAt, told)) {
      results.set(delivery.id, later('The API doesn’t have it yet.', SOON_MS))
    }
  }
  return results
}

function isBehind(
  notice: Notice,
  updatedAt: ReadonlyMap<string, number | undefined>,
  told: ReadonlySet<string>,
): boolean {
  if (notice.kind === 'return' || notice.kind === 'cancellation') return !told.has(notice.orderId)
  if (notice.kind !== 'orders' || !notice.news) return false
  const { orderId, at } = notice.news
  return (updatedAt.get(orderId) ?? at) < at
}

const later = (reason: string, afterMs?: number): Handled => ({
  kind: 'later',
  reason,
  ...(afterMs !== undefined && { afterMs }),
})
