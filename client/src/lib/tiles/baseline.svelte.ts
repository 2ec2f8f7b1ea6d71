import type { getBaseline } from '@creatorflow/shared/features/baseline'
import type { Baseline } from '@creatorflow/shared/insights/compare'
import { afterPaint } from '#lib/after-paint.ts'
import { ask } from '#lib/ask.ts'

const RETRY_MS = 30_000
/** Past LIVEs that still come in are waited for, so that no half of one is compared with for long. */
const QUIET_MS = 4_000

/** What a LIVE is compared with; null until it is there, and while LIVEs before it are still coming in. */
export class BaselineOfLive {
  value = $state.raw<Baseline | null>(null)
  #ask: (() => void) | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #past: readonly string[] | undefined
  /** The LIVEs before that `value` is about. */
  #compared: readonly string[] = []
  /** No LIVE before it has changed for a while. */
  #whole = true

  /** Asks once the first numbers are painted, and again while it fails; the answer is what to do when it is over. */
  follow(creatorId: string, sessionId: string): () => void {
    let over = false
    const load = async () => {
      const past = this.#past ?? []
      const result = await ask<typeof getBaseline>(
        'GET /api/v1/creators/:creator_id/lives/:session_id/baseline',
        { params: { creator_id: creatorId, session_id: sessionId } },
      )
      if (over) return
      if (!result.ok) this.#askIn(RETRY_MS)
      else if (this.#whole) {
        this.value = result.value
        this.#compared = past
      }
    }
    this.value = null
    this.#past = undefined
    this.#whole = true
    this.#ask = () => void load()
    void afterPaint().then(() => {
      if (!over) void load()
    })
    return () => {
      over = true
      this.#ask = undefined
      clearTimeout(this.#timer)
    }
  }

  /**
   * Asks again once the LIVEs before, told apart by `past` and newest first, are other ones and stay so. Until then
   * nothing is compared, nor while one of them has no end yet (`unended`): half of a LIVE is no measure. What was
   * compared with stays while only older ones come in.
   */
  compareWith(past: readonly string[], unended: boolean): void {
    const before = this.#past
    this.#past = past
    if (before === undefined ? !unended : isSame(past, before)) return
    this.#whole = false
    const stays =
      past[0] === this.#compared[0] && this.#compared.every((live) => past.includes(live))
    if (!stays) this.value = null
    this.#askIn(QUIET_MS)
  }

  #askIn(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#whole = true
      this.#ask?.()
    }, ms)
  }
}

const isSame = (some: readonly string[], others: readonly string[]) =>
  some.length === others.length && some.every((one, at) => one === others[at])
