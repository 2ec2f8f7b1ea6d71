import { type Attribution, isLater } from '@creatorflow/shared/numbered-event'
import { localDay } from '@creatorflow/shared/present'
import type { AttributedEvent, CreatorRow, LiveRow } from '../eventlog/accepted-event.ts'
import { countedColumns, type EventRow } from '../eventlog/event-row.ts'
import { sentEvent } from '../eventlog/stored-event.ts'
import { attribute, type LiveBook, liveBook } from '../pipeline/attribute.ts'
import type { Claim, ClaimBook, ClaimKey } from '../projections/claims.ts'
import type { PinRow } from '../projections/pins.ts'
import { liveTimeline } from './live-timeline.ts'

/** What settling decides; everything else of a row was sent. */
export const decidedColumns = [
  'session_id',
  'pin_id',
  'currency',
  'day',
  'live_started_at',
  'opens_live',
  'attribution',
  ...countedColumns,
] as const satisfies readonly (keyof EventRow)[]

/** Whether anything that settling decides differs. */
export const isOther = (settled: EventRow, stored: EventRow): boolean =>
  decidedColumns.some((column) => settled[column] !== stored[column])

export interface Rederived {
  /** Rows that are not what they would be if all had been known, as they should be. */
  readonly changed: readonly EventRow[]
  readonly lives: readonly LiveRow[]
  readonly pins: readonly PinRow[]
  readonly claims: readonly (ClaimKey & Claim)[]
}

/** Events between two pauses: what shares the process must not wait for a whole log. */
export const PAUSE_EVENTS = 2_000

/** To which LIVE each row belongs, and the LIVEs. */
export interface Attributed {
  readonly lives: LiveBook
  /** The event of a row, as it was sent and with its LIVE; by its place. */
  event(row: EventRow, index: number): AttributedEvent
}

/**
 * Attributes rows with all that is known now: first those that name their LIVE, then the rest in order of time, as
 * if they had been sent so. `known` are LIVEs as other rows made them.
 */
export function* attributeAll(
  rows: readonly EventRow[],
  creator: Pick<CreatorRow, 'time_zone'>,
  claims: ClaimBook,
  known: readonly LiveRow[] = [],
): Generator<undefined, Attributed> {
  const sessions = new Array<string | null>(rows.length)
  const attributions = new Array<Attribution | null>(rows.length)
  function* inOrder(order: readonly number[], lives: LiveBook): Generator<undefined> {
    for (const [n, index] of order.entries()) {
      const row = rows[index] as EventRow
      const event = attribute(sentEvent(row), row.ts, creator, lives, claims)
      sessions[index] = event.session_id
      attributions[index] = event.attribution
      if (n % PAUSE_EVENTS === 0) yield
    }
  }
  const { named, unnamed } = inTime(rows)
  const namedLives = liveBook(known)
  yield* inOrder(named, namedLives)
  const seen = new Map(known.map((live) => [live.session_id, live]))
  for (const live of namedLives.changed()) seen.set(live.session_id, live)
  const lives = liveTimeline([...seen.values()])
  yield* inOrder(unnamed, lives)
  // An order's LIVE may have become known only by a later event of it.
  const waiting = unnamed.filter((index) => isOfOrderWithoutLive(rows[index], sessions[index]))
  yield* inOrder(waiting, { ...lives, at: () => undefined })
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

/** The rows that are others now. By number, the first row of each LIVE opens it, unless `isOpen` says it was opened. */
export function* changedRows(
  rows: readonly EventRow[],
  counted: readonly EventRow[],
  isOpen: (session_id: string) => boolean = () => false,
): Generator<undefined, EventRow[]> {
  const opened = new Set<string>()
  const changed: EventRow[] = []
  for (const [index, row] of rows.entries()) {
    const settled = counted[index] as EventRow
    const { session_id } = settled
    const isNew = session_id !== null && !isOpen(session_id)
    settled.opens_live = isNew && opened.size < opened.add(session_id).size ? 1 : 0
    if (isOther(settled, row)) changed.push(settled)
    if (index % PAUSE_EVENTS === 0) yield
  }
  return changed
}

/** Indexes in order of time, then id: an order that no arrival can change. Revisions of an id by their numbers. */
export function byTime(rows: readonly EventRow[]): number[] {
  const order = rows.map((_, index) => index)
  return order.sort((i, j) => {
    const [a, b] = [rows[i] as EventRow, rows[j] as EventRow]
    return a.ts === b.ts && a.id === b.id ? a.seq - b.seq : isLater(a, b) ? 1 : -1
  })
}

/** Indexes of events that name their LIVE and of those that do not, both in an order no arrival can change. */
function inTime(rows: readonly EventRow[]): { named: number[]; unnamed: number[] } {
  // An end covers no event of its own time, whichever of them came first.
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

function isOfOrderWithoutLive(row: EventRow | undefined, session: string | null | undefined) {
  return row?.order_id != null && session === null
}

export function isPinMark({ type }: EventRow): boolean {
  return type === 'product_pinned' || type === 'product_unpinned'
}

/** Claims from the beginning: what is neither there nor in `known` was never seen. */
export function wholeClaims(known: readonly (ClaimKey & Claim)[] = []): ClaimBook {
  const nameOf = ({ kind, key }: ClaimKey) => `${kind}\n${key}`
  const claims = new Map(known.map((claim) => [nameOf(claim), claim]))
  return {
    learn: () => {},
    get: (key) => claims.get(nameOf(key)),
    set: ({ creator_id, kind, key }, claim) =>
      void claims.set(nameOf({ creator_id, kind, key }), { creator_id, kind, key, ...claim }),
    changed: () => [...claims.values()],
  }
}
