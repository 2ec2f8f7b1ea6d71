export interface EveryOptions {
  readonly intervalMs: number
  /** Starts at once instead of after the first interval. */
  readonly atOnce?: boolean
  /** Called when a run failed; the next one follows anyway. */
  readonly failed: (error: unknown) => void
}

export interface Recurring extends AsyncDisposable {
  /** Starts a run at once; a current one is followed by another. */
  soon(): void
}

/**
 * Runs `round` repeatedly, one at a time: runs that become due meanwhile are skipped. Disposing aborts
 * `closing` and waits for the current run.
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
