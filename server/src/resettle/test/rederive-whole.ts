import type { CreatorRow } from '../../eventlog/accepted-event.ts'
import type { EventRow } from '../../eventlog/event-row.ts'
import { storedEvent } from '../../eventlog/stored-event.ts'
import type { LiveBook } from '../../pipeline/attribute.ts'
import { count } from '../../pipeline/count.ts'
import { settleOne } from '../../pipeline/settle.ts'
import type { ClaimBook } from '../../projections/claims.ts'
import { type PinBook, pinBook } from '../../projections/pins.ts'
import { allLives } from '../live-timeline.ts'
import { attributeAll, byTime, changedRows, isPinMark, wholeClaims } from '../rederive.ts'
import { restatements } from '../restatements.ts'

/** What is known of a whole log. */
interface Books {
  readonly lives: LiveBook
  readonly pins: PinBook
  readonly claims: ClaimBook
}

/** Settles a whole log in memory: what a recount page by page must come to. `rows` are all of a creator, by `seq`. */
export function rederive(
  rows: readonly EventRow[],
  creator: Pick<CreatorRow, 'id' | 'time_zone' | 'currency'>,
): { readonly changed: readonly EventRow[]; readonly books: Books } {
  const claims = wholeClaims()
  const { lives, event } = endOf(attributeAll(rows, creator, claims))
  const pins = pinBook([])
  for (const [index, row] of rows.entries()) if (isPinMark(row)) pins.note(event(row, index))
  const read = { lives: new Map([[creator.id, lives]]), claims }
  const countingOf = restatements(rows)
  const counted = new Array<EventRow>(rows.length)
  for (const index of byTime(rows)) {
    const row = rows[index] as EventRow
    counted[index] = settleOne(event(row, index), row.seq, creator, read, pins, countingOf(row))
  }
  // The newest row tells what is left now, so a level is what was known when its report came in.
  const stock = wholeClaims()
  for (const row of counted) {
    if (row.type === 'stock_level') row.level = count(storedEvent(row), '', stock).level
  }
  const changed = endOf(changedRows(rows, counted))
  return { changed, books: { lives: allLives(lives.changed()), pins, claims } }
}

/** What a generator returns at its end. */
function endOf<T>(steps: Generator<undefined, T>): T {
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value
}
