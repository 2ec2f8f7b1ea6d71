import type { IncomingEvent } from '@creatorflow/shared/events'
import { DEMO_CREATOR } from '@creatorflow/shared/features/demo'
import { streamLive } from '@creatorflow/shared/simulator/simulate-live'
import type { Log } from '../../log.ts'
import { acceptedEvent } from '../../pipeline/accept.ts'
import type { Pipeline } from '../../pipeline/pipeline.ts'

/** A demo LIVE that runs. Times are epoch ms. */
export interface RunningDemo {
  readonly session_id: string
  readonly started_at: number
  readonly ends_at: number
}

export interface DemoPlayer {
  readonly running: RunningDemo | null
  /** Plays a LIVE that is under way already; while one runs, that one goes on. */
  start(creator: { readonly currency: string; readonly time_zone: string }): RunningDemo
  /** Ends the LIVE that runs, as a host would. */
  stop(): Promise<void>
}

const DURATION_MS = 20 * 60_000
/** It began a while ago, so that there is something to see at once. */
const BEGAN_BEFORE_MS = 6 * 60_000
const TICK_MS = 200
const EVENTS_A_TICK = 500

export function createDemoPlayer(pipeline: Pipeline, log: Log): DemoPlayer {
  let current: (RunningDemo & { readonly stop: () => Promise<void> }) | null = null

  function play(creator: { currency: string; time_zone: string }): RunningDemo {
    const now = Date.now()
    const started_at = now - BEGAN_BEFORE_MS
    const session_id = `demo-${new Date(started_at).toISOString()}`
    const { events } = streamLive({
      seed: started_at,
      creatorId: DEMO_CREATOR,
      sessionId: session_id,
      startAt: started_at,
      durationMs: DURATION_MS,
      currency: creator.currency,
      timeZone: creator.time_zone,
      aftermath: false,
    })
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
      try {
        await send(due)
      } catch (error) {
        // A demo has nobody who sends again: these few events are simply missing from it.
        log.warn({ err: error }, 'demo events were not stored')
      }
      if (next.done || Date.now() > started_at + DURATION_MS) current = null
      else if (!stopped) schedule(due.length === EVENTS_A_TICK ? 0 : TICK_MS)
    }

    function schedule(delayMs: number): void {
      timer = setTimeout(() => {
        playing = tick()
      }, delayMs)
    }

    const demo = {
      session_id,
      started_at,
      ends_at: started_at + DURATION_MS,
      async stop() {
        stopped = true
        clearTimeout(timer)
        await playing
        const end = { id: `${session_id}-ended`, type: 'live_ended', session_id } as const
        await send([{ ...end, ts: Date.now() }]).catch((error: unknown) =>
          log.warn({ err: error }, 'the demo LIVE could not be ended'),
        )
      },
    }
    schedule(0)
    current = demo
    return demo
  }

  async function send(events: readonly IncomingEvent[]): Promise<void> {
    const accepted = events.map((event) => acceptedEvent(DEMO_CREATOR, event, event, Date.now()))
    await pipeline.submit(accepted, 'live')
  }

  return {
    get running() {
      return current
    },
    start: (creator) => current ?? play(creator),
    async stop() {
      const demo = current
      current = null
      await demo?.stop()
    },
  }
}
