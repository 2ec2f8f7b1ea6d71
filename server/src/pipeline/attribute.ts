import { extendsLive, liveAt } from '@creatorflow/shared/live-span'
import type { Attribution } from '@creatorflow/shared/numbered-event'
import { localDay } from '@creatorflow/shared/present'
import type { AcceptedEvent, AttributedEvent, CreatorRow, LiveRow } from './accepted-event.ts'
import { type ClaimBook, orderClaim, orderFlags } from './claims.ts'

/** The LIVEs of one creator that a batch may meet, and what the batch makes of them. */
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
 * Finds the LIVE of one event and notes what the event says about LIVEs and orders.
 * In this order: the LIVE it names, the LIVE of its order, the LIVE that covers its time, none.
 */
export function attribute(
  event: AcceptedEvent,
  ts: number,
  creator: CreatorRow,
  lives: LiveBook,
  claims: ClaimBook,
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
    lives.set(advance(lives.get(session_id), creator_id, session_id, event, ts, attribution))
  }
  const isNamed = attribution === 'session'
  const wasNamed = ((order?.value ?? 0) & orderFlags.liveNamed) !== 0
  if (orderKey && session_id !== null && (!order?.ref || (isNamed && !wasNamed))) {
    const value = (order?.value ?? 0) | (isNamed ? orderFlags.liveNamed : 0)
    claims.set(orderKey, { value, ref: session_id, at: order?.at ?? null })
  }
  return { ...event, ts, day: localDay(ts, creator.time_zone), session_id, attribution, opens_live }
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
