import {
  type GroundTruth,
  type SimulatedEvent,
  streamLive,
} from '@creatorflow/shared/simulator/simulate-live'

/** Simulated LIVEs of several creators, split into rounds and bodies. */
export interface BurstPlan {
  readonly creatorIds: readonly string[]
  readonly rounds: number
  readonly eventsPerRound: number
  readonly eventsPerBody: number
}

/** Bodies by creator and round. */
export function burstBodies(plan: BurstPlan): Map<string, Buffer[][]> {
  return new Map(
    plan.creatorIds.map((creatorId) => {
      const events = liveEvents(creatorId, plan.rounds * plan.eventsPerRound)
      const rounds = chunksOf(events, plan.eventsPerRound).map((round) =>
        chunksOf(round, plan.eventsPerBody).map((part) => Buffer.concat(part.map(lineOf))),
      )
      return [creatorId, rounds]
    }),
  )
}

/** How events are spread over the time of a run. */
export interface PacedPlan {
  readonly creatorId: string
  /** Distinguishes the LIVEs of one creator; LIVEs of the same name are the same for every creator. */
  readonly session: string
  readonly seconds: number
  /** Events per second, evenly; else a LIVE of this `busyness` in real time, from now on. */
  readonly pace: { readonly even: number } | { readonly busyness: number }
  /** A real-time LIVE started this long ago. */
  readonly headStartMs?: number
  /** Whether its earlier events are sent first, all at once, or left out. */
  readonly headStart?: 'sent' | 'left out'
  /** Sent only at multiples of this time, like a source that batches. */
  readonly tickMs?: number
}

export interface Paced {
  readonly lines: readonly Buffer[]
  /** When each is due, ms after the start. */
  readonly dueMs: readonly number[]
  /** The start by wall clock, if the events carry their own times. */
  readonly startAt: number | undefined
}

const MINUTE_MS = 60_000
/** About as many as a LIVE of this length at rate 1 has. */
const EVENTS_OF_TEN_MINUTES = 6_500
/** Until the bodies are made and the sender is told to start. */
const LEAD_MS = 2_500

/** Events with their sending times. */
export function pacedEvents(plan: PacedPlan): Paced {
  return 'even' in plan.pace ? evenEvents(plan, plan.pace.even) : asItHappens(plan, plan.pace)
}

/** Without their own times: the server uses the time of arrival. */
function evenEvents({ creatorId, session, seconds }: PacedPlan, perSecond: number): Paced {
  const live = streamOf({
    creatorId,
    seed: session,
    sessionId: session,
    startAt: Date.now() - 60 * MINUTE_MS,
    rate: 10,
  })
  const events: SimulatedEvent[] = []
  for (const event of live.events) {
    events.push(event)
    if (events.length === Math.round(seconds * perSecond)) break
  }
  return {
    lines: events.map(({ ts, ...event }) => lineOf(event)),
    dueMs: events.map((_, index) => (index * 1000) / perSecond),
    startAt: undefined,
  }
}

function asItHappens(plan: PacedPlan, { busyness }: { busyness: number }): Paced {
  const startAt = Date.now() + LEAD_MS
  const headStartMs = plan.headStartMs ?? 0
  const live = streamOf({
    creatorId: plan.creatorId,
    seed: plan.session,
    sessionId: plan.session,
    startAt: startAt - headStartMs,
    rate: busyness,
    durationMs: headStartMs + 60 * MINUTE_MS,
  })
  const tickMs = plan.tickMs ?? 1
  const events: SimulatedEvent[] = []
  for (const event of live.events) {
    if (event.ts >= startAt + plan.seconds * 1000) break
    if (plan.headStart === 'sent' || event.ts >= startAt) events.push(event)
  }
  return {
    lines: events.map(lineOf),
    dueMs: events.map(({ ts }) => Math.max(0, Math.ceil((ts - startAt) / tickMs) * tickMs)),
    startAt,
  }
}

/** A LIVE from start to end with about as many events, in one body, with its known totals. */
export function wholeLive(
  creatorId: string,
  events: number,
): { body: Buffer; events: number; truth: GroundTruth } {
  const live = streamOf({
    creatorId,
    seed: creatorId,
    sessionId: 'whole',
    startAt: Date.now() - 60 * MINUTE_MS,
    rate: events / EVENTS_OF_TEN_MINUTES,
    durationMs: 10 * MINUTE_MS,
  })
  const lines = [...live.events].map(lineOf)
  return { body: Buffer.concat(lines), events: lines.length, truth: live.truth() }
}

/** A LIVE of two hours on each of the last days, from all channels and traffic sources; a body each. */
export function* pastLives(
  creatorId: string,
  days: number,
  eventsOfEach: number,
): Generator<Buffer> {
  const durationMs = 120 * MINUTE_MS
  for (let day = days; day >= 1; day--) {
    const { events } = streamOf({
      creatorId,
      seed: `${creatorId}/${day}`,
      sessionId: `day-${day}`,
      startAt: Date.now() - day * 24 * 60 * MINUTE_MS + durationMs,
      rate: eventsOfEach / EVENTS_OF_TEN_MINUTES / 12,
      durationMs,
    })
    const lines: Buffer[] = []
    for (const event of events) {
      const channel = ['tiktok', 'tiktok_shop', 'shopify'][lines.length % 3]
      const traffic_source = ['feed', 'search', 'ads', 'profile'][lines.length % 4]
      lines.push(lineOf({ ...event, channel, traffic_source }))
    }
    yield Buffer.concat(lines)
  }
}

function liveEvents(creatorId: string, count: number): SimulatedEvent[] {
  const events: SimulatedEvent[] = []
  const { events: stream } = streamOf({
    creatorId,
    seed: creatorId,
    sessionId: 'burst',
    startAt: Date.now() - 60 * MINUTE_MS,
    rate: 40,
  })
  for (const event of stream) {
    events.push(event)
    if (events.length === count) break
  }
  if (events.length < count) throw new Error(`a simulated LIVE had only ${events.length} events`)
  return events
}

interface LiveOptions {
  readonly creatorId: string
  readonly seed: string
  readonly sessionId: string
  readonly startAt: number
  readonly rate: number
  readonly durationMs?: number
}

function streamOf(options: LiveOptions) {
  return streamLive({
    durationMs: 60 * MINUTE_MS,
    ...options,
    currency: 'USD',
    timeZone: 'UTC',
    aftermath: false,
  })
}

const lineOf = (event: object): Buffer => Buffer.from(`${JSON.stringify(event)}\n`)

function chunksOf<T>(items: readonly T[], size: number): T[][] {
  const chunks: T[][] = []
  for (let at = 0; at < items.length; at += size) chunks.push(items.slice(at, at + size))
  return chunks
}
