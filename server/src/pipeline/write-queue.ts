import type { AcceptedEvent } from '../eventlog/accepted-event.ts'
import type { Outcome } from './settle.ts'
import { createWriteLines, type LaneName, type Part, type Waiting } from './write-lines.ts'

/** Events waiting to be written: in order per creator, and creators take turns. */
export interface WriteQueue {
  /** Events waiting or being written. */
  readonly queued: number
  /** Those whose creator is busy. */
  readonly held: number
  /** Whether someone else holds a creator's lock. */
  isBusy(creatorId: string): boolean
  readonly busyCreators: number
  /** Resolves with one outcome for each event, in order, or rejects for all of them. */
  add(events: readonly AcceptedEvent[], lane: LaneName, now: number): Promise<Outcome[]>
  /** What should be written next; undefined if nothing waits. It stays in the queue until `settle` or `fail`. */
  next(of: 'free' | 'busy', maxEvents: number): Batch | undefined
  /** One outcome for each event; undefined if the creator was busy: those stay first in their line. */
  settle(batch: Batch, outcomes: readonly (Outcome | undefined)[], now: number): void
  /** Rejects every request of a batch. */
  fail(batch: Batch, error: unknown): void
  /** Rejects requests that have waited for a busy creator since `since` or longer. */
  giveUp(since: number, error: () => unknown): void
}

export interface Batch {
  readonly lane: LaneName
  readonly events: readonly AcceptedEvent[]
  readonly parts: readonly Part<Share>[]
}

interface Request {
  readonly outcomes: Outcome[]
  readonly shares: Share[]
  undecided: number
  readonly resolve: (outcomes: Outcome[]) => void
  readonly reject: (error: unknown) => void
}

/** The events of one creator in a request. */
interface Share extends Waiting {
  readonly request: Request
  /** Their positions in the request. */
  readonly places: readonly number[]
  readonly since: number
}

/** While both lanes wait, one batch in this many is history. */
const HISTORY_SHARE = 4

/** One batch at a time is in flight. Times are ms of any monotonic clock. */
export function createWriteQueue(): WriteQueue {
  const lines = createWriteLines<Share>()
  /** Since when. */
  const busy = new Map<string, number>()
  let queued = 0
  let turn = 0

  function remove(share: Share): void {
    if (lines.remove(share)) busy.delete(share.creatorId)
  }

  function reject(request: Request, error: unknown): void {
    // The rest of a failed request must not be written behind its caller's back.
    request.shares.forEach(remove)
    queued -= request.undecided
    request.undecided = 0
    request.reject(error)
  }

  return {
    get queued() {
      return queued
    },
    get held() {
      let held = 0
      for (const creatorId of busy.keys()) {
        for (const { events, decided } of lines.sharesOf(creatorId)) held += events.length - decided
      }
      return held
    },
    isBusy: (creatorId) => busy.has(creatorId),
    get busyCreators() {
      return busy.size
    },

    add(events, lane, since) {
      return new Promise((resolve, reject) => {
        const undecided = events.length
        const request: Request = { outcomes: [], shares: [], undecided, resolve, reject }
        request.shares.push(...divide(request, events, lane, since))
        request.shares.forEach(lines.add)
        queued += events.length
      })
    },

    next(of, maxEvents) {
      if (of === 'busy' && busy.size === 0) return undefined
      const isWanted = (id: string) => busy.has(id) === (of === 'busy')
      const { bothWait } = lines
      const historyFirst = bothWait && turn % HISTORY_SHARE === HISTORY_SHARE - 1
      for (const lane of historyFirst ? historyFirstLanes : liveFirstLanes) {
        const parts = lines.take(lane, isWanted, maxEvents)
        if (parts.length === 0) continue
        if (bothWait) turn++
        const events = parts.flatMap(({ share, events: count }) =>
          share.events.slice(share.decided, share.decided + count),
        )
        return { lane, events, parts }
      }
      return undefined
    },

    settle({ lane, parts }, outcomes, now) {
      const creators = new Set(parts.map(({ share }) => share.creatorId))
      const met = new Set<string>()
      let n = 0
      for (const { share, events } of parts) {
        const { request } = share
        const decided = decide(share, outcomes.slice(n, n + events))
        n += events
        queued -= decided
        if (decided < events) met.add(share.creatorId)
        if (share.decided === share.events.length) remove(share)
        if (request.undecided === 0) request.resolve(request.outcomes)
      }
      for (const creatorId of creators) {
        lines.toTheBack(lane, creatorId)
        if (!met.has(creatorId)) busy.delete(creatorId)
        else if (!busy.has(creatorId)) busy.set(creatorId, now)
      }
    },

    fail({ parts }, error) {
      for (const request of new Set(parts.map(({ share }) => share.request))) reject(request, error)
    },

    giveUp(since, error) {
      const late = new Set<Request>()
      for (const [creatorId, busySince] of busy) {
        for (const share of lines.sharesOf(creatorId)) {
          if (Math.max(share.since, busySince) <= since) late.add(share.request)
        }
      }
      for (const request of late) reject(request, error())
    },
  }
}

const liveFirstLanes = ['live', 'history'] as const
const historyFirstLanes = ['history', 'live'] as const

/** What each creator has in a request. */
function divide(
  request: Request,
  events: readonly AcceptedEvent[],
  lane: LaneName,
  since: number,
): Share[] {
  const byCreator = Map.groupBy(
    events.keys(),
    (place) => (events[place] as AcceptedEvent).creator_id,
  )
  return [...byCreator].map(([creatorId, places]) => {
    const own = places.map((place) => events[place] as AcceptedEvent)
    return { request, creatorId, lane, events: own, places, since, decided: 0 }
  })
}

/** Answers the next events of a share, up to where its creator was busy; returns how many. */
function decide(share: Share, outcomes: readonly (Outcome | undefined)[]): number {
  const { request, places } = share
  const decided = outcomes.filter((outcome) => outcome !== undefined)
  for (const outcome of decided) request.outcomes[places[share.decided++] as number] = outcome
  request.undecided -= decided.length
  return decided.length
}
