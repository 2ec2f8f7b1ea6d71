export interface Backoff {
  readonly firstMs: number
  readonly longestMs: number
}

/**
 * Ms to wait after so many failures in a row: it doubles with each, from half of `firstMs` to `longestMs`, and
 * `random` (0 to 1) spreads it, so that many that failed at once do not come back at once.
 */
export function backoffMs(
  failures: number,
  { firstMs, longestMs }: Backoff,
  random: number = Math.random(),
): number {
  // Past 30 doublings a number of ms is no use to anybody, and would grow past what one can be.
  const doubled = firstMs * 2 ** Math.min(Math.max(failures, 1) - 1, 30)
  return Math.round(Math.min(doubled, longestMs) * (0.5 + random / 2))
}
