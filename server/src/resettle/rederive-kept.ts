import type { AttributedEvent, CreatorRow, LiveRow } from '../eventlog/accepted-event.ts'
import type { EventRow } from '../eventlog/event-row.ts'
import { settleOne } from '../pipeline/settle.ts'
import {
  type Claim,
  type ClaimKey,
  type ClaimKind,
  claimsOf,
  LIVE_NAMED,
} from '../projections/claims.ts'
import { type PinRow, pinBook } from '../projections/pins.ts'
import {
  type Attributed,
  attributeAll,
  byTime,
  changedRows,
  isPinMark,
  PAUSE_EVENTS,
  type Rederived,
  wholeClaims,
} from './rederive.ts'
import { restatements } from './restatements.ts'

/** What is known of a log beyond its kept rows. */
export interface DroppedEvidence {
  /** LIVEs as far as dropped events tell of them. */
  readonly lives: readonly LiveRow[]
  /** What is known of the orders that kept rows name. */
  readonly orders: readonly (ClaimKey & Claim)[]
  /** What is older is dropped; epoch ms. */
  readonly keptSince: number
}

export interface RederivedKept extends Rederived {
  /** Claims that nothing stands for any more. */
  readonly gone: readonly ClaimKey[]
}

export interface KeptAttribution extends Attributed {
  readonly orders: readonly (ClaimKey & Claim)[]
  /** Of every kept row, before and now: what was claimed of them has to be read. */
  readonly claimsToRead: readonly ClaimKey[]
}

/**
 * What a row added to each kind of claim. Stock is none of them: what was left of each SKU when its last report was
 * dropped is not known any more, so a stock report stays as it was counted.
 */
const addedTo: Partial<Record<ClaimKind, (row: EventRow) => number>> = {
  order_step: ({ main_order }) => main_order,
  order_excluded: ({ excluded }) => excluded,
  order_sku: ({ sku_order }) => sku_order,
  streak: ({ units }) => units,
  likes: ({ units, opening }) => units + opening,
  running: ({ units, opening }) => units + opening,
  viewer_live: ({ live_first }) => live_first,
  viewer_day: ({ day_first }) => day_first,
  customer_live: ({ live_first }) => live_first,
  customer_day: ({ day_first }) => day_first,
  customer: ({ ever_first }) => ever_first,
}

const recountedClaimsOf = (event: AttributedEvent): ClaimKey[] =>
  Object.values(claimsOf(event)).filter(({ kind }) => kind in addedTo)

/**
 * Attributes what is kept of a log with all that is known now. What a dropped event said of an order stays: what it
 * was is not known any more.
 */
export function* attributeKept(
  rows: readonly EventRow[],
  creator: Pick<CreatorRow, 'time_zone'>,
  { lives, orders, keptSince }: DroppedEvidence,
): Generator<undefined, KeptAttribution> {
  const seeds = orders.map((order) => {
    const isGiven = order.ref !== null && (order.at ?? 0) < keptSince
    return isGiven ? order : { ...order, value: order.value & ~LIVE_NAMED, ref: null, at: null }
  })
  const claims = wholeClaims(seeds)
  const attributed = yield* attributeAll(rows, creator, claims, lives)
  const toRead = new Map<string, ClaimKey>()
  for (const [index, row] of rows.entries()) {
    const event = attributed.event(row, index)
    for (const version of [event, asStored(event, row)]) {
      for (const key of recountedClaimsOf(version)) toRead.set(nameOf(key), key)
    }
    if (index % PAUSE_EVENTS === 0) yield
  }
  return { ...attributed, orders: claims.changed(), claimsToRead: [...toRead.values()] }
}

/** Counts what is kept, in order of time, on top of what dropped events claimed: all of those were earlier. */
export function* countKept(
  rows: readonly EventRow[],
  creator: Pick<CreatorRow, 'id' | 'currency'>,
  { lives: old }: DroppedEvidence,
  { lives, event, orders }: KeptAttribution,
  known: { readonly claims: readonly (ClaimKey & Claim)[]; readonly pins: readonly PinRow[] },
): Generator<undefined, RederivedKept> {
  const oldIds = new Set(old.map(({ session_id }) => session_id))
  const claims = wholeClaims(claimedByDropped(rows, event, known.claims))
  const pins = pinBook(known.pins)
  for (const [index, row] of rows.entries()) if (isPinMark(row)) pins.note(event(row, index))
  const read = { lives: new Map([[creator.id, lives]]), claims }
  const countingOf = restatements(rows)
  const counted = new Array<EventRow>(rows.length)
  for (const [n, index] of byTime(rows).entries()) {
    const row = rows[index] as EventRow
    const attributed = event(row, index)
    const { session_id, attribution } = attributed
    const live_started_at = session_id === null ? null : (lives.get(session_id)?.started_at ?? null)
    counted[index] =
      row.type === 'stock_level'
        ? { ...row, session_id, attribution, live_started_at }
        : settleOne(attributed, row.seq, creator, read, pins, countingOf(row))
    if (n % PAUSE_EVENTS === 0) yield
  }
  // A LIVE with dropped events was opened by one of them.
  const changed = yield* changedRows(rows, counted, (session_id) => oldIds.has(session_id))
  const claimed = claims.changed()
  const names = new Set(claimed.map(nameOf))
  return {
    changed,
    lives: lives.changed(),
    pins: pins.added(),
    claims: [...orders, ...claimed],
    gone: known.claims.filter((claim) => !names.has(nameOf(claim))),
  }
}

/** What was claimed, less what kept rows added to it; what nothing is left of was not claimed by dropped ones. */
function claimedByDropped(
  rows: readonly EventRow[],
  event: Attributed['event'],
  claims: readonly (ClaimKey & Claim)[],
): (ClaimKey & Claim)[] {
  const left = new Map(claims.map((claim) => [nameOf(claim), { ...claim, ref: null, at: null }]))
  for (const [index, row] of rows.entries()) {
    for (const key of recountedClaimsOf(asStored(event(row, index), row))) {
      const claim = left.get(nameOf(key))
      if (claim) claim.value -= addedTo[key.kind]?.(row) ?? 0
    }
  }
  return [...left.values()].filter(({ value }) => value > 0)
}

const asStored = (event: AttributedEvent, row: EventRow): AttributedEvent => ({
  ...event,
  session_id: row.session_id,
})

const nameOf = ({ kind, key }: ClaimKey): string => `${kind}\n${key}`
