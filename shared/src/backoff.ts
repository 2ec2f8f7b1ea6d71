export interface Backoff {
  readonly firstMs: number
  readonly longestMs: number
}

/**
 * Ms to wait after so many consecutive failures: it doubles with each, from half of `firstMs` to `longestMs`,
 * and `random` (0 to 1) spreads it, so that many that failed together do not return together.
 */
export function backoffMs(
  failures: number,
  { firstMs, longestMs }: Backoff,
  random: number = Math.random(),
): number {
  // More than 30 doublings are useless, and would overflow a useful number of ms.
  const doubled = firstMs * 2 ** Math.min(Math.max(failures, 1) - 1, 30)
  return Math.round(Math.min(doubled, longestMs) * (0.5 + random / 2))
}
