import { OPEN_LIVE_MS } from '@creatorflow/shared/live-state'
import type {
  AcceptedEvent,
  AttributedEvent,
  Guessed,
  LiveRow,
} from '../eventlog/accepted-event.ts'
import { isPinned } from '../projections/pins.ts'

/** Why guesses of a creator no longer hold. */
export type ResettleReason = 'live' | 'order' | 'pin' | 'count'

/** What is to be recounted for a creator. */
export interface AskedRecount {
  readonly creator_id: string
  readonly reason: ResettleReason
  /** The LIVEs of which only pins are to be recounted; null for the whole log. */
  readonly pins_of: readonly string[] | null
}

/** A LIVE, or events without one. */
export interface OfLive {
  readonly creator_id: string
  readonly session_id: string | null
}

/**
 * Checks a batch for events that come later than guesses they would have changed. It may report guesses that
 * hold: re-attribution finds that out.
 */
export interface Hindsight {
  /** An event's effect on its LIVE; called before the event itself is `guessed`. */
  live(event: AcceptedEvent, ts: number, before: LiveRow | undefined, after: LiveRow): void
  /** An event says of its order what its earlier events did not know. */
  order(event: AcceptedEvent): void
  /** An event precedes one that was counted as the first of something, and would count in `where`. */
  counted(event: AttributedEvent, where: 'elsewhere' | 'within'): void
  /** An event that names no LIVE. */
  guessed(event: AcceptedEvent, ts: number): void
  /** All new events at once, because a batch's pins count for the whole batch. */
  pins(fresh: readonly AttributedEvent[]): void
  reasons(): AskedRecount[]
  /** LIVEs whose minutes are to be recounted when they end: until then more may come late. */
  atEnd(): readonly OfLive[]
  /** LIVEs that ended. */
  ended(): readonly OfLive[]
  guesses(creator_id: string): Guessed
}

export function hindsight(known: ReadonlyMap<string, Guessed>): Hindsight {
  const lives = new Map([...known].map(([id, guessed]) => [id, guessed.lives ?? NEVER]))
  const pins = new Map([...known].map(([id, guessed]) => [id, guessed.pins ?? NEVER]))
  const reasons = new Map<string, ResettleReason>()
  /** LIVEs with late pins, by creator. */
  const latePins = new Map<string, Set<string>>()
  /** Creators with another reason. */
  const whole = new Set<string>()
  const atEnd = new Map<string, OfLive>()
  const ended = new Map<string, OfLive>()
  const overLives = new Set<string>()
  /** The last sign of life of LIVEs before the current events; none for LIVEs they open. */
  const lastBefore = new Map<string, number>()
  const liveKey = (creatorId: string, sessionId: string) => `${creatorId}\n${sessionId}`
  const note = ({ creator_id }: AcceptedEvent, reason: ResettleReason, pinsOf?: string) => {
    if (!reasons.has(creator_id)) reasons.set(creator_id, reason)
    if (pinsOf === undefined) whole.add(creator_id)
    else latePins.set(creator_id, (latePins.get(creator_id) ?? new Set()).add(pinsOf))
  }
  const raise = (
    until: Map<string, number>,
    { creator_id, ts }: Pick<AttributedEvent, 'creator_id' | 'ts'>,
  ) => until.set(creator_id, Math.max(ts, until.get(creator_id) ?? NEVER))
  return {
    live(event, ts, before, after) {
      const since = changedSince(event, ts, before, after)
      const until = lives.get(event.creator_id) ?? NEVER
      const key = liveKey(event.creator_id, after.session_id)
      if (!lastBefore.has(key)) lastBefore.set(key, before?.last_at ?? NEVER)
      if (event.incoming.type === 'live_ended') ended.set(key, after)
      if (after.ended_at !== null) overLives.add(key)
      if (since <= until || changesAir(event, ts, before, after)) note(event, 'live')
    },
    order: (event) => note(event, 'order'),
    counted(event, where) {
      const { creator_id, session_id } = event
      const key = liveKey(creator_id, session_id ?? '')
      if (where === 'elsewhere' || overLives.has(key)) note(event, 'count')
      else atEnd.set(key, { creator_id, session_id })
    },
    guessed(event, ts) {
      if (event.incoming.properties?.unattributed === true) return
      raise(lives, { creator_id: event.creator_id, ts })
    },
    pins(fresh) {
      for (const event of fresh) {
        const { creator_id, session_id, ts } = event
        if (!isPinMark(event) || session_id === null) continue
        // An event that names its LIVE is no later than its last sign of life; if a LIVE was guessed, so was
        // the pin.
        const inLive = lastBefore.get(liveKey(creator_id, session_id)) ?? NEVER
        const until = Math.max(inLive, lives.get(creator_id) ?? NEVER)
        if (ts <= Math.min(until, pins.get(creator_id) ?? NEVER)) note(event, 'pin', session_id)
      }
      lastBefore.clear()
      for (const event of fresh) {
        if (!guessesPin(event)) continue
        raise(pins, event)
        if (event.attribution !== 'session') raise(lives, event)
      }
    },
    reasons: () =>
      [...reasons].sort().map(([creator_id, reason]) => ({
        creator_id,
        reason,
        pins_of: whole.has(creator_id) ? null : [...(latePins.get(creator_id) ?? [])].sort(),
      })),
    atEnd: () => [...atEnd].sort().map(([, live]) => live),
    ended: () => [...ended].sort().map(([, live]) => live),
    guesses(creator_id) {
      const orNull = (time = NEVER) => (time === NEVER ? null : time)
      return { lives: orNull(lives.get(creator_id)), pins: orNull(pins.get(creator_id)) }
    },
  }
}

const NEVER = Number.NEGATIVE_INFINITY

/** The earliest time whose LIVE may differ from before the event. */
function changedSince(
  { incoming: { type } }: AcceptedEvent,
  ts: number,
  before: LiveRow | undefined,
  after: LiveRow,
): number {
  if (!before) return after.started_at
  let since = Number.POSITIVE_INFINITY
  if (after.started_at !== before.started_at) {
    // An event that may come days later can have opened the LIVE: then it had no last sign of life.
    if (before.last_at === before.started_at) return NEVER
    since = Math.min(after.started_at, before.started_at)
  }
  if (type === 'live_ended') {
    since = Math.min(since, ts, before.ended_at ?? ts, before.last_at + OPEN_LIVE_MS)
  }
  if (after.last_at !== before.last_at) since = Math.min(since, before.last_at + OPEN_LIVE_MS)
  return since
}

/** Whether a start or an end comes after events that were written as on air, or as not. */
function changesAir(
  { incoming: { type } }: AcceptedEvent,
  ts: number,
  before: LiveRow | undefined,
  after: LiveRow,
): boolean {
  if (!before) return false
  if (type === 'live_ended') return before.last_at > Math.min(ts, before.ended_at ?? ts)
  const moved = after.started_at - before.started_at
  return type === 'live_started' && (moved > 0 || (moved < 0 && !before.inferred))
}

function isPinMark({ incoming: { type } }: AttributedEvent): boolean {
  return type === 'product_pinned' || type === 'product_unpinned'
}

function guessesPin({ incoming }: AttributedEvent): boolean {
  return (
    isPinned(incoming.type) &&
    incoming.type !== 'product_pinned' &&
    incoming.product_id !== undefined &&
    incoming.pin_id === undefined
  )
}
