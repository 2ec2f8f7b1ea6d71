import type { Transaction } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { LiveRow } from '../eventlog/accepted-event.ts'
import type { EventRow } from '../eventlog/event-row.ts'
import { readClaims } from '../pipeline/read.ts'
import { type Claim, type ClaimKey, orderClaim } from '../projections/claims.ts'
import type { PinRow } from '../projections/pins.ts'
import type { DroppedEvidence } from './rederive-kept.ts'

const KEYS_A_TIME = 10_000

/** What is known of a log beyond its kept rows; in the transaction that holds its counter. */
export async function readEvidence(
  tx: Transaction,
  { creatorId }: Tenant,
  rows: readonly EventRow[],
  keptSince: number,
): Promise<DroppedEvidence> {
  const orderIds = new Set(rows.flatMap(({ order_id }) => order_id ?? []))
  const orders = await readKnown(
    tx,
    [...orderIds].map((id) => orderClaim(creatorId, id)),
  )
  const sessions = new Set(rows.flatMap(({ session_id }) => session_id ?? []))
  for (const { ref } of orders) if (ref !== null) sessions.add(ref)
  // Those that end before the mark cover nothing that is kept.
  const lives = await tx.query<LiveRow>(sql`
    select distinct on (f.session_id) f.creator_id, f.session_id,
      (f.state ->> 'started_at')::bigint as started_at, (f.state ->> 'inferred')::boolean as inferred,
      (f.state ->> 'ended_at')::bigint as ended_at, (f.state ->> 'last_at')::bigint as last_at
    from frozen_lives f join lives l
      on l.creator_id = f.creator_id and l.session_id = f.session_id
    where f.creator_id = ${creatorId} and f.until <= ${instant(keptSince)}::timestamptz
      and (f.session_id = any(${[...sessions]}::text[])
        or coalesce(l.ended_at, l.last_at + interval '30 minutes') >= ${instant(keptSince)}::timestamptz)
    order by f.session_id, f.until desc`)
  return { lives, orders, keptSince }
}

/** Claims by key, in portions. */
export async function readKnown(
  tx: Transaction,
  keys: readonly ClaimKey[],
): Promise<(ClaimKey & Claim)[]> {
  const found: (ClaimKey & Claim)[] = []
  for (let at = 0; at < keys.length; at += KEYS_A_TIME) {
    found.push(...(await readClaims(tx, keys.slice(at, at + KEYS_A_TIME))))
  }
  return found
}

/** The pins of dropped events in these LIVEs. */
export async function readDroppedPins(
  tx: Transaction,
  { creatorId }: Tenant,
  sessions: readonly string[],
  keptSince: number,
): Promise<PinRow[]> {
  const rows = await tx.query<Omit<PinRow, 'at'> & { at: Date }>(sql`
    select creator_id, session_id, at, id, product_id from pin_marks
    where creator_id = ${creatorId} and session_id = any(${sessions}::text[])
      and at < ${instant(keptSince)}::timestamptz`)
  return rows.map((row) => ({ ...row, at: row.at.getTime() }))
}

const instant = (ms: number): string => new Date(ms).toISOString()
