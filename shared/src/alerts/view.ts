import type { Changes } from '../changes.ts'
import { endOf } from '../live-span.ts'
import type { LiveEntry, LiveState, Totals } from '../live-state.ts'
import type { MetricId } from '../metrics.ts'
import { type PresentedLive, presentLive } from '../present.ts'

/** A LIVE on air, as rules look at it. */
export interface LiveView {
  readonly session_id: string
  readonly live: LiveEntry
  readonly paused: boolean
  /** All its readings; costs more than one metric, and is made once. */
  readonly presented: PresentedLive
}

/** The usual value of a metric at this moment of a LIVE. */
export interface UsualValue {
  readonly median: number
  /** Median absolute deviation. */
  readonly deviation: number
}

/** Where a LIVE ends at its pace, and where it should. */
export interface Pace {
  readonly forecast: number
  readonly target: number
}

export interface SourceSeen {
  readonly id: string
  readonly name: string
  readonly state: string
  readonly down: boolean
}

/** What a LIVE beat or may beat. Null if there is no earlier LIVE. */
export interface Records {
  readonly minute_gmv: number | null
  readonly viewers: number | null
}

export interface GoalSeen {
  readonly id: string
  readonly value: number
  readonly target: number
}

export interface TopGifter {
  /** Tells one from another; nobody's name or id. */
  readonly mark: string
  readonly diamonds: number
}

/** What rules look at. What is not known yet is undefined, and whoever needs it does not decide. */
export interface View {
  readonly now: number
  readonly timeZone: string
  readonly state: LiveState
  readonly lives: readonly LiveView[]
  /** Everything new since the last look is older than `OLD_EVENT_MS`. */
  readonly isOld: boolean
  /** What changed since everything was measured; without them everything is measured. */
  readonly changes?: Changes
  /** Subjects, by `keyOf`, that are measured even if nothing changed: time is running for them, or they have just moved. */
  readonly unsettled?: ReadonlySet<string>
  usualOf(live: LiveView, metric: MetricId): UsualValue | null | undefined
  paceOf(live: LiveView): Pace | null | undefined
  goalOf(live: LiveView): GoalSeen | null | undefined
  recordsOf(live: LiveView): Records | undefined
  topGifterOf(live: LiveView): TopGifter | null | undefined
  trafficOf(live: LiveView): ReadonlyMap<string, Totals> | undefined
  readonly sources: readonly SourceSeen[] | undefined
}

/** Older events are history: they never fire. */
export const OLD_EVENT_MS = 120_000

/**
 * The LIVEs on air that were seen live: at least one of their events came within `OLD_EVENT_MS`. `seen` remembers
 * them and forgets those that are over.
 */
export function livesOnAir(state: LiveState, now: number, seen: Set<string>): LiveView[] {
  const views: LiveView[] = []
  for (const live of Object.values(state.lives)) {
    const { session_id } = live
    if (endOf(live, now) !== null) {
      seen.delete(session_id)
      continue
    }
    if (!seen.has(session_id)) {
      if (now - live.last_at > OLD_EVENT_MS) continue
      seen.add(session_id)
    }
    views.push(liveView(live, now))
  }
  for (const id of seen) if (!Object.hasOwn(state.lives, id)) seen.delete(id)
  return views
}

function liveView(live: LiveEntry, now: number): LiveView {
  let presented: PresentedLive | undefined
  return {
    session_id: live.session_id,
    live,
    paused: live.pauses.at(-1)?.paused === true,
    get presented() {
      presented ??= presentLive(live, now)
      return presented
    },
  }
}
