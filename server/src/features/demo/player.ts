import type { IncomingEvent } from '@creatorflow/shared/events'
import { streamLive } from '@creatorflow/shared/simulator/simulate-live'
import type { Log } from '../../core/log.ts'
import { acceptedEvent } from '../../pipeline/accept.ts'
import type { Pipeline } from '../../pipeline/pipeline.ts'
import type { LaneName } from '../../pipeline/write-lines.ts'

/** A demo LIVE that runs. Times are epoch ms. */
export interface RunningDemo {
  readonly creator_id: string
  readonly session_id: string
  readonly started_at: number
  readonly ends_at: number
}

export interface DemoPlayer {
  readonly running: RunningDemo | null
  /**
   * Plays a LIVE that is under way already; while one runs, that one goes on. A new creator also gets a past to be
   * compared with, which is stored meanwhile.
   */
  start(
    creator: { readonly id: string; readonly currency: string; readonly time_zone: string },
    isNew: boolean,
  ): RunningDemo
  /** Ends the LIVE that runs, as a host would. */
  stop(): Promise<void>
}

const DURATION_MS = 20 * 60_000
/** It began a while ago, so that there is something to see at once. */
const BEGAN_BEFORE_MS = 6 * 60_000
/** Half as busy as the simulator is by itself: its past is stored in seconds. */
const RATE = 0.5
/** A forecast says how far it can be off from five LIVEs on. */
const PAST_LIVES = 5
const DAY_MS = 24 * 60 * 60_000
const TICK_MS = 200
const EVENTS_A_TICK = 500

type DemoCreator = Parameters<DemoPlayer['start']>[0]

const sessionOf = (startAt: number) => `demo-${new Date(startAt).toISOString()}`

/** A demo's LIVE that began then. Its past is stored newest first, so nobody may be in two of its LIVEs. */
export function demoEvents(startAt: number, { id, currency, time_zone }: DemoCreator) {
  return streamLive({
    seed: startAt,
    creatorId: id,
    sessionId: sessionOf(startAt),
    startAt,
    durationMs: DURATION_MS,
    rate: RATE,
    currency,
    timeZone: time_zone,
    aftermath: false,
    regularsOf: sessionOf(startAt),
  }).events
}

export function createDemoPlayer(pipeline: Pipeline, log: Log): DemoPlayer {
  let current: (RunningDemo & { readonly stop: () => Promise<void> }) | null = null

  function play(creator: DemoCreator, isNew: boolean): RunningDemo {
    const started_at = Date.now() - BEGAN_BEFORE_MS
    const session_id = sessionOf(started_at)
    const events = demoEvents(started_at, creator)
    let next = events.next()
    let stopped = false
    let timer: NodeJS.Timeout | undefined
    let playing: Promise<void> = Promise.resolve()

    async function tick(): Promise<void> {
      const due: IncomingEvent[] = []
      while (!next.done && next.value.ts <= Date.now() && due.length < EVENTS_A_TICK) {
        due.push(next.value)
        next = events.next()
      }
      await send(creator.id, due, 'live')
      if (next.done || Date.now() > started_at + DURATION_MS) current = null
      else if (!stopped) schedule(due.length === EVENTS_A_TICK ? 0 : TICK_MS)
    }

    function schedule(delayMs: number): void {
      timer = setTimeout(() => {
        playing = tick()
      }, delayMs)
    }

    /** The newest first, since it is what the LIVE is compared with. */
    async function remember(): Promise<void> {
      for (let days = 1; days <= PAST_LIVES && !stopped; days++) {
        let batch: IncomingEvent[] = []
        for (const event of demoEvents(started_at - days * DAY_MS, creator)) {
          batch.push(event)
          if (batch.length < EVENTS_A_TICK) continue
          await send(creator.id, batch, 'history')
          batch = []
          if (stopped) return
        }
        await send(creator.id, batch, 'history')
      }
    }

    const remembering = isNew ? remember() : Promise.resolve()
    const demo = {
      creator_id: creator.id,
      session_id,
      started_at,
      ends_at: started_at + DURATION_MS,
      async stop() {
        stopped = true
        clearTimeout(timer)
        await Promise.all([playing, remembering])
        const end = { id: `${session_id}-ended`, type: 'live_ended', session_id } as const
        await send(creator.id, [{ ...end, ts: Date.now() }], 'live')
      },
    }
    schedule(0)
    current = demo
    return demo
  }

  async function send(
    creatorId: string,
    events: readonly IncomingEvent[],
    lane: LaneName,
  ): Promise<void> {
    const accepted = events.map((event) => acceptedEvent(creatorId, event, event, Date.now()))
    try {
      await pipeline.submit(accepted, lane)
    } catch (error) {
      // A demo has nobody who sends again: these few events are simply missing from it.
      log.warn({ err: error }, 'failed to store demo events')
    }
  }

  return {
    get running() {
      return current
    },
    start: (creator, isNew) => current ?? play(creator, isNew),
    async stop() {
      const demo = current
      current = null
      await demo?.stop()
    },
  }
}
