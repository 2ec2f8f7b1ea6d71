import type { Touched } from '@creatorflow/shared/feeds'
import {
  type Change,
  type LiveEntry,
  type LiveState,
  type Path,
  shownOf,
  valueAt,
} from '@creatorflow/shared/live-state'

/** Which cells of a state were touched lately; many touches of one cell are one. */
export interface TouchedCells extends Touched {
  /** The cells touched since they were last taken; from now on they count as touched at `seq`. */
  take(seq: number): Path[]
  /** The cells touched after `seq`, taken or not; undefined when that is longer ago than is remembered. */
  since(seq: number): Path[] | undefined
  /** Forgets every cell: what is remembered begins at `seq`. */
  clear(seq: number): void
}

/** Remembers the `limit` cells that were touched last: past that a snapshot is the shorter answer. */
export function touchedCells(limit: number): TouchedCells {
  let fresh = new Map<string, Path>()
  // In the order of their last touch, so that the first is the one to forget.
  const known = new Map<string, { readonly path: Path; readonly seq: number }>()
  let begins = 0
  return {
    add(path) {
      fresh.set(keyOf(path), path)
    },
    take(seq) {
      const taken = fresh
      fresh = new Map()
      for (const [key, path] of taken) {
        known.delete(key)
        known.set(key, { path, seq })
      }
      for (const [key, cell] of known) {
        if (known.size <= limit) break
        known.delete(key)
        begins = cell.seq
      }
      return [...taken.values()]
    },
    since(position) {
      if (position < begins) return undefined
      const later = new Map(fresh)
      for (const [key, { path, seq }] of known) if (seq > position) later.set(key, path)
      return [...later.values()]
    },
    clear(seq) {
      fresh = new Map()
      known.clear()
      begins = seq
    },
  }
}

/** The touched cells with their values now; what is gone is `null`. Cells inside a cell sent whole are left out. */
export function changesOf(state: LiveState, paths: readonly Path[]): Change[] {
  const whole = new Set(paths.filter((path) => path.length === 2).map(keyOf))
  return paths
    .filter((path) => path.length <= 2 || !whole.has(keyOf(path.slice(0, 2))))
    .map((path) => [path, sent(path, valueAt(state, path))])
}

function sent([area, ...rest]: Path, value: unknown): unknown {
  if (area === 'lives' && rest.length === 1 && value) return shownOf(value as LiveEntry)
  return value ?? null
}

function keyOf(path: Path): string {
  return path.join('\u0000')
}
