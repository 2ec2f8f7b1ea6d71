import type { RejectCode } from '@creatorflow/shared/errors'
import { isRestatable } from '@creatorflow/shared/event-types'
import { localDay } from '@creatorflow/shared/present'
import type {
  AcceptedEvent,
  AttributedEvent,
  CreatorRow,
  LiveRow,
  Stated,
} from '../eventlog/accepted-event.ts'
import { type EventRow, given, type Increments } from '../eventlog/event-row.ts'
import { type ClaimBook, type ClaimKey, claimsOf, type ReadClaims } from '../projections/claims.ts'
import { isPinned, type PinBook } from '../projections/pins.ts'
import { timeOf } from './arrival.ts'
import { attribute, type LiveBook } from './attribute.ts'
import { count, type Overtakes } from './count.ts'
import type { Hindsight } from './hindsight.ts'
import { aboutOf, countRestated, firstStated, NEVER_SENT, noteStatement } from './restate.ts'
import { timeFlaw } from './time-limits.ts'

/** The outcome of one event of a request. */
export type Outcome =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'duplicate'; readonly conflict: boolean }
  /** A higher revision counts. */
  | { readonly kind: 'superseded' }
  | { readonly kind: 'rejected'; readonly code: RejectCode; readonly message: string }

/** The result of the first read: enough to detect duplicates and find LIVEs. */
export interface FirstRead {
  /** Epoch ms, the database's clock. */
  readonly now: number
  /** How far that clock is ahead of this node's, ms. */
  readonly skewMs: number
  /** Earlier events are no longer accepted; epoch ms. */
  readonly acceptsSince: number
  readonly creators: ReadonlyMap<string, CreatorRow>
  /** Content hashes by id hash, for ids already counted. */
  readonly ids: ReadonlyMap<string, string>
  /** By id hash, the figures that the batch restates; the batch adds its own. */
  readonly stated: Map<string, Stated>
  readonly lives: ReadonlyMap<string, LiveBook>
  /** Knows the orders; the second read adds the claims of `claimsToRead`. */
  readonly claims: ReadClaims
  /** Notices events that come later than a guess they change. */
  readonly hindsight: Hindsight
}

/** The batch after the first read: which events are new, and the LIVE of each. */
export interface Sorted {
  readonly outcomes: Outcome[]
  readonly fresh: readonly AttributedEvent[]
}

/** Separates duplicates, conflicts, old revisions and invalid times from new events, and attributes those. */
export function sortOut(batch: readonly AcceptedEvent[], read: FirstRead): Sorted {
  const seen = new Map(read.ids)
  const fresh: AttributedEvent[] = []
  const outcomes = batch.map((event): Outcome => {
    const creator = read.creators.get(event.creator_id)
    if (!creator) return rejected('creator_unknown', `creator "${event.creator_id}" not found`)
    const { id_hash, revision_hash, incoming } = event
    const known = seen.get(revision_hash)
    if (known !== undefined && known !== NEVER_SENT) {
      return { kind: 'duplicate', conflict: known !== event.content_hash }
    }
    const ts = timeOf(event, read.skewMs)
    const flaw = timeFlaw(ts, read)
    if (flaw) return { kind: 'rejected', ...flaw }
    if (seen.has(id_hash)) {
      const restating = restate(event, ts, creator, read.stated.get(id_hash))
      if ('kind' in restating) return restating
      seen.set(revision_hash, event.content_hash)
      fresh.push(restating)
      return { kind: 'accepted' }
    }
    seen.set(id_hash, NEVER_SENT)
    seen.set(revision_hash, event.content_hash)
    const lives = read.lives.get(event.creator_id)
    if (!lives) throw new Error(`the LIVEs of ${event.creator_id} were not read`)
    const attributed = attribute(event, ts, creator, lives, read.claims, read.hindsight)
    if (isRestatable(incoming.type)) {
      const stated = firstStated(attributed, creator.currency)
      read.stated.set(id_hash, stated)
      fresh.push({ ...attributed, stated })
    } else fresh.push(attributed)
    return { kind: 'accepted' }
  })
  return { outcomes, fresh }
}

/** A revision of an existing figure, in the same place, or why it is not one. */
function restate(
  event: AcceptedEvent,
  ts: number,
  { currency, time_zone }: CreatorRow,
  stated: Stated | undefined,
): AttributedEvent | Outcome {
  const { incoming } = event
  // Without rows the figure is of another time.
  if (stated?.about !== aboutOf(incoming, ts, currency))
    return { kind: 'duplicate', conflict: true }
  const { revision = 0 } = incoming
  if (revision < stated.revision) return { kind: 'superseded' }
  stated.revision = revision
  const { session_id, attribution } = stated
  const place = { day: localDay(ts, time_zone), session_id, attribution, opens_live: false }
  return { ...event, ts, ...place, stated, restates: true }
}

