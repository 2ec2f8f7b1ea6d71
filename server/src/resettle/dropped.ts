import type { Queryable } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { localDay } from '@creatorflow/shared/present'
import type { CreatorRow, LiveRow } from '../eventlog/accepted-event.ts'
import type { EventRow } from '../eventlog/event-row.ts'
import { storedEvent } from '../eventlog/stored-event.ts'
import {
  type Claim,
  type ClaimKey,
  type ClaimKind,
  claimsOf,
  LIVE_NAMED,
  orderClaim,
} from '../projections/claims.ts'
import type { PinRow } from '../projections/pins.ts'
import { instant } from '../projections/projection.ts'
import { type LogPart, rowColumns, rowsByNumber } from './log-pages.ts'
import { readPins } from './read-pins.ts'
import { distinctKeys, type RecountedClaims } from './recounted-claims.ts'

/** What is known of a log beyond its kept rows; nothing for a complete log. */
export interface Dropped {
  /** LIVEs according to dropped events. */
  readonly lives: readonly LiveRow[]
  /** Pins of dropped events. */
  readonly pins: readonly PinRow[]
  /** Older events are dropped; epoch ms. */
  readonly keptSince: number
}

/** Reads what dropped events left of LIVEs and pins. */
export async function readDropped(
  database: Queryable,
  { creatorId }: Tenant,
  keptSince: number,
): Promise<Dropped> {
  const mark = sql`${instant(keptSince)}::timestamptz`
  const lives = await database.query<LiveRow>(sql`
    select distinct on (f.session_id) f.creator_id, f.session_id,
      (f.state ->> 'started_at')::bigint as started_at, (f.state ->> 'inferred')::boolean as inferred,
      (f.state ->> 'ended_at')::bigint as ended_at, (f.state ->> 'last_at')::bigint as last_at
    from frozen_lives f join lives l
      on l.creator_id = f.creator_id and l.session_id = f.session_id
    where f.creator_id = ${creatorId} and f.until <= ${mark}
    order by f.session_id, f.until desc`)
  const pins = await readPins(database, creatorId, sql`at < ${mark}`)
  return { lives, pins, keptSince }
}

/**
 * What a row added to each kind of claim. Stock is not included: the stock of each SKU when its last report
 * was dropped is no longer known, so a stock report stays as counted.
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

/**
 * Leaves in `claims`, which start as stored, what dropped events claimed: less what kept rows added, and
 * without what those said of orders. All dropped events were earlier, so the kept ones are counted on top.
 * What a dropped event said of an order stays: its earlier state is no longer known.
 */
export async function leaveDropped(
  { database, tenant, until, pageEvents }: LogPart,
  creator: Pick<CreatorRow, 'time_zone'>,
  claims: RecountedClaims,
  keptSince: number,
  told: (rows: number) => Promise<void>,
): Promise<void> {
  const pages = rowsByNumber(database, tenant, {
    columns: rowColumns,
    until,
    events: pageEvents,
  })
  for await (const rows of pages) {
    const orders = distinctKeys(
      rows.flatMap(({ creator_id, order_id }) =>
        order_id === null ? [] : orderClaim(creator_id, order_id),
      ),
    )
    const added = addedBy(rows, creator)
    await claims.with([...orders, ...added.map(({ key }) => key)], (book) => {
      for (const key of orders) {
        const claim = book.get(key)
        if (claim && !isGiven(claim, keptSince))
          book.set(key, { ...forgotten, value: claim.value & ~LIVE_NAMED })
      }
      for (const { key, value } of added) {
        const claim = book.get(key)
        if (claim) book.set(key, { ...forgotten, value: claim.value - value })
      }
    })
    await told(0)
  }
  await claims.forgetEmpty(Object.keys(addedTo))
}

const forgotten = { ref: null, at: null }

const isGiven = ({ ref, at }: Claim, keptSince: number): boolean =>
  ref !== null && (at ?? 0) < keptSince

/** What rows, as stored, added to each claim. */
function addedBy(
  rows: readonly EventRow[],
  creator: Pick<CreatorRow, 'time_zone'>,
): readonly { readonly key: ClaimKey; readonly value: number }[] {
  const sums = new Map<string, { key: ClaimKey; value: number }>()
  for (const row of rows) {
    const day = localDay(row.ts, creator.time_zone)
    for (const key of Object.values(claimsOf(storedEvent(row, day)))) {
      const value = addedTo[key.kind]?.(row)
      if (value === undefined) continue
      const name = `${key.kind}\n${key.key}`
      sums.set(name, { key, value: value + (sums.get(name)?.value ?? 0) })
    }
  }
  return [...sums.values()]
}
