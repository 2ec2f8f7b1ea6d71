export interface EveryOptions {
  readonly intervalMs: number
  /** Begins at once instead of after the first interval. */
  readonly atOnce?: boolean
  /** Told why a round failed; the next one comes all the same. */
  readonly failed: (error: unknown) => void
}

export interface Recurring extends AsyncDisposable {
  /** Begins a round at once; one that is under way is followed by another. */
  soon(): void
}

/**
 * Does `round` again and again, one at a time: what is due while one is under way is left out. Disposing aborts
 * `closing` and waits for the round that is under way.
 */
export function every(
  { intervalMs, atOnce = false, failed }: EveryOptions,
  round: (closing: AbortSignal) => Promise<unknown>,
): Recurring {
  const closing = new AbortController()
  let running: Promise<unknown> | undefined
  let isWanted = false
  const begin = () => {
    running ??= round(closing.signal)
      .catch(failed)
      .finally(() => {
        running = undefined
        if (isWanted && !closing.signal.aborted) soon()
      })
  }
  const soon = () => {
    isWanted = running !== undefined
    if (!closing.signal.aborted) begin()
  }
  const timer = setInterval(begin, intervalMs)
  if (atOnce) begin()
  return {
    soon,
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      closing.abort()
      await running
    },
  }
}
