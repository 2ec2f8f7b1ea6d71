import { type Path, stepsOf } from '@creatorflow/shared/changes'
import type { Touched } from '@creatorflow/shared/feeds'

/** Recently touched cells of a state; many touches of one cell are one. */
export interface TouchedCells extends Touched {
  /** The cells touched since the last call, as steps; from now on they count as touched at `seq`. */
  take(seq: number): Steps[]
  /** The cells touched after `seq`, taken or not; undefined if that is too long ago. */
  since(seq: number): Steps[] | undefined
  /** Forgets every cell: its memory starts at `seq`. */
  clear(seq: number): void
}

type Steps = readonly string[]

/** Remembers the last `limit` touched cells: past that a snapshot is the shorter answer. */
export function touchedCells(limit: number): TouchedCells {
  let fresh = new Set<Path>()
  // In the order of their last touch, so the first is the one to forget. Paths are split only once.
  const known = new Map<Path, { readonly steps: Steps; seq: number }>()
  let begins = 0
  return {
    add(path) {
      fresh.add(path)
    },
    take(seq) {
      const taken: Steps[] = []
      for (const path of fresh) {
        const cell = known.get(path) ?? { steps: stepsOf(path), seq }
        cell.seq = seq
        known.delete(path)
        known.set(path, cell)
        taken.push(cell.steps)
      }
      fresh = new Set()
      for (const [path, cell] of known) {
        if (known.size <= limit) break
        known.delete(path)
        begins = cell.seq
      }
      return taken
    },
    since(position) {
      if (position < begins) return undefined
      const later = [...fresh].map(stepsOf)
      for (const [path, { steps, seq }] of known) {
        if (seq > position && !fresh.has(path)) later.push(steps)
      }
      return later
    },
    clear(seq) {
      fresh = new Set()
      known.clear()
      begins = seq
    },
  }
}
