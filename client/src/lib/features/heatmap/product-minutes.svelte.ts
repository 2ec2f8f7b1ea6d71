import type { Reply } from '@creatorflow/shared/endpoint'
import type { getHistory } from '@creatorflow/shared/features/history'
import { MINUTE_MS } from '@creatorflow/shared/live-state'
import type { MinuteRange } from '#lib/charts/series.ts'
import { session } from '#lib/session.svelte.ts'
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
    const ask = async () => {
      const query = new URLSearchParams({
        from: new Date(first * MINUTE_MS).toISOString(),
        to: new Date((last + 1) * MINUTE_MS).toISOString(),
        bucket: '1m',
        by: 'product',
        ...(isPage && { limit: String(HEAT_PRODUCTS) }),
      })
      const path = `/api/v1/creators/${encodeURIComponent(creatorId)}/metrics/${measure}?${query}`
      const result = await session.ask<Reply<typeof getHistory>>('GET', path)
      if (over) return
      this.failed = !result.ok
      if (!result.ok) {
        timer = setTimeout(ask, RETRY_MS)
        return
      }
      this.value = productMinutesOf(result.value.series)
      this.#shown = measure
    }
    // Orders must not stand there as clicks until the answer is there.
    const isOther = this.#shown !== measure
    if (isOther) this.value = null
    timer = setTimeout(ask, isOther ? 0 : SETTLE_MS)
    return () => {
      over = true
      clearTimeout(timer)
    }
  }
}
