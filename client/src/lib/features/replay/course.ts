import { emptyState, type LiveState } from '@creatorflow/shared/live-state'
import type { NumberedEvent } from '@creatorflow/shared/numbered-event'
import { foldInTime } from '@creatorflow/shared/replay'

/** Events of a LIVE in order of time; `cursor` leads to the next ones, null at the end. */
export interface CoursePage {
  readonly events: readonly NumberedEvent[]
  readonly cursor: string | null
}

/** One LIVE on its way through time: always the fold of its events up to some moment. */
export interface Course {
  /** Owned by the course, and changed by the next move: whoever draws it takes a copy. */
  readonly state: LiveState
  /** Goes to a moment; false when a later move took over meanwhile. Throws what loading throws. */
  moveTo(ts: number): Promise<boolean>
}

export interface CourseOptions {
  readonly startedAt: number
  readonly until: number
  /** Null for the first page. */
  readonly load: (cursor: string | null) => Promise<CoursePage>
  /** Told of each page that a move passes, with the moment that the state is of by then. */
  readonly passed?: (ts: number) => void
}

/** States kept to go back to; a copy of a long LIVE has about 300 kB. */
const MOST_CHECKPOINTS = 40
const MIN_STEP_MS = 60_000
/** Pages kept, so that playing on or a small step back asks for nothing. */
const MOST_PAGES = 12

interface Place {
  readonly cursor: string | null
  readonly offset: number
}

/** Starts before the first event. */
export function createCourse({ startedAt, until, load, passed }: CourseOptions): Course {
  const step = Math.max(MIN_STEP_MS, (until - startedAt) / MOST_CHECKPOINTS)
  const checkpoints = new Map<number, { state: LiveState; place: Place }>()
  const pages = new Map<string | null, CoursePage>()
  const momentOf = (index: number) => startedAt + index * step
  let state = emptyState()
  let place: Place = { cursor: null, offset: 0 }
  let lastTs = Number.NEGATIVE_INFINITY
  let move = 0

  async function pageAt(cursor: string | null): Promise<CoursePage> {
    const held = pages.get(cursor)
    const page = held ?? (await load(cursor))
    // A map keeps the order of insertion: what was used last stays longest.
    pages.delete(cursor)
    pages.set(cursor, page)
    for (const oldest of pages.keys()) {
      if (pages.size <= MOST_PAGES) break
      pages.delete(oldest)
    }
    return page
  }

  function goBackTo(ts: number): void {
    const reached = [...checkpoints.keys()].filter((index) => momentOf(index) <= ts)
    const index = Math.max(...reached)
    const nearest = checkpoints.get(index)
    state = nearest ? structuredClone(nearest.state) : emptyState()
    place = nearest?.place ?? { cursor: null, offset: 0 }
    // Also before the next event: a move that takes over may lead further back.
    lastTs = nearest ? momentOf(index) : Number.NEGATIVE_INFINITY
  }

  /** Folds what a page has up to `ts`, and keeps the state at each step of time that it passes. */
  function take({ events }: CoursePage, ts: number): void {
    let { offset } = place
    while (offset < events.length) {
      const next = events[offset] as NumberedEvent
      if (next.ts > ts) break
      // Everything before the step is in the state, and nothing after it.
      const index = Math.min(MOST_CHECKPOINTS, Math.ceil((next.ts - startedAt) / step) - 1)
      if (index >= 0 && !checkpoints.has(index) && lastTs <= momentOf(index)) {
        checkpoints.set(index, { state: structuredClone(state), place: { ...place, offset } })
      }
      foldInTime(state, [next], startedAt)
      lastTs = next.ts
      offset += 1
    }
    place = { ...place, offset }
  }

  return {
    get state() {
      return state
    },

    async moveTo(ts) {
      move += 1
      const mine = move
      if (ts < lastTs) goBackTo(ts)
      for (;;) {
        const page = await pageAt(place.cursor)
        if (mine !== move) return false
        take(page, ts)
        if (place.offset < page.events.length || page.cursor === null) return true
        place = { cursor: page.cursor, offset: 0 }
        if (page.events.length > 0) passed?.(lastTs)
      }
    },
  }
}
