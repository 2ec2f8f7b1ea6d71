import { gatherAudience } from './audience.ts'
import { runBusiness } from './business.ts'
import type { GroundTruth } from './ledger.ts'
import { takeDown } from './pins.ts'
import { startSelling } from './selling.ts'
import { stockShelf } from './shelf.ts'
import {
  createStage,
  type RunningStage,
  type SimulatedEvent,
  type SimulationOptions,
} from './stage.ts'
import { openTill } from './till.ts'

export type { GroundTruth, SimulatedEvent, SimulationOptions }

export interface LiveStream {
  /** In order of time, made on demand; can be read once. */
  readonly events: Generator<SimulatedEvent, void, undefined>
  /** The truth about all events up to the time of the last one taken. */
  truth(): GroundTruth
}

export interface SimulatedLive {
  readonly events: readonly SimulatedEvent[]
  readonly truth: GroundTruth
}

/** A whole LIVE with its orders' aftermath, in memory. */
export function simulateLive(options: SimulationOptions): SimulatedLive {
  const stream = streamLive(options)
  const events = [...stream.events]
  return { events, truth: stream.truth() }
}

/** A LIVE as it happens: a player takes events when their time comes and may stop at any of them. */
export function streamLive(options: SimulationOptions): LiveStream {
  const stage = createStage(options)
  stage.after(0, () => open(stage))
  return {
    events: stage.events(),
    truth: () =>
      stage.ledger.truth({
        session_id: options.sessionId,
        started_at: options.startAt,
        ended_at: stage.endedAt,
        on_air_ms: onAirMs(stage),
        viewers_now: stage.viewersNow,
      }),
  }
}

function open(stage: RunningStage): void {
  const title = stage.options.title ?? 'Tea time: new mugs and the autumn box'
  stage.emit('live_started', { properties: { title } })
  // Planned first, so it comes before anything else in its millisecond.
  stage.after(stage.options.durationMs, () => close(stage))
  const shelf = stockShelf(stage)
  const audience = gatherAudience(stage)
  startSelling(stage, audience, shelf, openTill(stage, shelf))
  runBusiness(stage)
  planPause(stage)
}

function close(stage: RunningStage): void {
  // What is still due, such as a payment, must not belong to a pin by its time.
  if (stage.pin) takeDown(stage, stage.pin)
  resume(stage)
  stage.endedAt = stage.emit('live_ended').ts
}

/** Most LIVEs are paused once, for a minute at most. */
function planPause(stage: RunningStage): void {
  const { random } = stage
  const { durationMs } = stage.options
  if (!random.chance(0.7)) return
  const lengthMs = Math.min(random.between(15_000, 60_000), durationMs / 10)
  stage.after(durationMs * (0.35 + random.next() * 0.3), () => {
    stage.emit('live_paused')
    stage.pausedAt = stage.now
    stage.after(lengthMs, () => resume(stage))
  })
}

function resume(stage: RunningStage): void {
  if (stage.pausedAt === null) return
  stage.emit('live_resumed')
  stage.pausedMs += stage.now - stage.pausedAt
  stage.pausedAt = null
}

function onAirMs(stage: RunningStage): number {
  const until = Math.min(stage.now, stage.endedAt ?? stage.endsAt)
  const pausing = stage.pausedAt === null ? 0 : until - stage.pausedAt
  return until - stage.options.startAt - stage.pausedMs - pausing
}
