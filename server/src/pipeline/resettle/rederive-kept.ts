import type { EventType } from '@creatorflow/shared/event-types'
import type { AttributedEvent, CreatorRow, LiveRow } from '../accepted-event.ts'
import { type Claim, type ClaimBook, type ClaimKey, claimsOf, orderFlags } from '../claims.ts'
import { count } from '../count.ts'
import type { countedColumns, EventRow } from '../event-row.ts'
import { isPinned, type PinRow, pinBook } from '../pins.ts'
import {
  type Attributed,
  attributeAll,
  decidedColumns,
  isPinMark,
  PAUSE_EVENTS,
  type Rederived,
  wholeClaims,
} from './rederive.ts'

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

type Counted = (typeof countedColumns)[number]

/** What depends on the LIVE of an event, and its claim there; everything else was decided once and for all. */
const ofLives: Partial<
  Record<EventType, { claim: keyof ReturnType<typeof claimsOf>; columns: readonly Counted[] }>
> = {
  viewer_joined: { claim: 'viewer_live', columns: ['live_first'] },
  payment_completed: { claim: 'customer_live', columns: ['live_first'] },
  like: { claim: 'likes', columns: ['units', 'opening'] },
  gift: { claim: 'streak', columns: ['units', 'diamonds'] },
}

/** The claim that an event has within its LIVE, when it has one. */
function claimOfLive(event: AttributedEvent): ClaimKey | undefined {
  const kind = ofLives[event.incoming.type]?.claim
  return kind && claimsOf(event)[kind]
}

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
    return isGiven
      ? order
      : { ...order, value: order.value & ~orderFlags.liveNamed, ref: null, at: null }
  })
  const claims = wholeClaims(seeds)
  const attributed = yield* attributeAll(rows, creator, claims, lives)
  const toRead = new Map<string, ClaimKey>()
  for (const [index, row] of rows.entries()) {
    const event = attributed.event(row, index)
    for (const key of [claimOfLive(event), claimOfLive(asStored(event, row))]) {
      if (key) toRead.set(nameOf(key), key)
    }
    if (index % PAUSE_EVENTS === 0) yield
  }
  return { ...attributed, orders: claims.changed(), claimsToRead: [...toRead.values()] }
}

/** Counts what is kept within its LIVEs, on top of what dropped events claimed there. */
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
  const opened = new Set<string>()
  const changed: EventRow[] = []
  for (const [index, row] of rows.entries()) {
    const attributed = event(row, index)
    const { session_id, attribution, incoming } = attributed
    // A LIVE with dropped events was opened by one of them.
    const isNew = session_id !== null && !oldIds.has(session_id)
    const settled: EventRow = {
      ...row,
      session_id,
      attribution,
      live_started_at: session_id === null ? null : (lives.get(session_id)?.started_at ?? null),
      opens_live: isNew && opened.size < opened.add(session_id).size ? 1 : 0,
      pin_id: incoming.pin_id ?? (isPinned(row.type) ? pins.pinOf(attributed) : null),
      ...countedOfLive(attributed, creator.currency, claims),
    }
    if (decidedColumns.some((column) => settled[column] !== row[column])) changed.push(settled)
    if (index % PAUSE_EVENTS === 0) yield
  }
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
  const left = new Map(claims.map((claim) => [nameOf(claim), { ...claim }]))
  for (const [index, row] of rows.entries()) {
    const key = claimOfLive(asStored(event(row, index), row))
    const claim = key && left.get(nameOf(key))
    if (!claim) continue
    claim.value -=
      row.type === 'like' || row.type === 'gift' ? row.units + row.opening : row.live_first
  }
  return [...left.values()].filter(({ value }) => value > 0)
}

const asStored = (event: AttributedEvent, row: EventRow): AttributedEvent => ({
  ...event,
  session_id: row.session_id,
})

const nameOf = ({ kind, key }: ClaimKey): string => `${kind}\n${key}`

function countedOfLive(
  event: AttributedEvent,
  currency: string,
  claims: ClaimBook,
): Partial<Pick<EventRow, Counted>> {
  const columns = ofLives[event.incoming.type]?.columns
  if (!columns) return {}
  const own = claimOfLive(event)
  const isOwn = (key: ClaimKey) => own !== undefined && nameOf(key) === nameOf(own)
  const counted = count(event, currency, {
    ...claims,
    // What does not belong to a LIVE was counted, and is not asked for again.
    get: (key) => (isOwn(key) ? claims.get(key) : undefined),
    set: (key, claim) => void (isOwn(key) && claims.set(key, claim)),
  })
  return Object.fromEntries(columns.map((column) => [column, counted[column]]))
}
