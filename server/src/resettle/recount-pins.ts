import { randomUUID } from 'node:crypto'
import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { EventRow } from '../eventlog/event-row.ts'
import { storedEvent } from '../eventlog/stored-event.ts'
import { notePinsSettled } from '../pipeline/recount-notes.ts'
import { isPinned, type PinBook, pinBook } from '../projections/pins.ts'
import { rowColumns, rowsByNumber } from './log-pages.ts'
import type { StintSize } from './portions.ts'
import type { Counter } from './read-log.ts'
import { readPins } from './read-pins.ts'
import { interrupted, type Rewritten } from './recount-log.ts'
import { raiseGeneration, rowSteps } from './rewrite.ts'
import { stintsOf } from './stints.ts'

/**
 * Recounts the events of some LIVEs under their pins, as a full recount would: a late pin changes nothing
 * else, in no other LIVE. Events written meanwhile know all pins already.
 */
export async function recountPins(
  database: Database,
  tenant: Tenant,
  { start, pinsOf }: { readonly start: Counter; readonly pinsOf: readonly string[] },
  size: StintSize,
  signal?: AbortSignal,
): Promise<Rewritten | 'gone' | 'another'> {
  const { creatorId } = tenant
  const rewriter = { expected: start, by: randomUUID(), pinsOf }
  return stintsOf(database, tenant, rewriter, async (stints) => {
    let rewritten = 0
    for (const sessionId of new Set(pinsOf)) {
      const ofLive = sql`session_id = ${sessionId}`
      const pins = pinBook(await readPins(database, creatorId, ofLive))
      const pages = rowsByNumber(database, tenant, {
        columns: rowColumns,
        where: ofLive,
        until: start.seq,
        events: size.eventsAPage,
      })
      for await (const rows of pages) {
        if (signal?.aborted) throw interrupted()
        const changed = rows.flatMap((row) => {
          const pin_id = pinOf(row, pins)
          return pin_id === row.pin_id ? [] : { ...row, pin_id }
        })
        rewritten += changed.length
        const before = new Map(rows.map((row) => [row.seq, row]))
        for (const step of rowSteps(database, creatorId, changed, before, size.rowsAStep)) {
          await stints.commit((tx, { now }) => step(tx, now))
        }
      }
    }
    return stints.finish(async (tx) => {
      await notePinsSettled(tx, tenant, pinsOf)
      const raised = rewritten > 0 || start.rewritten_by !== null
      if (raised) await raiseGeneration(tx, tenant)
      return { rewritten, raised }
    })
  })
}

/** The pin of a row, as settling decides it. */
function pinOf(row: EventRow, pins: PinBook): string | null {
  const event = storedEvent(row)
  const isGiven = event.incoming.pin_id !== undefined
  return isGiven || !isPinned(row.type) ? row.pin_id : pins.pinOf(event)
}
