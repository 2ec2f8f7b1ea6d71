import type { AcceptedEvent } from '../eventlog/accepted-event.ts'
import type { Outcome } from './settle.ts'

/** `live` is what happens now; `history` is imports: a bounded share of the batches, and only heads. */
export type LaneName = 'live' | 'history'

/** Events that wait to be written: in order for each creator, and creators take turns. */
export interface WriteQueue {
  /** Events that wait or are being written. */
  readonly queued: number
  /** Those of them whose creator is busy. */
  readonly held: number
  /** Whether somebody else holds the lock of a creator. */
  isBusy(creatorId: string): boolean
  readonly busyCreators: number
  /** Resolves with one outcome for each event, in order, or rejects for all of them. */
  add(events: readonly AcceptedEvent[], lane: LaneName, now: number): Promise<Outcome[]>
  /** What should be written next; undefined when nothing waits. It stays in the queue until `settle` or `fail`. */
  next(of: 'free' | 'busy', maxEvents: number): Batch | undefined
  /** One outcome for each event; undefined where the creator was busy: those stay first in their line. */
  settle(batch: Batch, outcomes: readonly (Outcome | undefined)[], now: number): void
  /** Rejects every request of a batch. */
  fail(batch: Batch, error: unknown): void
  /** Rejects requests that have waited for a busy creator since `since` or longer. */
  giveUp(since: number, error: () => unknown): void
}

export interface Batch {
  readonly lane: LaneName
  readonly events: readonly AcceptedEvent[]
  readonly parts: readonly Part[]
}

interface Request {
  readonly outcomes: Outcome[]
  readonly shares: Share[]
  readonly lane: LaneName
  undecided: number
  readonly resolve: (outcomes: Outcome[]) => void
  readonly reject: (error: unknown) => void
}

/** The events of one creator in a request. */
interface Share {
  readonly request: Request
  readonly creatorId: string
  readonly events: readonly AcceptedEvent[]
  /** Where they stand in the request. */
  readonly places: readonly number[]
  readonly since: number
  decided: number
}

interface Part {
  readonly share: Share
  readonly events: number
}

/** While both lanes wait, one batch in this many is history's. */
const HISTORY_SHARE = 4

/** One batch at a time is under way. Times are ms of any clock that only goes forward. */
export function createWriteQueue(): WriteQueue {
  const lanes: Record<LaneName, Map<string, Share[]>> = { live: new Map(), history: new Map() }
  /** Since when. */
  const busy = new Map<string, number>()
  let queued = 0
  let turn = 0

  const linesOf = (creatorId: string) =>
    [lanes.live.get(creatorId), lanes.history.get(creatorId)].filter((line) => line !== undefined)

  function take(lane: LaneName, isWanted: (id: string) => boolean, maxEvents: number): Part[] {
    const parts: Part[] = []
    let room = maxEvents
    for (const [creatorId, line] of lanes[lane]) {
      if (!isWanted(creatorId)) continue
      for (const share of line) {
        if (room === 0) return parts
        const events = Math.min(room, share.events.length - share.decided)
        parts.push({ share, events })
        room -= events
      }
    }
    return parts
  }

  function remove(share: Share): void {
    const lines = lanes[share.request.lane]
    const line = lines.get(share.creatorId)
    const index = line?.indexOf(share) ?? -1
    if (!line || index < 0) return
    line.splice(index, 1)
    if (line.length > 0) return
    lines.delete(share.creatorId)
    if (linesOf(share.creatorId).length === 0) busy.delete(share.creatorId)
  }

  function reject(request: Request, error: unknown): void {
    // The rest of a request that failed must not be written behind its caller's back.
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
        for (const { events, decided } of linesOf(creatorId).flat()) held += events.length - decided
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
        const request: Request = { outcomes: [], shares: [], lane, undecided, resolve, reject }
        const byCreator = Map.groupBy(
          events.keys(),
          (place) => (events[place] as AcceptedEvent).creator_id,
        )
        for (const [creatorId, places] of byCreator) {
          const own = places.map((place) => events[place] as AcceptedEvent)
          const share: Share = { request, creatorId, events: own, places, since, decided: 0 }
          request.shares.push(share)
          const line = lanes[lane].get(creatorId)
          if (line) line.push(share)
          else lanes[lane].set(creatorId, [share])
        }
        queued += events.length
      })
    },

    next(of, maxEvents) {
      if (of === 'busy' && busy.size === 0) return undefined
      const isWanted = (id: string) => busy.has(id) === (of === 'busy')
      const bothWait = lanes.live.size > 0 && lanes.history.size > 0
      const historyFirst = bothWait && turn % HISTORY_SHARE === HISTORY_SHARE - 1
      for (const lane of historyFirst ? historyFirstLanes : liveFirstLanes) {
        const parts = take(lane, isWanted, maxEvents)
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
        const { request, places, creatorId } = share
        for (const outcome of outcomes.slice(n, n + events)) {
          if (outcome === undefined) {
            met.add(creatorId)
            continue
          }
          request.outcomes[places[share.decided++] as number] = outcome
          request.undecided--
          queued--
        }
        n += events
        if (share.decided === share.events.length) remove(share)
        if (request.undecided === 0) request.resolve(request.outcomes)
      }
      for (const creatorId of creators) {
        // Who was served, or asked in vain, asks again after the others.
        const line = lanes[lane].get(creatorId)
        if (line && lanes[lane].delete(creatorId)) lanes[lane].set(creatorId, line)
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
        for (const share of linesOf(creatorId).flat()) {
          if (Math.max(share.since, busySince) <= since) late.add(share.request)
        }
      }
      for (const request of late) reject(request, error())
    },
  }
}

const liveFirstLanes = ['live', 'history'] as const
const historyFirstLanes = ['history', 'live'] as const
