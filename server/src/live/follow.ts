import type { Database } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import type { Creator } from '@creatorflow/shared/creator'
import { type Change, emptyState, type LiveState } from '@creatorflow/shared/live-state'
import type { NumberedEvent } from '@creatorflow/shared/numbered-event'
import type { Bus } from '../bus/bus.ts'
import { AppError, toFoldError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Telemetry } from '../core/telemetry.ts'
import { readOrigin } from '../eventlog/checkpoint.ts'
import { isSuccessor, renewIdentity } from '../eventlog/database-identity.ts'
import { epochOf } from '../eventlog/epoch.ts'
import { type LogBase, takePage } from '../eventlog/log-base.ts'
import { type LogHead, type PolledHead, readPage } from '../eventlog/log-reader.ts'
import { channelOf, type LogMessage } from '../eventlog/publish.ts'
import { changesOf, touchedCells } from './coalesce.ts'

export interface FollowDeps {
  readonly database: Database
  readonly bus: Bus
  readonly log: Log
  readonly telemetry: Telemetry
}

/** Changed cells since the last time they were taken. */
export interface Flush {
  readonly from: number
  readonly to: number
  readonly changes: readonly Change[]
}

/** Where a follower stands: its number, and the id of the event there when it is known. */
export interface Standing {
  readonly seq: number
  readonly lastId: string | undefined
}

/** One creator's live state on this node, kept at the head of the log. */
export interface Follower extends AsyncDisposable {
  readonly creator: Creator
  readonly epoch: string
  readonly state: LiveState
  readonly position: Standing
  /** False while the state is built anew under another epoch: nothing of it may be shown. */
  readonly ready: boolean
  /** Why there is nothing to show while it is not ready; undefined when it is only being read. */
  readonly problem: AppError | undefined
  /** When the head was last confirmed by the bus or the database, `performance.now()` ms. */
  readonly confirmedAt: number
  /** Whether LIVEs of it wait to be recounted, as the database last said. */
  readonly recounting: PolledHead['recounting']
  /** What changed since the last flush; undefined when nothing did. */
  flush(): Flush | undefined
  /** Changes since a position of this epoch up to the state as it is, when they are still remembered. */
  since(seq: number): readonly Change[] | undefined
  /** What the database said the head is; `asked` is when it was asked, and where this follower was then. */
  confirm(head: LogHead & Partial<PolledHead>, asked: Standing & { readonly at: number }): void
  /** Reads the log to its head; resolves also when it could not, for the next poll tries again. */
  catchUp(reason: 'hole' | 'poll'): Promise<void>
}

/** About as many cells as a full snapshot has. */
const REMEMBERED_CELLS = 5_000
/** A log that could not be folded is read again after this long: it costs a read from the last checkpoint. */
const BROKEN_REST_MS = 5_000
/** Messages kept while the log is read; what is lost past it is a hole like any other. */
const MAX_KEPT_MESSAGES = 100

/**
 * Begins to follow a creator: listens first, then reads, so that nothing falls between the two.
 * Throws `not_found` when there is no such creator; `onGone` tells of one that is deleted later.
 */
