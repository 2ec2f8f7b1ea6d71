import { liveAt } from '@creatorflow/shared/live-span'
import type { LiveRow } from '../eventlog/accepted-event.ts'
import type { LiveBook } from '../pipeline/attribute.ts'

/**
 * All LIVEs of a creator, queried in order of time: none opens and no start moves while it is read. It
 * answers like `liveAt` over all of them, and checks only those that may still cover.
 */
export function liveTimeline(known: readonly LiveRow[]): LiveBook {
  const lives = new Map(known.map((live) => [live.session_id, live]))
  const starts = [...known].sort(
    (a, b) => a.started_at - b.started_at || (a.session_id < b.session_id ? -1 : 1),
  )
  let next = 0
  let candidates: string[] = []
  const get = (id: string) => lives.get(id) as LiveRow
  return {
    get: (session_id) => lives.get(session_id),
    at(ts) {
      for (; next < starts.length && (starts[next] as LiveRow).started_at <= ts; next++) {
        candidates.push((starts[next] as LiveRow).session_id)
      }
      // Only the latest start may cover without an end; what has ended by now covers nothing later.
      const latest = candidates.at(-1)
      candidates = candidates.filter((id) => id === latest || (get(id).ended_at ?? ts) > ts)
      return liveAt(candidates.map(get), ts)
    },
    set: (live) => void lives.set(live.session_id, live),
    changed: () => [...lives.values()],
  }
}

/** A book of every LIVE, including those nothing changes any more. */
export function allLives(known: readonly LiveRow[]): LiveBook {
  const lives = new Map(known.map((live) => [live.session_id, live]))
  return {
    get: (session_id) => lives.get(session_id),
    at: (ts) => liveAt(lives.values(), ts),
    set: (live) => void lives.set(live.session_id, live),
    changed: () => [...lives.values()],
  }
}
