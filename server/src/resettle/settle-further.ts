import type { AttributedEvent, CreatorRow } from '../eventlog/accepted-event.ts'
import type { EventRow } from '../eventlog/event-row.ts'
import { sentEvent } from '../eventlog/stored-event.ts'
import { attribute } from '../pipeline/attribute.ts'
import { count, type Overtakes } from '../pipeline/count.ts'
import type { Hindsight } from '../pipeline/hindsight.ts'
import { incrementsOf } from '../pipeline/restate.ts'
import { type Counting, settleOne } from '../pipeline/settle.ts'
import { type ClaimKey, claimsOf, orderClaim } from '../projections/claims.ts'
import { type Books, decidedColumns } from './rederive.ts'

export interface SettledFurther {
  /** Rows that are others than they were stored, as they should be. */
  readonly changed: readonly EventRow[]
  /** Every claim that these rows made, as they were stored or as they should be. */
  readonly claims: readonly ClaimKey[]
}

/**
 * Settles rows that were written while everything before them was settled again, in their order and as a writer would
 * have, had it known the books. `watch` notices what comes late even for these.
 */
export function settleFurther(
  { lives, pins, claims }: Books,
  rows: readonly EventRow[],
  creator: Pick<CreatorRow, 'id' | 'time_zone' | 'currency'>,
  watch: Hindsight,
): SettledFurther {
  const events = rows.map((row) => attribute(sentEvent(row), row.ts, creator, lives, claims, watch))
  for (const event of events) pins.note(event)
  watch.pins(events)
  const read = { lives: new Map([[creator.id, lives]]), claims }
  const changed: EventRow[] = []
  const touched = new Map<string, ClaimKey>()
  for (const [n, event] of events.entries()) {
    const row = rows[n] as EventRow
    const late: Overtakes = (where) => watch.counted(event, where)
    const counting: Counting = (...of) => {
      if (row.revision === null) return count(...of, late)
      // What it adds depends on rows from before: it stays as it was written until another recount.
      late('elsewhere')
      return incrementsOf(row)
    }
    const settled = settleOne(event, row.seq, creator, read, pins, counting)
    if (decidedColumns.some((column) => settled[column] !== row[column])) changed.push(settled)
    for (const key of [...claimsMetBy(event), ...claimsMetBy(asStored(event, row))]) {
      touched.set(`${key.kind}\n${key.key}`, key)
    }
  }
  return { changed, claims: [...touched.values()] }
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
