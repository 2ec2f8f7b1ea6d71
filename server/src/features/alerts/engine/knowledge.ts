import type { View } from '@creatorflow/shared/alerts/view'
import type { Sight } from '../../../core/watch.ts'
import type { StoredRule } from '../states/read.ts'

/** What rules need beside the live state. */
export type Known = Omit<View, 'now' | 'timeZone' | 'state' | 'lives' | 'isOld'>

export interface Knowledge {
  /** What is known now; asks for what the rules need and is not known, or is old. */
  of(sight: Sight, rules: readonly StoredRule[], now: number): Known
}

/** Nothing but the live state. */
export const knowsNothing: Knowledge = {
  of: () => ({
    usualOf: () => undefined,
    paceOf: () => undefined,
    goalOf: () => undefined,
    recordsOf: () => undefined,
    topGifterOf: () => undefined,
    trafficOf: () => undefined,
    sources: undefined,
  }),
}