/** Every claim that counting these events may meet. */
export function claimsToRead(fresh: readonly AttributedEvent[]): ClaimKey[] {
  const keys = new Map<string, ClaimKey>()
  for (const event of fresh) {
    for (const key of Object.values(claimsOf(event))) {
      keys.set(`${key.creator_id}\n${key.kind}\n${key.key}`, key)
    }
  }
  return [...keys.values()]
}

/** Numbers and counts the new events: the rows of the log, in the order of `fresh`. */
export function settle(
  fresh: readonly AttributedEvent[],
  read: FirstRead,
  pins: PinBook,
): EventRow[] {
  const heads = new Map<string, number>()
  // A batch's pins count for the whole batch, wherever they are in it.
  for (const event of fresh) pins.note(event)
  read.hindsight.pins(fresh)
  return fresh.map((event) => {
    const creator = read.creators.get(event.creator_id)
    if (!creator) throw new Error(`creator ${event.creator_id} was not read`)
    const seq = (heads.get(creator.id) ?? creator.seq) + 1
    heads.set(creator.id, seq)
    const { stated, restates } = event
    const overtakes: Overtakes = (where) => read.hindsight.counted(event, where)
    const counting: Counting = (...of) =>
      stated && restates
        ? countRestated(of[0], stated, of[1], of[2], overtakes)
        : count(...of, overtakes)
    const row = settleOne(event, seq, creator, read, pins, counting)
    if (stated) noteStatement(stated, row)
    return row
  })
}

/** What an event adds, given what was seen before. */
export type Counting = (event: AttributedEvent, currency: string, claims: ClaimBook) => Increments

/** The row of one event; every pin that may apply must be recorded before. */
export function settleOne(
  event: AttributedEvent,
  seq: number,
  creator: Pick<CreatorRow, 'id' | 'currency'>,
  read: Pick<FirstRead, 'lives'> & { readonly claims: ClaimBook },
  pins: PinBook,
  counting: Counting = count,
): EventRow {
  const { incoming, session_id } = event
  const live = session_id === null ? undefined : read.lives.get(creator.id)?.get(session_id)
  if (session_id !== null && !live) throw new Error(`LIVE ${session_id} was not read`)
  const isStock = incoming.type === 'stock_level'
  return {
    creator_id: creator.id,
    seq,
    ts: event.ts,
    received_at: event.received_at,
    id: incoming.id,
    type: incoming.type,
    session_id,
    channel: incoming.channel ?? null,
    traffic_source: incoming.traffic_source ?? null,
    order_id: incoming.order_id ?? null,
    product_id: incoming.product_id ?? (isStock ? (incoming.sku_id ?? null) : null),
    sku_id: incoming.sku_id ?? null,
    customer_id: incoming.customer_id ?? null,
    video_id: incoming.video_id ?? null,
    pin_id: incoming.pin_id ?? (isPinned(incoming.type) ? pins.pinOf(event) : null),
    user_id: incoming.user_id ?? null,
    amount: incoming.amount ?? null,
    currency: incoming.amount === undefined ? null : (incoming.currency ?? creator.currency),
    quantity: incoming.quantity ?? null,
    properties: withoutText(incoming),
    day: event.day,
    live_started_at: live?.started_at ?? null,
    opens_live: event.opens_live ? 1 : 0,
    attribution: event.attribution,
    ...counting(event, creator.currency, read.claims),
    ...(incoming.type === 'viewer_count' && live && isOffAir(event.ts, live) && offAir),
    given:
      (incoming.pin_id === undefined ? 0 : given.pin) |
      (incoming.currency === undefined ? 0 : given.currency),
    revision: incoming.revision || null,
  }
}

/** Viewers reported while the LIVE was not on air say nothing about it. */
const offAir = { units: 0, excluded: 1 } as const
function isOffAir(ts: number, { started_at, ended_at }: LiveRow): boolean {
  return ts < started_at || (ended_at !== null && ts > ended_at)
}

/** Texts and names are stored outside the log, so erasing a person never touches it. */
function withoutText(incoming: AttributedEvent['incoming']): EventRow['properties'] {
  if (!incoming.properties) return null
  if (incoming.type !== 'comment') return incoming.properties
  const { text, ...rest } = incoming.properties
  return Object.keys(rest).length > 0 ? rest : null
}

function rejected(code: RejectCode, message: string): Outcome {
  return { kind: 'rejected', code, message }
}
