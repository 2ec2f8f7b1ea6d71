/** What decides whether the page may go away for a moment. */
export interface Presence {
  readonly now: number
  /** When somebody last pressed a key or moved the pointer. */
  readonly lastInputAt: number
  readonly loadedAt: number
  /** The focus is where one writes or chooses. */
  readonly inField: boolean
  readonly dialogOpen: boolean
  /** A message that may still be wanted is on screen. */
  readonly messageShown: boolean
  /** When the LIVE on screen began; null without one that runs. */
  readonly liveSince: number | null
}

export const idleLimits = {
  /** Nobody touched anything for this long. */
  quietMs: 60_000,
  /** A LIVE's first minutes are watched closely. */
  liveStartMs: 10 * 60_000,
  /** Nodes of two releases side by side must not make the page go round and round. */
  sinceLoadMs: 5 * 60_000,
} as const

/** Whether a new release may replace this page now, with nobody losing a word or missing a moment. */
export function mayReload(presence: Presence): boolean {
  const { now, lastInputAt, loadedAt, liveSince } = presence
  if (presence.inField || presence.dialogOpen || presence.messageShown) return false
  if (now - lastInputAt < idleLimits.quietMs || now - loadedAt < idleLimits.sinceLoadMs)
    return false
  return liveSince === null || now - liveSince >= idleLimits.liveStartMs
}
