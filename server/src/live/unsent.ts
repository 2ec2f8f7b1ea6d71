import { type Changes, changesOf } from '@creatorflow/shared/changes'
import type { Touched } from '@creatorflow/shared/feeds'
import type { LiveState } from '@creatorflow/shared/live-state'
import type { NumberedEvent } from '@creatorflow/shared/numbered-event'
import { touchedCells } from './coalesce.ts'

/** Cells changed since they were last taken. */
export interface Flush {
  readonly from: number
  readonly to: number
  readonly changes: Changes
  readonly epoch: string
  /** Time of the newest of these events, epoch ms: long ago for an import or a backlog. */
  readonly newestEventAt: number
}

/** Changes of a followed state, since they were last taken and recently. */
export interface Unsent {
  readonly touched: Touched
  /** Events were folded. */
  note(events: readonly NumberedEvent[]): void
  /** Nothing changed up to this number: all of it is new to everyone. */
  clear(seq: number): void
  /** Changes since the last call; undefined if there are none. */
  take(state: LiveState, epoch: string): Flush | undefined
  /** Changes after a number, taken or not; undefined if that is not remembered. */
  since(state: LiveState, seq: number): Changes | undefined
}

/** About as many cells as a full snapshot has. */
const REMEMBERED_CELLS = 5_000

export function createUnsent(): Unsent {
  const cells = touchedCells(REMEMBERED_CELLS)
  let taken = 0
  let newestEventAt = Number.NEGATIVE_INFINITY
  return {
    touched: cells,
    note(events) {
      for (const { ts } of events) newestEventAt = Math.max(newestEventAt, ts)
    },
    clear(seq) {
      taken = seq
      newestEventAt = Number.NEGATIVE_INFINITY
      cells.clear(seq)
    },
    take(state, epoch) {
      if (state.seq === taken) return undefined
      const from = taken + 1
      taken = state.seq
      const changes = changesOf(state, cells.take(taken))
      const flush = { from, to: taken, changes, epoch, newestEventAt }
      newestEventAt = Number.NEGATIVE_INFINITY
      return flush
    },
    since(state, seq) {
      if (seq > state.seq) return undefined
      const paths = cells.since(seq)
      return paths && changesOf(state, paths)
    },
  }
}
