import type { Transaction } from '@creatorflow/db/database'
import type { AttributedEvent, CreatorRow } from '../eventlog/accepted-event.ts'
import type { EventRow } from '../eventlog/event-row.ts'
import { sentEvent } from '../eventlog/stored-event.ts'
import { attribute } from '../pipeline/attribute.ts'
import { count, type Overtakes } from '../pipeline/count.ts'
import type { Hindsight } from '../pipeline/hindsight.ts'
import { incrementsOf } from '../pipeline/restate.ts'
import { type Counting, claimsToRead, settleOne } from '../pipeline/settle.ts'
import { type ClaimKey, claimsOf, orderClaim } from '../projections/claims.ts'
import type { AttributedLog } from './attribute-log.ts'
import { distinctKeys, type RecountedClaims } from './recounted-claims.ts'
import { isOther } from './rederive.ts'

export interface SettledFurther {
  /** Rows that differ from the stored ones, as they should be. */
  readonly changed: readonly EventRow[]
  /** Every claim of these rows, as stored or as it should be. */
  readonly claims: readonly ClaimKey[]
  /** Every LIVE of these rows, likewise. */
  readonly sessionIds: readonly string[]
}

/**
 * Settles rows written while everything before them was re-attributed, in order, and as a writer would have
 * with the recount's knowledge. `watch` notices events late even for these.
 */
export async function settleFurther(
  { lives, pins }: Pick<AttributedLog, 'lives' | 'pins'>,
  recounted: RecountedClaims,
  rows: readonly EventRow[],
  creator: Pick<CreatorRow, 'id' | 'time_zone' | 'currency'>,
  watch: Hindsight,
  tx?: Transaction,
): Promise<SettledFurther> {
  const orders = rows.flatMap(({ order_id }) =>
    order_id === null ? [] : orderClaim(creator.id, order_id),
  )
  const events = await recounted.with(
    distinctKeys(orders),
    (claims) => rows.map((row) => attribute(sentEvent(row), row.ts, creator, lives, claims, watch)),
    tx,
  )
  for (const event of events) pins.note(event)
  watch.pins(events)
  const read = { lives: new Map([[creator.id, lives]]) }
  const changed: EventRow[] = []
  await recounted.with(
    claimsToRead(events),
    (claims) => {
      for (const [n, event] of events.entries()) {
        // Safe: there is a row of each event.
        const row = rows[n] as EventRow
        const late: Overtakes = (where) => watch.counted(event, where)
        const counting: Counting = (...of) => {
          if (row.revision === null) return count(...of, late)
          // What it adds depends on earlier rows: it stays as written until another recount.
          late('elsewhere')
          return incrementsOf(row)
        }
        const settled = settleOne(event, row.seq, creator, { ...read, claims }, pins, counting)
        if (isOther(settled, row)) changed.push(settled)
      }
    },
    tx,
  )
  const versions = events.flatMap((event, n) => [event, asStored(event, rows[n] as EventRow)])
  return {
    changed,
    claims: distinctKeys(versions.flatMap(claimsMetBy)),
    sessionIds: [...new Set(versions.flatMap(({ session_id }) => session_id ?? []))],
  }
}

function claimsMetBy(event: AttributedEvent): ClaimKey[] {
  const { order_id } = event.incoming
  const keys: ClaimKey[] = Object.values(claimsOf(event))
  return order_id === undefined ? keys : [...keys, orderClaim(event.creator_id, order_id)]
}

const asStored = (event: AttributedEvent, { session_id, day }: EventRow): AttributedEvent => ({
  ...event,
  session_id,
  day,
})
