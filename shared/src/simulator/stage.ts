import type { EventType } from '../event-types.ts'
import type { IncomingEvent } from '../events.ts'
import { createAgenda } from './agenda.ts'
import { createLedger, type GroundTruth, type Ledger } from './ledger.ts'
import { createRandom, type Random } from './random.ts'
import { type SimulatedProduct, shopProducts } from './shop.ts'

export interface SimulationOptions {
  /** The same seed and options give the same events, on every machine. */
  readonly seed: number | string
  /** Written on every event when given. */
  readonly creatorId?: string
  readonly sessionId: string
  /** Epoch ms. */
  readonly startAt: number
  readonly durationMs: number
  /** How busy it is: 1 is a room of some 300 viewers and about 20 events a second. */
  readonly rate?: number
  readonly products?: readonly SimulatedProduct[]
  /** The creator's currency. */
  readonly currency: string
  /** Whether a few payments come in another currency; true unless told. */
  readonly foreign?: boolean
  /** The creator's zone, for the truth by day. */
  readonly timeZone: string
  readonly title?: string
  /** Whether orders ship, cancel, return and refund in the days after the LIVE; true unless told. */
  readonly aftermath?: boolean
  /** Who the regulars are of: those who come to every LIVE, unless told. */
  readonly regularsOf?: string
  /** What chance is drawn from, so that LIVEs of other names and times take the same course. */
  readonly plot?: string
  /** How people come over the LIVE, from 0 to 1, as a factor; a rise, a plateau and a fall with surges unless told. */
  readonly arc?: (part: number) => number
  /** Parts of the LIVE in which people click more: a drop, a last call. */
  readonly drops?: readonly Stretch[]
  /** Likes and displays are reported in sums of so many: fewer events, the same totals. */
  readonly grain?: number
  /** How much people write and give, as a factor. */
  readonly chatter?: number
}

/** A part of a LIVE in which something happens so many times as often. */
export interface Stretch {
  readonly from: number
  readonly to: number
  readonly factor: number
}

/** The factor of the stretch that a LIVE is in; 1 outside of all. */
export const factorAt = (stretches: readonly Stretch[], part: number): number =>
  stretches.find(({ from, to }) => part >= from && part < to)?.factor ?? 1

/** An event as a source would send it: it always has its time and its LIVE. */
export type SimulatedEvent = IncomingEvent & { readonly ts: number; readonly session_id: string }

export type EventFields = Omit<IncomingEvent, 'id' | 'type' | 'ts' | 'session_id' | 'creator_id'>

export interface Pin {
  readonly id: string
  readonly product: SimulatedProduct
}

/** What all parts of the simulation share: time, chance, the ledger and the pinned product. */
export interface Stage {
  readonly options: SimulationOptions
  readonly random: Random
  readonly ledger: Ledger
  readonly products: readonly SimulatedProduct[]
  readonly rate: number
  readonly endsAt: number
  /** Epoch ms of the step that runs. */
  readonly now: number
  readonly onAir: boolean
  /** Epoch ms; null while on air. */
  endedAt: number | null
  pausedAt: number | null
  pausedMs: number
  pin: Pin | null
  viewersNow: GroundTruth['viewers_now']
  after(delayMs: number, step: () => void): void
  emit(type: EventType, fields?: EventFields): SimulatedEvent
  /** Emits what opens or closes a pin: nothing else shares its millisecond. */
  emitMark(type: EventType, fields: EventFields): SimulatedEvent
}

export interface RunningStage extends Stage {
  events(): Generator<SimulatedEvent, void, undefined>
}

export function createStage(options: SimulationOptions): RunningStage {
  const { seed, sessionId, startAt, durationMs, creatorId } = options
  const agenda = createAgenda()
  const idStart = `sim-${String(seed)}-${sessionId}-`
  const ready: SimulatedEvent[] = []
  let count = 0
  let now = startAt
  let free = startAt

  const stage: RunningStage = {
    options,
    random: createRandom(options.plot ?? `${seed}/${sessionId}`),
    ledger: createLedger(options.timeZone),
    products: options.products ?? shopProducts,
    rate: options.rate ?? 1,
    endsAt: startAt + durationMs,
    get now() {
      return now
    },
    get onAir() {
      return stage.endedAt === null
    },
    endedAt: null,
    pausedAt: null,
    pausedMs: 0,
    pin: null,
    viewersNow: null,
    after(delayMs, step) {
      agenda.at(now + Math.round(delayMs), step)
    },
    emit(type, fields) {
      const event: SimulatedEvent = {
        id: idStart + (count++).toString(36),
        type,
        ts: now,
        ...(creatorId !== undefined && { creator_id: creatorId }),
        session_id: sessionId,
        ...fields,
      }
      ready.push(event)
      stage.ledger.event(type)
      free = Math.max(free, now)
      return event
    },
    emitMark(type, fields) {
      if (count > 0) now = Math.max(now, free + 1)
      const event = stage.emit(type, fields)
      free = now + 1
      return event
    },
    *events() {
      for (let planned = agenda.next(); planned; planned = agenda.next()) {
        now = Math.max(planned.ts, free)
        planned.step()
        yield* ready.splice(0)
      }
    },
  }
  return stage
}
