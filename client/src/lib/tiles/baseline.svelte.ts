import { afterPaint } from '#lib/after-paint.ts'
import { session } from '#lib/session.svelte.ts'
import type { Baseline } from './compare.ts'

const RETRY_MS = 30_000
/** Past LIVEs that still come in are waited for, so that no half of one is compared with. */
const QUIET_MS = 4_000

/** What a LIVE is compared with; null until it is there. */
export class BaselineOfLive {
  value = $state.raw<Baseline | null>(null)
  #of = ''

  /**
   * Asks once the first numbers are painted, again while it fails, and again once the LIVEs before, told apart by
   * `past`, are other ones and stay so. The answer is what to do when it is over.
   */
  follow(creatorId: string, sessionId: string, past = ''): () => void {
    const path = `/api/v1/creators/${creatorId}/lives/${encodeURIComponent(sessionId)}/baseline`
    let timer: ReturnType<typeof setTimeout> | undefined
    let over = false
    const ask = async () => {
      const result = await session.ask<Baseline>('GET', path)
      if (over) return
      if (result.ok) this.value = result.value
      else timer = setTimeout(ask, RETRY_MS)
    }
    if (this.#of === path && past !== '') timer = setTimeout(ask, QUIET_MS)
    else {
      this.#of = path
      this.value = null
      void afterPaint().then(() => {
        if (!over) void ask()
      })
    }
    return () => {
      over = true
      clearTimeout(timer)
    }
  }
}
