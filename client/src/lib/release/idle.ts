/** What decides whether the page may reload. */
export interface Presence {
  readonly now: number
  /** When someone last pressed a key or moved the pointer. */
  readonly lastInputAt: number
  readonly loadedAt: number
  /** The focus is in an input. */
  readonly inField: boolean
  readonly dialogOpen: boolean
  /** A message that may still be read is on screen. */
  readonly messageShown: boolean
  /** When the LIVE on screen started; null if none is on. */
  readonly liveSince: number | null
}

export const idleLimits = {
  /** How long nobody must have touched anything. */
  quietMs: 60_000,
  /** A LIVE's first minutes are watched closely. */
  liveStartMs: 10 * 60_000,
  /** Nodes of two releases side by side must not make the page reload in circles. */
  sinceLoadMs: 5 * 60_000,
} as const

/** Whether a new release may replace this page now without anyone losing text or missing a moment. */
export function mayReload(presence: Presence): boolean {
  const { now, lastInputAt, loadedAt, liveSince } = presence
  if (presence.inField || presence.dialogOpen || presence.messageShown) return false
  if (now - lastInputAt < idleLimits.quietMs || now - loadedAt < idleLimits.sinceLoadMs)
    return false
  return liveSince === null || now - liveSince >= idleLimits.liveStartMs
}
