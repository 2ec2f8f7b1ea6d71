import {
  burnOf,
  clicksRise,
  observe,
  type Sample,
  type Seen,
} from '@creatorflow/shared/insights/burn-rate'
import type { ProductRow } from '#lib/products/table.ts'
import { sendEvent } from '#lib/send-event.ts'

/** Often enough for a rate per minute. */
const LOOK_MS = 5_000

/** What this page saw of the products of one LIVE since it was opened. */
export class ProductWatch {
  #seen = $state.raw<Seen>({})
  #session = ''
  #lookedAt = Number.NEGATIVE_INFINITY

  /** Takes a look; of another LIVE, or of an earlier moment of a replay, it begins anew. */
  look(sessionId: string, rows: readonly ProductRow[], now: number): void {
    if (sessionId !== this.#session || now < this.#lookedAt) {
      this.#session = sessionId
      this.#seen = {}
    } else if (now - this.#lookedAt < LOOK_MS) return
    this.#lookedAt = now
    const samples = rows.map(({ id, sold, clicks, stock }): [string, Sample] => [
      id,
      { at: now, sold, clicks, stock },
    ])
    this.#seen = observe(this.#seen, Object.fromEntries(samples))
  }

  burn(id: string, now: number) {
    return burnOf(this.#samplesOf(id), now)
  }

  rising(id: string, now: number) {
    return clicksRise(this.#samplesOf(id), now)
  }

  #samplesOf(id: string) {
    return Object.hasOwn(this.#seen, id) ? this.#seen[id] : undefined
  }
}

/** Notes that a host pinned or took down a product; null when it went well, else why not. */
export async function markPin(
  type: 'product_pinned' | 'product_unpinned',
  of: { readonly creatorId: string; readonly sessionId: string; readonly productId: string },
): Promise<string | null> {
  const event = {
    // Not `randomUUID`, which plain http has not.
    id: `${type}-${Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join('')}`,
    type,
    creator_id: of.creatorId,
    session_id: of.sessionId,
    product_id: of.productId,
  }
  return sendEvent(event)
}
