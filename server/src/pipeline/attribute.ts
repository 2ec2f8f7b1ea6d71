import { liveAt } from '@creatorflow/shared/live-span'
import type { Attribution } from '@creatorflow/shared/numbered-event'
import { extendsLive } from '@creatorflow/shared/presence'
import { localDay } from '@creatorflow/shared/present'
import type {
  AcceptedEvent,
  AttributedEvent,
  CreatorRow,
  LiveRow,
} from '../eventlog/accepted-event.ts'
import { type Claim, type ClaimBook, LIVE_NAMED, orderClaim } from '../projections/claims.ts'
import type { Hindsight } from './hindsight.ts'

/** The LIVEs of one creator that a batch may meet, and the batch's changes to them. */
export interface LiveBook {
  get(session_id: string): LiveRow | undefined
  at(ts: number): LiveRow | undefined
  set(live: LiveRow): void
  changed(): LiveRow[]
}

export function liveBook(read: Iterable<LiveRow>): LiveBook {
  const lives = new Map<string, LiveRow>()
  const written = new Set<string>()
  for (const live of read) lives.set(live.session_id, live)
  return {
    get: (session_id) => lives.get(session_id),
    at: (ts) => liveAt(lives.values(), ts),
    set(live) {
      const before = lives.get(live.session_id)
      if (
        before &&
        before.started_at === live.started_at &&
        before.last_at === live.last_at &&
        before.ended_at === live.ended_at &&
        before.inferred === live.inferred
      ) {
        return
      }
      lives.set(live.session_id, live)
      written.add(live.session_id)
    },
    changed: () => [...written].sort().map((id) => lives.get(id) as LiveRow),
  }
}

/**
 * Finds the LIVE of one event and records what the event says about LIVEs and orders. In this order: the LIVE
 * it names, its order's LIVE, the LIVE that covers its time, none.
 */
export function attribute(
  event: AcceptedEvent,
  ts: number,
  creator: Pick<CreatorRow, 'time_zone'>,
  lives: LiveBook,
  claims: ClaimBook,
  hindsight?: Hindsight,
): AttributedEvent {
  const { incoming, creator_id } = event
  const named = incoming.session_id ?? (incoming.type === 'live_started' ? incoming.id : undefined)
  const orderKey = incoming.order_id !== undefined && orderClaim(creator_id, incoming.order_id)
  const order = orderKey ? claims.get(orderKey) : undefined
  let session_id: string | null = null
  let attribution: Attribution | null = null
  if (named !== undefined) {
    session_id = named
    attribution = 'session'
  } else if (order?.ref) {
    session_id = order.ref
    attribution = 'order'
  } else if (incoming.properties?.unattributed !== true) {
    session_id = lives.at(ts)?.session_id ?? null
    attribution = session_id === null ? null : 'time'
  }
  const opens_live = session_id !== null && lives.get(session_id) === undefined
  if (session_id !== null && attribution !== null) {
    const before = lives.get(session_id)
    const after = advance(before, creator_id, session_id, event, ts, attribution)
    lives.set(after)
    hindsight?.live(event, ts, before, after)
  }
  if (named === undefined) hindsight?.guessed(event, ts)
  if (orderKey) {
    const guess = named === undefined ? lives.at(ts)?.session_id : named
    const { claim, overturns } = orderAfter(order, ts, session_id, named !== undefined, guess)
    if (claim) claims.set(orderKey, claim)
    if (overturns) hindsight?.order(event)
  }
  return { ...event, ts, day: localDay(ts, creator.time_zone), session_id, attribution, opens_live }
}

/**
 * What is known of an order after one more event: its LIVE is the one named by its earliest naming event,
 * else that of its earliest event within any. `overturns`: earlier arrivals went elsewhere.
 */
function orderAfter(
  order: Claim | undefined,
  ts: number,
  session_id: string | null,
  isNamed: boolean,
  guess: string | undefined,
): { claim?: Claim; overturns: boolean } {
  const value = (order?.value ?? 0) | (isNamed ? LIVE_NAMED : 0)
  const ref = order?.ref ?? null
  if (ref === null) {
    if (order && session_id === null) return { overturns: false }
    // Recorded even without a LIVE, so that whoever finds one later knows that something waits for it.
    const claim = { value, ref: session_id, at: session_id === null ? null : ts }
    return { claim, overturns: order !== undefined && session_id !== null }
  }
  const wasNamed = ((order?.value ?? 0) & LIVE_NAMED) !== 0
  if (isNamed && !wasNamed) {
    return { claim: { value, ref: session_id, at: ts }, overturns: session_id !== ref }
  }
  if (isNamed !== wasNamed || guess === undefined || order?.at == null || ts >= order.at) {
    return { overturns: false }
  }
  return { claim: { value, ref: guess, at: ts }, overturns: guess !== ref }
}

/** A LIVE after one more event of it. */
function advance(
  live: LiveRow | undefined,
  creator_id: string,
  session_id: string,
  { incoming: { type } }: AcceptedEvent,
  ts: number,
  attribution: Attribution,
): LiveRow {
  const isStart = type === 'live_started'
  if (!live) {
    return {
      creator_id,
      session_id,
      started_at: ts,
      inferred: !isStart,
      ended_at: type === 'live_ended' ? ts : null,
      last_at: ts,
    }
  }
  const named = attribution === 'session'
  const moves =
    named &&
    (isStart ? live.inferred || ts < live.started_at : live.inferred && ts < live.started_at)
  return {
    ...live,
    started_at: moves ? ts : live.started_at,
    inferred: live.inferred && !isStart,
    ended_at: type === 'live_ended' ? Math.max(ts, live.ended_at ?? ts) : live.ended_at,
    last_at: extendsLive(type, attribution) ? Math.max(ts, live.last_at) : live.last_at,
  }
}
