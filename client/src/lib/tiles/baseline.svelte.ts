import { session } from '#lib/session.svelte.ts'
import type { Baseline } from './compare.ts'

const RETRY_MS = 30_000

/** What a LIVE is compared with; null until it is there. */
export class BaselineOfLive {
  value = $state.raw<Baseline | null>(null)

  /** Asks once the first numbers are painted, and again while it fails; the answer is what to do when it is over. */
  follow(creatorId: string, sessionId: string): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined
    let over = false
    const ask = async () => {
      const path = `/api/v1/creators/${creatorId}/lives/${encodeURIComponent(sessionId)}/baseline`
      const result = await session.ask<Baseline>('GET', path)
      if (over) return
      if (result.ok) this.value = result.value
      else timer = setTimeout(ask, RETRY_MS)
    }
    this.value = null
    const frame = requestAnimationFrame(() => {
      timer = setTimeout(ask)
    })
    return () => {
      over = true
      cancelAnimationFrame(frame)
      clearTimeout(timer)
    }
  }
}
