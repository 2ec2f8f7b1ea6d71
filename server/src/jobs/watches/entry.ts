import type { Look } from '../../core/watch.ts'

/** A watched creator, and the position of its last look. */
export interface Entry {
  readonly creatorId: string
  readonly look: Look
  /** The position of the last successful look. */
  epoch: string | undefined
  seq: number
  newestEventAt: number | null
  dueAt: number
  running: Promise<void> | undefined
  isFailing: boolean
}

/** A creator that was not looked at yet, due at once. */
export function newEntry(creatorId: string, look: Look, now: number): Entry {
  return {
    creatorId,
    look,
    epoch: undefined,
    seq: 0,
    newestEventAt: null,
    dueAt: now,
    running: undefined,
    isFailing: false,
  }
}

/** Remembers the time of the newest event that no look has seen. */
export function note(entry: Pick<Entry, 'newestEventAt'>, newestEventAt: number): void {
  // Past dropped numbers there is no time.
  if (newestEventAt === Number.NEGATIVE_INFINITY) return
  entry.newestEventAt = Math.max(entry.newestEventAt ?? Number.NEGATIVE_INFINITY, newestEventAt)
}

/** The next turn after `now` in the original rhythm: missed turns are not made up for. */
export function nextDueAt(dueAt: number, now: number, intervalMs: number): number {
  return dueAt + intervalMs * Math.ceil((now - dueAt + 1) / intervalMs)
}
