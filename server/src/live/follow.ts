import type { Tenant } from '@creatorflow/db/tenant'
import type { Changes } from '@creatorflow/shared/changes'
import type { Creator } from '@creatorflow/shared/creator'
import type { LiveState } from '@creatorflow/shared/live-state'
import type { Bus } from '../bus/bus.ts'
import { AppError } from '../core/errors.ts'
import type { LogHead, PolledHead } from '../eventlog/log-reader.ts'
import { channelOf, type LogMessage } from '../eventlog/publish.ts'
import {
  createFollowedState,
  type FollowedState,
  isSameLog,
  type Standing,
  wentBack,
} from './followed-state.ts'
import { createReader, type ReadDeps, type ReadReason } from './read-to-head.ts'
import type { Flush } from './unsent.ts'

export interface FollowDeps extends ReadDeps {
  readonly bus: Bus
}

/** One creator's live state on this node, kept at the head of the log. */
export interface Follower extends AsyncDisposable {
  readonly creator: Creator
  readonly epoch: string
  readonly state: LiveState
  readonly position: Standing
  /** False while the state is rebuilt under another epoch: nothing of it may be shown. */
  readonly ready: boolean
  /** Why there is nothing to show while it is not ready; undefined if it is only being read. */
  readonly problem: AppError | undefined
  /** When the head was last confirmed by the bus or the database, `performance.now()` ms. */
  readonly confirmedAt: number
  /** Whether LIVEs wait to be recounted, as last read from the database. */
  readonly recounting: PolledHead['recounting']
  /** Progress of the recount; null while none is running. */
  readonly recountedPercent: PolledHead['recounted_percent']
  /** Changes since the last flush; undefined if there are none. */
  flush(): Flush | undefined
  /** Changes since a position of this epoch up to the current state, if they are still remembered. */
  since(seq: number): Changes | undefined
  /** The head according to the database; `asked` is when it was asked, and this follower's position then. */
  confirm(head: LogHead & Partial<PolledHead>, asked: Standing & { readonly at: number }): void
  /** Reads the log to its head; resolves even if it could not, because the next poll retries. */
  catchUp(reason: Exclude<ReadReason, 'start'>): Promise<void>
}

/** A log that could not be folded is read again after this long: it costs a read from the last checkpoint. */
const BROKEN_REST_MS = 5_000

/**
 * Starts to follow a creator: listens first, then reads, so nothing falls in between. Throws `not_found` for
 * an unknown creator; `onGone` reports one that is deleted later.
 */
export async function follow(
  deps: FollowDeps,
  tenant: Tenant,
  onGone: () => void = () => {},
): Promise<Follower> {
  const { bus, log } = deps
  const { creatorId } = tenant
  let confirmedAt = Number.NEGATIVE_INFINITY
  let told: Partial<PolledHead> = {}
  let restsUntil = Number.NEGATIVE_INFINITY
  const followed = createFollowedState((err) => {
    confirmedAt = Number.NEGATIVE_INFINITY
    restsUntil = performance.now() + BROKEN_REST_MS
    log.error({ err, creator_id: creatorId }, 'failed to fold the log')
  })
  const isResting = () => performance.now() < restsUntil
  const reader = createReader(deps, tenant, followed)
  const confirm = (at: number) => {
    confirmedAt = Math.max(confirmedAt, at)
  }

  function onMessage(text: string): void {
    const message = JSON.parse(text) as LogMessage
    if (isResting() || reader.keep(message)) return
    try {
      if (followed.accept(message)) confirm(performance.now())
      else void catchUp('hole')
    } catch {
      // Logged. The next poll after the pause rebuilds the state.
    }
  }

  async function catchUp(reason: Exclude<ReadReason, 'start'>): Promise<void> {
    if (isResting()) return
    try {
      confirm(await reader.read(reason))
    } catch (error) {
      if (reader.isClosed) return
      if (error instanceof AppError && error.code === 'not_found') return onGone()
      if (error === followed.problem) return
      // Until a read succeeds the head is not confirmed, and screens say so.
      log.warn({ err: error, creator_id: creatorId }, 'a follower failed to read the log')
    }
  }

  const unsubscribe = await bus.subscribe(channelOf(creatorId), (text) => {
    if (!reader.isClosed) onMessage(text)
  })
  try {
    confirm(await reader.read('start'))
  } catch (error) {
    reader.close()
    await unsubscribe()
    throw error
  }

  return {
    get creator() {
      return followed.creator as Creator
    },
    get epoch() {
      return followed.epoch
    },
    get state() {
      return followed.state
    },
    get position() {
      return followed.position
    },
    get ready() {
      return followed.phase === 'following'
    },
    get problem() {
      return followed.problem
    },
    get confirmedAt() {
      return confirmedAt
    },
    get recounting() {
      return told.recounting ?? null
    },
    get recountedPercent() {
      return told.recounted_percent ?? null
    },
    flush: followed.flush,
    since: followed.since,
    confirm(head, asked) {
      told = head
      // A read that failed halfway continues here, even if there is nothing more to read.
      if (!isAt(followed, head, asked)) return void catchUp('poll')
      confirm(asked.at)
      if (followed.position.seq === asked.seq && head.id_there) followed.recognize(head.id_there)
    },
    catchUp,
    async [Symbol.asyncDispose]() {
      reader.close()
      await unsubscribe()
    },
  }
}

/** Whether a state is at the database's head. */
function isAt(followed: FollowedState, head: LogHead, asked: Standing): boolean {
  const isSame = followed.phase === 'following' && isSameLog(head, followed.identity)
  // The state may have advanced since the question was sent: only otherwise is a lower head an alarm.
  return isSame && head.seq <= followed.position.seq && !wentBack(head, asked)
}
