import { type EarlierLive, paceOf, recordsOf, usualValue } from '@creatorflow/shared/alerts/usual'
import type { LiveView, Records } from '@creatorflow/shared/alerts/view'
import type { Known, KnownGoals, Reads, Sources } from './known.ts'
import { createRefreshed } from './refreshed.ts'

export interface KnowledgeDeps {
  readonly reads: Reads
  /** Of all watched creators, as last read. */
  readonly sources: () => Sources | undefined
  readonly goals: () => KnownGoals | undefined
}

/** Earlier LIVEs change only by late events. */
const EARLIER_MS = 10 * 60_000
const PEOPLE_MS = 15_000

/**
 * What is known of one creator's LIVEs: whatever a rule asks for is read in the background, and until it is there the rule
 * does not decide. What nobody asks for is never read.
 */
export function createKnowledge({ reads, sources, goals }: KnowledgeDeps): (now: number) => Known {
  const earlier = createRefreshed(EARLIER_MS, reads.earlier)
  const gifters = createRefreshed(PEOPLE_MS, reads.topGifter)
  const traffic = createRefreshed(PEOPLE_MS, reads.traffic)
  const records = new WeakMap<readonly EarlierLive[], Records>()

  const goalOf = ({ session_id }: LiveView) => {
    const known = goals()
    if (!known) return undefined
    return known.get(session_id) ?? known.get('') ?? null
  }
  return (now) => ({
    usualOf(live, metric) {
      const past = earlier(live.session_id)
      return past && usualValue(past, live, metric, now)
    },
    paceOf(live) {
      const goal = goalOf(live)
      if (!goal) return goal
      const past = earlier(live.session_id)
      return past && paceOf(past, live, goal, now)
    },
    goalOf(live) {
      const goal = goalOf(live)
      return goal && { ...goal, value: live.live.totals[goal.metric] ?? 0 }
    },
    recordsOf(live) {
      const past = earlier(live.session_id)
      if (!past) return undefined
      const known = records.get(past) ?? recordsOf(past)
      records.set(past, known)
      return known
    },
    topGifterOf: (live) => gifters(live.session_id),
    trafficOf: (live) => traffic(live.session_id),
    sources: sources(),
  })
}
