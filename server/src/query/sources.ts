import { type Level, levels } from '@creatorflow/db/aggregates'
import type { Piece } from '../eventlog/history.ts'

/** More parts than this cost more than a finer level. */
const MOST_PIECES = 6

/** Slots as parts of one level each: whole UTC days where a slot has some, quarters and minutes at its edges. */
export function piecesOf(bounds: readonly number[]): Piece[] {
  for (let coarsest = levels.length; coarsest > 1; coarsest--) {
    const pieces = joined(bounds, levels.slice(0, coarsest))
    if (pieces.length <= MOST_PIECES) return pieces
  }
  return joined(bounds, levels.slice(0, 1))
}

/** The levels that separate the slots between `bounds`, in order of time. */
export const levelsOf = (bounds: readonly number[]): string =>
  piecesOf(bounds)
    .map(({ level }) => level)
    .join(' ')

function joined(bounds: readonly number[], of: readonly Level[]): Piece[] {
  const pieces: Piece[] = []
  for (const [index, since] of bounds.slice(0, -1).entries()) {
    for (const piece of piecesOfSlot(since, bounds[index + 1] ?? since, of)) {
      const last = pieces.at(-1)
      if (last?.level === piece.level) pieces.splice(-1, 1, { ...last, before: piece.before })
      else pieces.push(piece)
    }
  }
  return pieces
}

function piecesOfSlot(start: number, end: number, of: readonly Level[]): Piece[] {
  let [since, before] = [start, end]
  const head: Piece[] = []
  const tail: Piece[] = []
  for (const [index, { name: level, widthMs }] of of.entries()) {
    const coarser = of[index + 1]
    const from = coarser ? Math.ceil(since / coarser.widthMs) * coarser.widthMs : before
    const to = coarser ? Math.floor(before / coarser.widthMs) * coarser.widthMs : before
    if (!coarser || from >= to || widthMs > before - since) {
      head.push({ level, since, before })
      break
    }
    if (since < from) head.push({ level, since, before: from })
    if (to < before) tail.unshift({ level, since: to, before })
    since = from
    before = to
  }
  return [...head, ...tail].filter((part) => part.since < part.before)
}

export const iso = (ms: number | undefined): string => new Date(ms ?? 0).toISOString()