export async function follow(
  deps: FollowDeps,
  tenant: Tenant,
  onGone: () => void = () => {},
): Promise<Follower> {
  const { database, bus, log, telemetry } = deps
  const { creatorId } = tenant
  const cells = touchedCells(REMEMBERED_CELLS)
  let state: LiveState = emptyState()
  /** While the log is read from the base on, until past everything that is missing. */
  let base: LogBase | undefined
  let creator: Creator | undefined
  let shownCreator: Creator | undefined
  let databaseId = ''
  let generation = 0
  /** Id of the event at `state.seq`; unknown after a checkpoint, until the first event or the first confirmation. */
  let lastId: string | undefined
  let building = true
  let flushed = 0
  let confirmedAt = Number.NEGATIVE_INFINITY
  let recounting: PolledHead['recounting'] = null
  /** Why the log could not be folded, and until when it is left alone. */
  let broken: { readonly error: AppError; readonly until: number } | undefined
  let reading: Promise<void> | undefined
  let kept: LogMessage[] = []
  let closed = false

  const epoch = () => epochOf(databaseId, generation)
  const isOther = (head: LogHead) =>
    head.database_id !== databaseId || head.generation !== generation
  /** Throws what a caller may see; the state is then neither shown nor used again. */
  function take(events: readonly NumberedEvent[]): void {
    try {
      // A state that nobody has seen yet has no changes: all of it is new.
      takePage(state, events, base, building ? undefined : cells)
    } catch (error) {
      building = true
      creator = undefined
      confirmedAt = Number.NEGATIVE_INFINITY
      broken = { error: toFoldError(error), until: performance.now() + BROKEN_REST_MS }
      log.error({ err: error, creator_id: creatorId }, 'the log could not be folded')
      throw broken.error
    }
    const last = events.at(-1)
    if (last?.seq === state.seq) lastId = last.id
    // Past numbers that are missing there is no event to know it by.
    else if (base) lastId = undefined
  }
  /** The same log, without what was taken from it already: an older copy of the database is in its place. */
  const wentBack = (head: LogHead, from: Standing) =>
    !isOther(head) &&
    (head.seq < from.seq ||
      (from.lastId !== undefined &&
        typeof head.id_there === 'string' &&
        head.id_there !== from.lastId))

  function onMessage(text: string): void {
    const message = JSON.parse(text) as LogMessage
    if (isResting()) return
    if (reading) {
      if (kept.length < MAX_KEPT_MESSAGES) kept.push(message)
      return
    }
    try {
      if (accept(message)) confirmedAt = performance.now()
      else void catchUp('hole')
    } catch {
      // Logged. The next poll after the pause rebuilds the state.
    }
  }

  /** Whether the state now contains what a message is about. */
  function accept(message: LogMessage): boolean {
    if (!creator || message.epoch !== epoch() || base) return false
    const { seq } = state
    if (message.to <= seq) return true
    if (!message.events || message.from > seq + 1) return false
    take((message.events as NumberedEvent[]).filter((event) => event.seq > seq))
    return true
  }

  /** One read at a time; what the bus brings meanwhile is kept and taken after each page. */
  function read(reason: 'start' | 'hole' | 'poll'): Promise<void> {
    reading ??= readToHead(reason).finally(() => {
      reading = undefined
      kept = []
    })
    return reading
  }

  const isResting = () => broken !== undefined && performance.now() < broken.until

  async function readToHead(reason: 'start' | 'hole' | 'poll'): Promise<void> {
    telemetry.count('follow_reads_total', { reason })
    let mayLeap = creator !== undefined
    if (!creator) await beginAnew()
    while (!closed) {
      const { seq } = state
      const from = { seq, lastId }
      const askedAt = performance.now()
      const page = await readPage(database, tenant, seq, base)
      if (!page) throw notFound()
      const { head, events, isFromTail } = page
      const isOtherBase = base !== undefined && base.keptSince !== page.keptSince
      const isOlderCopy = wentBack(head, from) || (await isOlderIdentity(head))
      if (isOlderCopy) await renewFor(head, from)
      if (isOther(head) || isOlderCopy || isOtherBase) {
        telemetry.count('follow_reads_total', { reason: 'epoch' })
        building = true
        await beginAnew()
        mayLeap = false
        continue
      }
      if (state.seq < head.seq && events.length === 0 && !base) {
        // Dropped while this was on its way there: the newest checkpoint has it.
        if (page.holesUntil <= seq) throw new Error('the log has a hole')
        await beginAnew()
        mayLeap = false
        continue
      }
      take(events)
      if (base && state.seq >= base.holesUntil) base = undefined
      const missed = kept.splice(0).filter((message) => !accept(message))
      if (state.seq < head.seq || missed.length > 0) {
        // Older than the tail: a checkpoint may be nearer to the head than the rest of the log.
        if (!isFromTail && mayLeap) await beginAnew(state.seq)
        mayLeap &&= isFromTail
        continue
      }
      confirmedAt = askedAt
      broken = undefined
      if (building) {
        building = false
        flushed = state.seq
        cells.clear(state.seq)
      }
      return
    }
  }

  /** From the newest checkpoint, or from nothing; with `past`, only when that is further than the state. */
  async function beginAnew(past = -1): Promise<void> {
    const origin = await readOrigin(database, tenant, log)
    if (!origin) throw notFound()
    if (origin.state.seq <= past) return
    building = true
    ;({ creator, state, base } = origin)
    lastId = undefined
    shownCreator = creator
    databaseId = origin.head.database_id
    generation = origin.head.generation
  }

  /**
   * Events that were on screens are gone or others, under the epoch that those screens know. A new identity of the
   * database is a new epoch for all of them; of several nodes that notice, one gives it.
   */
  async function renewFor(head: LogHead, from: Standing): Promise<void> {
    telemetry.count('follow_reads_total', { reason: 'older_copy' })
    const renewed = await renewIdentity(database, head.database_id)
    log.error(
      { creator_id: creatorId, had_seq: from.seq, found_seq: head.seq, renewed },
      'an older copy of the database is in its place: every screen starts afresh',
    )
  }

  /** A copy from before the last renewal brings an epoch back that a sleeping screen may still hold. */
  async function isOlderIdentity(head: LogHead): Promise<boolean> {
    return head.database_id !== databaseId && !(await isSuccessor(database, databaseId))
  }

  function notFound(): AppError {
    return new AppError('not_found', `There is no creator "${creatorId}".`)
  }

  async function catchUp(reason: 'hole' | 'poll'): Promise<void> {
    if (isResting()) return
    try {
      await read(reason)
    } catch (error) {
      if (closed) return
      if (error instanceof AppError && error.code === 'not_found') return onGone()
      if (broken?.error === error) return
      // Until a read succeeds the head is not confirmed, and screens say so.
      log.warn({ err: error, creator_id: creatorId }, 'follower could not read the log')
    }
  }

  const unsubscribe = await bus.subscribe(channelOf(creatorId), (text) => {
    if (!closed) onMessage(text)
  })
  try {
    await read('start')
  } catch (error) {
    closed = true
    await unsubscribe()
    throw error
  }

  return {
    get creator() {
      return shownCreator as Creator
    },
    get epoch() {
      return epoch()
    },
    get state() {
      return state
    },
    get position() {
      return { seq: state.seq, lastId }
    },
    get ready() {
      return !building
    },
    get problem() {
      return broken?.error
    },
    get confirmedAt() {
      return confirmedAt
    },
    get recounting() {
      return recounting
    },
    flush() {
      if (building || state.seq === flushed) return undefined
      const from = flushed + 1
      flushed = state.seq
      return { from, to: flushed, changes: changesOf(state, cells.take(flushed)) }
    },
    since(seq) {
      if (seq > state.seq) return undefined
      const paths = cells.since(seq)
      return paths && changesOf(state, paths)
    },
    confirm(head, asked) {
      recounting = head.recounting ?? null
      // The state may have moved on since the question was sent: only then is a lower head no alarm.
      const isAway = head.seq > state.seq || wentBack(head, asked)
      // A reading that failed halfway goes on here, also when there is nothing more to read.
      if (building || isOther(head) || isAway) return void catchUp('poll')
      confirmedAt = Math.max(confirmedAt, asked.at)
      if (state.seq === asked.seq) lastId ??= head.id_there ?? undefined
    },
    catchUp,
    async [Symbol.asyncDispose]() {
      closed = true
      await unsubscribe()
    },
  }
}
