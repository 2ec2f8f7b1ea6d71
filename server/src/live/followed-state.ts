import type { Changes } from '@creatorflow/shared/changes'
import type { Creator } from '@creatorflow/shared/creator'
import { emptyState, type LiveState } from '@creatorflow/shared/live-state'
import type { NumberedEvent } from '@creatorflow/shared/numbered-event'
import { type AppError, toFoldError } from '../core/errors.ts'
import type { Origin } from '../eventlog/checkpoint.ts'
import { epochOf } from '../eventlog/epoch.ts'
import { type LogBase, takePage } from '../eventlog/log-base.ts'
import type { LogHead } from '../eventlog/log-reader.ts'
import type { LogMessage } from '../eventlog/publish.ts'
import { type FollowEvent, type FollowPhase, phaseAfter } from './follow-phase.ts'
import { createUnsent, type Flush } from './unsent.ts'

/** A follower's position: its number, and the id of the event there if known. */
export interface Standing {
  readonly seq: number
  readonly lastId: string | undefined
}

/** Which log it is: nothing read of another one is valid. */
export type LogIdentity = Pick<LogHead, 'database_id' | 'generation'>

/** One creator's live state, the log it is of, and whether it may be shown. Reads nothing itself. */
export interface FollowedState {
  readonly phase: FollowPhase
  /** As last read; undefined before the first start. */
  readonly creator: Creator | undefined
  readonly state: LiveState
  readonly position: Standing
  /** While the log is read from the base on, until past all missing numbers. */
  readonly base: LogBase | undefined
  readonly identity: LogIdentity
  readonly epoch: string
  /** Why the log could not be folded, until the head is reached again. */
  readonly problem: AppError | undefined
  begin(origin: Origin): void
  /** The state is no longer that of the log. */
  lose(): void
  /** Folds a page; if that is impossible the state is lost, and throws what a caller may see. */
  take(events: readonly NumberedEvent[]): void
  /** Whether the state now includes the content of a message; throws as `take` does. */
  accept(message: LogMessage): boolean
  /** Nothing more to read: the state may be shown. */
  reachHead(): void
  /** The database said which event is at the position. */
  recognize(id: string): void
  /** Changes since the last flush; undefined if there are none. */
  flush(): Flush | undefined
  /** Changes since a position of this epoch up to the current state, if they are still remembered. */
  since(seq: number): Changes | undefined
}

export const isSameLog = (a: LogIdentity, b: LogIdentity): boolean =>
  a.database_id === b.database_id && a.generation === b.generation

/** Whether a log lacks what was read from it: an older copy of the database took its place. */
export const wentBack = (head: LogHead, from: Standing): boolean =>
  head.seq < from.seq ||
  (from.lastId !== undefined && typeof head.id_there === 'string' && head.id_there !== from.lastId)

/** `onUnfoldable` gets the error when events could not be folded. */
export function createFollowedState(onUnfoldable: (error: unknown) => void): FollowedState {
  const unsent = createUnsent()
  let phase: FollowPhase = 'empty'
  let creator: Creator | undefined
  let state: LiveState = emptyState()
  let base: LogBase | undefined
  let head: LogIdentity = { database_id: '', generation: 0 }
  /** Unknown after a checkpoint, until the first event or the first confirmation. */
  let lastId: string | undefined
  let problem: AppError | undefined

  const epoch = () => epochOf(head.database_id, head.generation)

  function advance(event: FollowEvent): void {
    const next = phaseAfter[phase][event]
    if (next === null) throw new Error(`a follower that is ${phase} cannot be ${event}`)
    phase = next
  }

  function take(events: readonly NumberedEvent[]): void {
    try {
      // A state nobody has seen yet has no changes: all of it is new.
      takePage(state, events, base, phase === 'following' ? unsent.touched : undefined)
    } catch (error) {
      advance('lost')
      problem = toFoldError(error)
      onUnfoldable(error)
      throw problem
    }
    unsent.note(events)
    const last = events.at(-1)
    if (last?.seq === state.seq) lastId = last.id
    // Past missing numbers there is no event to know it by.
    else if (base) lastId = undefined
    if (base && state.seq >= base.holesUntil) base = undefined
  }

  return {
    get phase() {
      return phase
    },
    get creator() {
      return creator
    },
    get state() {
      return state
    },
    get position() {
      return { seq: state.seq, lastId }
    },
    get base() {
      return base
    },
    get identity() {
      return head
    },
    get epoch() {
      return epoch()
    },
    get problem() {
      return problem
    },
    begin(origin) {
      advance('begun')
      ;({ creator, state, base, head } = origin)
      lastId = undefined
    },
    lose: () => advance('lost'),
    take,
    accept(message) {
      if (phase === 'empty' || base || message.epoch !== epoch()) return false
      const { seq } = state
      if (message.to <= seq) return true
      if (!message.events || message.from > seq + 1) return false
      take((message.events as NumberedEvent[]).filter((event) => event.seq > seq))
      return true
    },
    reachHead() {
      if (phase !== 'following') unsent.clear(state.seq)
      advance('at_head')
      problem = undefined
    },
    recognize(id) {
      lastId ??= id
    },
    flush: () => (phase === 'following' ? unsent.take(state, epoch()) : undefined),
    since: (seq) => unsent.since(state, seq),
  }
}
