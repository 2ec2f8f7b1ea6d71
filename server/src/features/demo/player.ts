import { setTimeout as delay } from 'node:timers/promises'
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
   * compared with: enough for what is usual is there when this answers, older ones are stored meanwhile.
   */
  start(creator: DemoCreator, isNew: boolean): Promise<RunningDemo>
  /** Ends the LIVE that runs, as a host would. */
  stop(): Promise<void>
}

const TICK_MS = 200
const EVENTS_A_TICK = 500
/** A page opens in this time; while older LIVEs come in, one that opens later waits for all before it compares. */
const OLDER_AFTER_MS = 8_000
/** What happened before somebody looked is stored in larger steps: they wait for it. */
const EVENTS_A_BACKLOG = 2_000
/** Fewer say nothing about what is usual. */
const PAST_AT_ONCE = 3

interface Playing extends RunningDemo {
  /** There is something to see. */
  readonly begun: Promise<void>
  readonly stop: () => Promise<void>
}

export function createDemoPlayer(pipeline: Pipeline, log: Log): DemoPlayer {
  const send = sender(pipeline, log)
  let current: Playing | null = null

  function play(creator: DemoCreator, isNew: boolean): Playing {
    const started_at = Date.now() - BEGAN_BEFORE_MS
    const ends_at = endOf(presentChapter, started_at)
    const session_id = sessionOf(presentChapter, started_at)
    const events = chapterEvents(presentChapter, started_at, creator)
    let next = events.next()
    let stopped = false
    const stopping = new AbortController()
    let timer: NodeJS.Timeout | undefined
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

    const remember = (chapter: Chapter, atOnce: number) =>
      inBatches(
        chapterEvents(chapter, started_at, creator),
        atOnce,
        (batch) => send(creator.id, batch, 'history'),
        () => stopped,
      )

    /** What is compared with comes first: nothing is told from a LIVE that is still coming in. */
    async function begin(): Promise<void> {
      const chapters = isNew ? pastChapters.slice(0, PAST_AT_ONCE) : []
      for (const chapter of chapters) if (!stopped) await remember(chapter, EVENTS_A_BACKLOG)
      if (!stopped) await tick()
    }

    /** After what is on screen. */
    async function rememberOlder(): Promise<void> {
      await caughtUp.promise
      await delay(OLDER_AFTER_MS, undefined, { signal: stopping.signal }).catch(() => {})
      for (const chapter of pastChapters.slice(PAST_AT_ONCE)) {
        if (stopped) return
        await remember(chapter, EVENTS_A_TICK)
      }
    }

    let playing = begin()
    const remembering = isNew ? rememberOlder() : Promise.resolve()
    const demo: Playing = {
      creator_id: creator.id,
      session_id,
      started_at,
      ends_at,
      begun: playing,
      async stop() {
        stopped = true
        stopping.abort()
        clearTimeout(timer)
        caughtUp.resolve()
        await Promise.all([playing, remembering])
        const end = { id: `${session_id}-ended`, type: 'live_ended', session_id } as const
        await send(creator.id, [{ ...end, ts: Date.now() }], 'live')
      },
    }
    current = demo
    return demo
  }

  return {
    get running() {
      return current
    },
    async start(creator, isNew) {
      const demo = current ?? play(creator, isNew)
      await demo.begun
      return demo
    },
    async stop() {
      const demo = current
      current = null
      await demo?.stop()
    },
  }
}

/** Sends events in batches, one after another, until it is stopped. */
async function inBatches(
  events: Iterable<IncomingEvent>,
  size: number,
  send: (batch: readonly IncomingEvent[]) => Promise<void>,
  isStopped: () => boolean,
): Promise<void> {
  let batch: IncomingEvent[] = []
  for (const event of events) {
    batch.push(event)
    if (batch.length < size) continue
    await send(batch)
    batch = []
    if (isStopped()) return
  }
  await send(batch)
}

/** Stores events of a creator. */
function sender(pipeline: Pipeline, log: Log) {
  return async function send(
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
}
