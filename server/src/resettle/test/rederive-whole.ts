import { type Attribution, isLater } from '@creatorflow/shared/numbered-event'
import { localDay } from '@creatorflow/shared/present'
import type { AttributedEvent, CreatorRow } from '../../eventlog/accepted-event.ts'
import type { EventRow } from '../../eventlog/event-row.ts'
import { sentEvent, storedEvent } from '../../eventlog/stored-event.ts'
import { attribute, type LiveBook, liveBook } from '../../pipeline/attribute.ts'
import { count } from '../../pipeline/count.ts'
import { settleOne } from '../../pipeline/settle.ts'
import type { ClaimBook } from '../../projections/claims.ts'
import { type PinBook, pinBook } from '../../projections/pins.ts'
import { allLives, liveTimeline } from '../live-timeline.ts'
import { isOther, wholeClaims } from '../rederive.ts'
import { restatements } from '../restatements.ts'

/** What is known of a whole log. */
interface Books {
  readonly lives: LiveBook
  readonly pins: PinBook
  readonly claims: ClaimBook
}

/** Settles a whole log in memory: the expected result of a paged recount. `rows` are all of a creator, by `seq`. */
export function rederive(
  rows: readonly EventRow[],
  creator: Pick<CreatorRow, 'id' | 'time_zone' | 'currency'>,
): { readonly changed: readonly EventRow[]; readonly books: Books } {
  const claims = wholeClaims()
  const { lives, event } = attributeAll(rows, creator, claims)
  const pins = pinBook([])
  for (const [index, row] of rows.entries()) if (isPinMark(row)) pins.note(event(row, index))
  const read = { lives: new Map([[creator.id, lives]]), claims }
  const countingOf = restatements(rows)
  const counted = new Array<EventRow>(rows.length)
  for (const index of byTime(rows)) {
    const row = rows[index] as EventRow
    counted[index] = settleOne(event(row, index), row.seq, creator, read, pins, countingOf(row))
  }
  // The newest row gives the current stock, so a level is what was known when its report arrived.
  const stock = wholeClaims()
  for (const row of counted) {
    if (row.type === 'stock_level') row.level = count(storedEvent(row), '', stock).level
  }
  return {
    changed: changedRows(rows, counted),
    books: { lives: allLives(lives.changed()), pins, claims },
  }
}

/**
 * Attributes rows with everything known now: first those that name their LIVE, then the rest in order of
 * time, as if sent that way.
 */
function attributeAll(
  rows: readonly EventRow[],
  creator: Pick<CreatorRow, 'time_zone'>,
  claims: ClaimBook,
) {
  const sessions = new Array<string | null>(rows.length)
  const attributions = new Array<Attribution | null>(rows.length)
  function inOrder(order: readonly number[], lives: LiveBook): void {
    for (const index of order) {
      const row = rows[index] as EventRow
      const event = attribute(sentEvent(row), row.ts, creator, lives, claims)
      sessions[index] = event.session_id
      attributions[index] = event.attribution
    }
  }
  const { named, unnamed } = inTime(rows)
  const namedLives = liveBook([])
  inOrder(named, namedLives)
  const lives = liveTimeline(namedLives.changed())
  inOrder(unnamed, lives)
  // An order's LIVE may become known only by a later event of it.
  const isWaiting = (index: number) => rows[index]?.order_id != null && sessions[index] === null
  inOrder(unnamed.filter(isWaiting), { ...lives, at: () => undefined })
  const event = (row: EventRow, index: number): AttributedEvent => ({
    ...sentEvent(row),
    ts: row.ts,
    day: localDay(row.ts, creator.time_zone),
    session_id: sessions[index] as string | null,
    attribution: attributions[index] as Attribution | null,
    opens_live: false,
  })
  return { lives, event }
}

/** The changed rows. By number, the first row of each LIVE opens it. */
function changedRows(rows: readonly EventRow[], counted: readonly EventRow[]): EventRow[] {
  const opened = new Set<string>()
  return rows.flatMap((row, index) => {
    const settled = counted[index] as EventRow
    const { session_id } = settled
    const opens = session_id !== null && opened.size < opened.add(session_id).size
    settled.opens_live = opens ? 1 : 0
    return isOther(settled, row) ? settled : []
  })
}

/** Indexes in order of time, then id: an order that no arrival can change. Revisions of an id by their numbers. */
function byTime(rows: readonly EventRow[]): number[] {
  const order = rows.map((_, index) => index)
  return order.sort((i, j) => {
    const [a, b] = [rows[i] as EventRow, rows[j] as EventRow]
    return a.ts === b.ts && a.id === b.id ? a.seq - b.seq : isLater(a, b) ? 1 : -1
  })
}

/** Indexes of events that name their LIVE and of those that do not, both in an order no arrival can change. */
function inTime(rows: readonly EventRow[]): { named: number[]; unnamed: number[] } {
  // An end covers no event of its own time, whichever came first.
  const rank = ({ type }: EventRow) => (type === 'live_ended' ? 0 : 1)
  const order = rows.map((_, index) => index)
  order.sort((i, j) => {
    const a = rows[i] as EventRow
    const b = rows[j] as EventRow
    if (a.id === b.id) return a.seq - b.seq
    return a.ts - b.ts || rank(a) - rank(b) || (a.id < b.id ? -1 : 1)
  })
  const isNamed = (index: number) => rows[index]?.attribution === 'session'
  return { named: order.filter(isNamed), unnamed: order.filter((index) => !isNamed(index)) }
}

const isPinMark = ({ type }: EventRow): boolean =>
  type === 'product_pinned' || type === 'product_unpinned'
