import type { getHistory } from '@creatorflow/shared/features/history'
import type { MinuteRange } from '@creatorflow/shared/insights/by-minute'
import { MINUTE_MS } from '@creatorflow/shared/live-state'
import { ask } from '#lib/ask.ts'
import {
  HEAT_PRODUCTS,
  type ProductMeasure,
  type ProductMinutes,
  productMinutesOf,
} from './product-minutes.ts'

/** Events of a minute still arrive when it is over. */
const SETTLE_MS = 5_000
const RETRY_MS = 15_000

/** Clicks or orders by product and minute: too much for the live state, so they are asked for. */
export class ProductMinutesOfLive {
  value = $state.raw<ProductMinutes | null>(null)
  failed = $state(false)
  #shown = ''

  /**
   * Asks for these minutes, and again while it fails; the answer is what to do when others are wanted. Of a page
   * that is shown as it is only the products with most are wanted, which of more minutes might be others.
   */
  follow(
    creatorId: string,
    measure: ProductMeasure,
    { first, last }: MinuteRange,
    isPage: boolean,
  ): () => void {
    let over = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const load = async () => {
      const query = {
        from: new Date(first * MINUTE_MS).toISOString(),
        to: new Date((last + 1) * MINUTE_MS).toISOString(),
        bucket: '1m',
        by: 'product',
        ...(isPage && { limit: HEAT_PRODUCTS }),
      }
      const result = await ask<typeof getHistory>(
        'GET /api/v1/creators/:creator_id/metrics/:metric',
        { params: { creator_id: creatorId, metric: measure }, query },
      )
      if (over) return
      this.failed = !result.ok
      if (!result.ok) {
        timer = setTimeout(load, RETRY_MS)
        return
      }
      this.value = productMinutesOf(result.value.series)
      this.#shown = measure
    }
    // Orders must not stand there as clicks until the answer is there.
    const isOther = this.#shown !== measure
    if (isOther) this.value = null
    timer = setTimeout(load, isOther ? 0 : SETTLE_MS)
    return () => {
      over = true
      clearTimeout(timer)
    }
  }
}
