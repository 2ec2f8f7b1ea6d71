import type { AcceptedEvent, AttributedEvent, Stated } from '../eventlog/accepted-event.ts'
import { countedColumns, type EventRow, type Increments } from '../eventlog/event-row.ts'
import { sentEvent } from '../eventlog/stored-event.ts'
import { type ClaimBook, claimsOf } from '../projections/claims.ts'
import { count, nothing, type Overtakes } from './count.ts'

/** The content of an id whose revision 0 never came: a higher one was first. */
export const NEVER_SENT = '0'.repeat(32)

/** The first statement of a figure, not counted yet. */
export function firstStated(event: AttributedEvent, currency: string): Stated {
  const { incoming, ts, session_id, attribution } = event
  return {
    about: aboutOf(incoming, ts, currency),
    session_id,
    attribution,
    revision: incoming.revision ?? 0,
    total: undefined,
    added: nothing,
  }
}

/** A figure from all its rows, in order; `currency` is the creator's. */
export function storedStated(
  [first, ...rest]: readonly [EventRow, ...EventRow[]],
  currency: string,
) {
  const { session_id, attribution } = first
  const about = aboutOf(sentEvent(first).incoming, first.ts, currency)
  const stated: Stated = {
    about,
    session_id,
    attribution,
    revision: 0,
    total: undefined,
    added: nothing,
  }
  for (const row of [first, ...rest]) noteStatement(stated, row)
  return stated
}

/** Adds the next row of a figure. */
export function noteStatement(stated: Stated, row: EventRow): void {
  stated.revision = Math.max(stated.revision, row.revision ?? 0)
  stated.total = totalOf(row)
  stated.added = plus(stated.added, row)
}

/** The subject of a figure, as its sender names it. */
export function aboutOf(
  incoming: AcceptedEvent['incoming'],
  ts: number,
  creatorCurrency: string,
): string {
  const { amount, currency = creatorCurrency, properties } = incoming
  return JSON.stringify([
    incoming.type,
    ts,
    incoming.session_id,
    incoming.channel,
    incoming.traffic_source,
    incoming.order_id,
    incoming.product_id,
    incoming.sku_id,
    incoming.customer_id,
    incoming.video_id,
    incoming.pin_id,
    incoming.user_id,
    amount === undefined ? null : currency,
    typeof properties?.total === 'number',
    properties?.unattributed === true,
  ])
}

/**
 * What a higher revision adds to what its figure added before, so that all its rows together add what the
 * newest one alone would. For running totals and stock that is an estimate, since other reports were counted
 * in between.
 */
export function countRestated(
  event: AttributedEvent,
  { added, total }: Stated,
  currency: string,
  claims: ClaimBook,
  overtakes: Overtakes,
): Increments {
  const { running, stock } = claimsOf(event)
  if (running) {
    overtakes('elsewhere')
    const known = claims.get(running)
    if (!known || known.value !== total) {
      // Others have reported more since: they would have added what it added before.
      return less(count(event, currency, claims), { ...added, units: 0, opening: 0 })
    }
    claims.set(running, { ...known, value: known.value - added.units - added.opening })
    const more = less(count(event, currency, claims), added)
    const isOpening = added.opening > 0
    return isOpening ? { ...more, units: 0, opening: more.units + more.opening } : more
  }
  const more = less(count(event, currency, claims), added)
  if (!stock) return more
  overtakes('elsewhere')
  // A product sells out once: the earlier event did so for good, or was wrong.
  const isTakenBack = added.units > 0 && (event.incoming.quantity ?? 0) > 0
  return { ...more, units: isTakenBack ? -added.units : Math.max(more.units, 0) }
}

const totalOf = ({ properties }: EventRow): number | undefined =>
  typeof properties?.total === 'number' ? properties.total : undefined

const summed = countedColumns.filter((column) => column !== 'level' && column !== 'high')

/** What is left to add if some of it was added before. */
export function less(counted: Increments, added: Increments): Increments {
  const left = { ...counted }
  for (const column of summed) left[column] -= added[column]
  return left
}

/** What a row adds, and the levels it reports. */
export function incrementsOf(row: EventRow): Increments {
  return Object.fromEntries(countedColumns.map((column) => [column, row[column]])) as Increments
}

/** Two sums added. */
export function plus(added: Increments, more: Increments): Increments {
  const sum = { ...added }
  for (const column of summed) sum[column] += more[column]
  return sum
}
