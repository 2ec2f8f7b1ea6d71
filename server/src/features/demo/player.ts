import type { IncomingEvent } from '@creatorflow/shared/events'
import type { Log } from '../../core/log.ts'
import { acceptedEvent } from '../../pipeline/accept.ts'
import type { Pipeline } from '../../pipeline/pipeline.ts'
import type { LaneName } from '../../pipeline/write-lines.ts'
import {
  BEGAN_BEFORE_MS,
  type Chapter,
  chapterEvents,
  type DemoCreator,
  endOf,
  pastChapters,
  presentChapter,
  sessionOf,
} from './story.ts'

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
  start(creator: DemoCreator, isNew: boolean): RunningDemo
  /** Ends the LIVE that runs, as a host would. */
  stop(): Promise<void>
}

const TICK_MS = 200
const EVENTS_A_TICK = 500
/** What happened before somebody looked is stored in larger steps: they wait for it. */
const EVENTS_A_BACKLOG = 2_000

export function createDemoPlayer(pipeline: Pipeline, log: Log): DemoPlayer {
  let current: (RunningDemo & { readonly stop: () => Promise<void> }) | null = null

  function play(creator: DemoCreator, isNew: boolean): RunningDemo {
    const started_at = Date.now() - BEGAN_BEFORE_MS
    const ends_at = endOf(presentChapter, started_at)
    const session_id = sessionOf(presentChapter, started_at)
    const events = chapterEvents(presentChapter, started_at, creator)
    let next = events.next()
    let stopped = false
    let timer: NodeJS.Timeout | undefined
    let playing: Promise<void> = Promise.resolve()
    const caughtUp = Promise.withResolvers<void>()

    async function tick(): Promise<void> {
      const due: IncomingEvent[] = []
      while (!next.done && next.value.ts <= Date.now() && due.length < EVENTS_A_BACKLOG) {
        due.push(next.value)
        next = events.next()
      }
      await send(creator.id, due, 'live')
      if (due.length < EVENTS_A_BACKLOG) caughtUp.resolve()
      if (next.done || Date.now() > ends_at) current = null
      else if (!stopped) schedule(due.length === EVENTS_A_BACKLOG ? 0 : TICK_MS)
    }

    function schedule(delayMs: number): void {
      timer = setTimeout(() => {
        playing = tick()
      }, delayMs)
    }

    /** After what is on screen. */
    async function remember(): Promise<void> {
      await caughtUp.promise
      for (const chapter of pastChapters) {
        if (stopped) return
        await rememberOne(chapter)
      }
    }

    async function rememberOne(chapter: Chapter): Promise<void> {
      let batch: IncomingEvent[] = []
      for (const event of chapterEvents(chapter, started_at, creator)) {
        batch.push(event)
        if (batch.length < EVENTS_A_TICK) continue
        await send(creator.id, batch, 'history')
        batch = []
        if (stopped) return
      }
      await send(creator.id, batch, 'history')
    }

    const remembering = isNew ? remember() : Promise.resolve()
    const demo = {
      creator_id: creator.id,
      session_id,
      started_at,
      ends_at,
      async stop() {
        stopped = true
        clearTimeout(timer)
        caughtUp.resolve()
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
