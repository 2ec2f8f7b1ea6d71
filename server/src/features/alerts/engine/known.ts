import type { EarlierLive, KnownGoal } from '@creatorflow/shared/alerts/usual'
import type { SourceSeen, TopGifter, View } from '@creatorflow/shared/alerts/view'
import type { Totals } from '@creatorflow/shared/live-state'

/** What rules need beside the live state. */
export type Known = Omit<View, 'now' | 'timeZone' | 'state' | 'lives' | 'isOld'>

export type Sources = readonly SourceSeen[]

/** Goals by LIVE; that of every other LIVE by an empty id. */
export type KnownGoals = ReadonlyMap<string, KnownGoal>

/** What is read of one LIVE. */
export interface Reads {
  /** Earlier LIVEs, newest first; none if this one is not stored yet. */
  earlier(sessionId: string): Promise<readonly EarlierLive[]>
  topGifter(sessionId: string): Promise<TopGifter | null>
  traffic(sessionId: string): Promise<ReadonlyMap<string, Totals>>
}
