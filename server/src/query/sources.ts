import { type Level, levels } from '@creatorflow/db/aggregates'
import { join, raw, type Sql, sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'

/** A part of a range, read from one level of the aggregates. */
export interface Piece {
  readonly history: string
  readonly since: number
  readonly before: number
}

/** More parts than this cost more than a finer level. */
const MOST_PIECES = 6

/** The rows of a range: from the coarsest levels that separate the slots between `bounds`, edges from finer ones. */
export function sourceOf({ creatorId }: Tenant, bounds: readonly number[]): Sql {
  return join(
    piecesOf(bounds).map(
      ({ history, since, before }) =>
        sql`select * from ${raw(history)}(${creatorId}, ${iso(since)}::timestamptz, ${iso(before)}::timestamptz)`,
    ),
    ' union all ',
  )
}

/** Slots as parts of one level each: whole UTC days where a slot has some, quarters and minutes at its edges. */
export function piecesOf(bounds: readonly number[]): Piece[] {
  for (let coarsest = levels.length; coarsest > 1; coarsest--) {
    const pieces = joined(bounds, levels.slice(0, coarsest))
    if (pieces.length <= MOST_PIECES) return pieces
  }
  return joined(bounds, levels.slice(0, 1))
}

function joined(bounds: readonly number[], of: readonly Level[]): Piece[] {
  const pieces: Piece[] = []
  for (const [index, since] of bounds.slice(0, -1).entries()) {
    for (const piece of piecesOfSlot(since, bounds[index + 1] ?? since, of)) {
      const last = pieces.at(-1)
      if (last?.history === piece.history) pieces.splice(-1, 1, { ...last, before: piece.before })
      else pieces.push(piece)
    }
  }
  return pieces
}

function piecesOfSlot(start: number, end: number, of: readonly Level[]): Piece[] {
  let [since, before] = [start, end]
  const head: Piece[] = []
  const tail: Piece[] = []
  for (const [index, { history, widthMs }] of of.entries()) {
    const coarser = of[index + 1]
    const from = coarser ? Math.ceil(since / coarser.widthMs) * coarser.widthMs : before
    const to = coarser ? Math.floor(before / coarser.widthMs) * coarser.widthMs : before
    if (!coarser || from >= to || widthMs > before - since) {
      head.push({ history, since, before })
      break
    }
    if (since < from) head.push({ history, since, before: from })
    if (to < before) tail.unshift({ history, since: to, before })
    since = from
    before = to
  }
  return [...head, ...tail].filter((part) => part.since < part.before)
}

export const iso = (ms: number | undefined): string => new Date(ms ?? 0).toISOString()
