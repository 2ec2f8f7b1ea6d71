import type { Creator } from '@creatorflow/shared/creator'
import type { Failure } from '@creatorflow/shared/errors'
import type { getLiveEvents } from '@creatorflow/shared/features/replay'
import { endOf } from '@creatorflow/shared/live-span'
import { type LiveEntry, snapshotOf } from '@creatorflow/shared/live-state'
import type { Recounting } from '@creatorflow/shared/recounting'
import { ask } from '#lib/ask.ts'
import type { LiveView } from '#lib/live/live-connection.svelte.ts'
import { m } from '#messages'
import { type CoursePage, createCourse } from './course.ts'

export const speeds = [1, 5, 10, 30, 60] as const
export type Speed = (typeof speeds)[number]

/** As often as a live screen is told at most. */
const TICK_MS = 100
/** A move that takes longer is told. */
const SLOW_MS = 150
/** A tab that was hidden does not jump on when it is seen again. */
const MOST_PER_TICK_MS = 1_000

/** Thrown while loading; the page shows its words. */
class LoadFailure extends Error {
  readonly failure: Failure
  constructor(failure: Failure) {
    super(failure.message)
    this.failure = failure
  }
}

/** Plays one past LIVE: what a connection is to a LIVE that is on. */
export class Replay {
  /** As a connection shows it: a state of one creator. Null until the first events are there. */
  view = $state.raw<LiveView | null>(null)
  failure = $state.raw<Failure | null>(null)
  /** The moment that was asked for, epoch ms. */
  at = $state(0)
  /** The moment that the view is of: behind the one asked for while events are on their way. */
  shownAt = $state(0)
  speed = $state<Speed>(1)
  playing = $state(false)
  /** The moment waits for events that are on their way. */
  waiting = $state(false)
  /** Said by any page of events: what is played may be a mix. */
  recounting = $state.raw<Recounting | null>(null)

  readonly startedAt: number
  readonly until: number
  readonly isOver = $derived.by(() => this.at >= this.until)
  /** Now, as the view has it: at the end everything counts that came since, and it is as late as it is. */
  readonly now = $derived.by(() =>
    this.shownAt >= this.until ? Math.max(Date.now(), this.until) : this.shownAt,
  )

  readonly #creator: Creator
  readonly #session: string
  readonly #course
  #epoch: string | null = null
  #timer: ReturnType<typeof setInterval> | undefined
  #tickedAt = 0
  #isMoving = false
  #slow: ReturnType<typeof setTimeout> | undefined

  /** Begins at its start, or where a link says. */
  constructor(creator: Creator, live: LiveEntry, from: number = live.started_at) {
    this.#creator = creator
    this.#session = live.session_id
    this.startedAt = live.started_at
    this.until = Math.max(live.started_at + 1_000, endOf(live, Date.now()) ?? live.last_at)
    this.at = from
    this.#course = createCourse({
      startedAt: this.startedAt,
      until: this.until,
      load: (cursor) => this.#load(cursor),
      passed: (ts) => this.#publish(Math.min(ts, this.until - 1)),
    })
    void this.seek(from)
  }

  toggle(): void {
    if (this.playing) this.pause()
    else this.play()
  }

  play(): void {
    if (this.failure) return
    if (this.isOver) void this.seek(this.startedAt)
    this.playing = true
    this.#tickedAt = Date.now()
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS)
  }

  pause(): void {
    this.playing = false
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** Shows another moment, within the LIVE. */
  async seek(to: number): Promise<void> {
    this.at = Math.min(Math.max(to, this.startedAt), this.until)
    // What came after the end belongs to it: the totals are those of today.
    const ts = this.isOver ? Number.POSITIVE_INFINITY : this.at
    const at = this.at
    this.#isMoving = true
    // Most moves are done at once: said of each, it would flicker.
    this.#slow ??= setTimeout(() => {
      this.waiting = true
    }, SLOW_MS)
    try {
      // A later move goes on, and says when it is there.
      if (!(await this.#course.moveTo(ts))) return
      this.#publish(at)
    } catch (error) {
      if (!(error instanceof LoadFailure)) throw error
      this.pause()
      this.failure = error.failure
    }
    this.#isMoving = false
    clearTimeout(this.#slow)
    this.#slow = undefined
    this.waiting = false
  }

  close(): void {
    this.pause()
    clearTimeout(this.#slow)
  }

  #tick(): void {
    const now = Date.now()
    const passed = Math.min(now - this.#tickedAt, MOST_PER_TICK_MS)
    this.#tickedAt = now
    if (this.#isMoving) return
    void this.seek(this.at + passed * this.speed)
    if (this.isOver) this.pause()
  }

  async #load(cursor: string | null): Promise<CoursePage> {
    // The first page is small, so that the first numbers are there soon.
    const result = await ask<typeof getLiveEvents>(
      'GET /api/v1/creators/:creator_id/lives/:session_id/events',
      {
        params: { creator_id: this.#creator.id, session_id: this.#session },
        query: cursor === null ? { limit: 500 } : { cursor, limit: 5_000 },
      },
    )
    if (!result.ok) throw new LoadFailure(result.error)
    this.#epoch ??= result.value.epoch
    if (result.value.epoch !== this.#epoch) {
      throw new LoadFailure({
        code: 'conflict',
        message: m.replay_this_live_was_recalculated_start(),
      })
    }
    this.recounting = result.value.recounting ?? this.recounting
    return result.value
  }

  #publish(at: number): void {
    // Copied, since the course goes on to change it.
    const { state } = this.#course
    this.shownAt = at
    this.view = {
      creator: this.#creator,
      epoch: this.#epoch ?? '',
      seq: state.seq,
      snapshot: structuredClone(snapshotOf(state, this.#session)),
    }
  }
}
