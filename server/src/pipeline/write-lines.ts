import type { AcceptedEvent } from '../eventlog/accepted-event.ts'

/** `live` is current traffic; `history` is imports: a bounded share of the batches, and only heads. */
export type LaneName = 'live' | 'history'

/** Waiting events of one creator. */
export interface Waiting {
  readonly creatorId: string
  readonly lane: LaneName
  readonly events: readonly AcceptedEvent[]
  /** How many of them, from the front, are decided. */
  decided: number
}

/** What is taken of a share: so many of its events, from the first undecided one. */
export interface Part<S extends Waiting> {
  readonly share: S
  readonly events: number
}

/** A line per creator and lane. The creators of a lane take turns, longest waiting first. */
export interface WriteLines<S extends Waiting> {
  /** Whether anything waits in both lanes. */
  readonly bothWait: boolean
  /** Puts a share at the end of its creator's line. */
  add(share: S): void
  /** Removes a share; true if nothing else of its creator waits. */
  remove(share: S): boolean
  /** A creator's waiting events, in both lanes. */
  sharesOf(creatorId: string): readonly S[]
  /** What is next in a lane, up to that many events. Nothing leaves its line. */
  take(lane: LaneName, isWanted: (creatorId: string) => boolean, maxEvents: number): Part<S>[]
  /** Whoever was served, or tried in vain, comes after the others. */
  toTheBack(lane: LaneName, creatorId: string): void
}

export function createWriteLines<S extends Waiting>(): WriteLines<S> {
  const lanes: Record<LaneName, Map<string, S[]>> = { live: new Map(), history: new Map() }
  const sharesOf = (creatorId: string) => [
    ...(lanes.live.get(creatorId) ?? []),
    ...(lanes.history.get(creatorId) ?? []),
  ]

  return {
    get bothWait() {
      return lanes.live.size > 0 && lanes.history.size > 0
    },
    sharesOf,

    add(share) {
      const line = lanes[share.lane].get(share.creatorId)
      if (line) line.push(share)
      else lanes[share.lane].set(share.creatorId, [share])
    },

    remove(share) {
      const lines = lanes[share.lane]
      const line = lines.get(share.creatorId)
      const index = line?.indexOf(share) ?? -1
      if (!line || index < 0) return false
      line.splice(index, 1)
      if (line.length > 0) return false
      lines.delete(share.creatorId)
      return sharesOf(share.creatorId).length === 0
    },

    take(lane, isWanted, maxEvents) {
      const parts: Part<S>[] = []
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
    },

    toTheBack(lane, creatorId) {
      const line = lanes[lane].get(creatorId)
      if (line && lanes[lane].delete(creatorId)) lanes[lane].set(creatorId, line)
    },
  }
}
