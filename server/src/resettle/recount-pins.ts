import { randomUUID } from 'node:crypto'
import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { type EventRow, fromDatabase } from '../eventlog/event-row.ts'
import { sentEvent } from '../eventlog/stored-event.ts'
import { notePinsSettled } from '../pipeline/recount-notes.ts'
import { isPinned, type PinBook, type PinRow, pinBook } from '../projections/pins.ts'
import { rowColumns } from './log-pages.ts'
import type { StintSize } from './portions.ts'
import type { Counter } from './read-log.ts'
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
      const pins = await pinsOfLive(database, creatorId, sessionId)
      const pages = pagesOfLive(database, creatorId, sessionId, start.seq, size.eventsAPage)
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
  const sent = sentEvent(row)
  if (sent.incoming.pin_id !== undefined || !isPinned(row.type)) return row.pin_id
  const { ts, day, session_id, attribution } = row
  return pins.pinOf({ ...sent, ts, day, session_id, attribution, opens_live: false })
}

async function pinsOfLive(
  database: Database,
  creatorId: string,
  sessionId: string,
): Promise<PinBook> {
  const rows = await database.query<Omit<PinRow, 'at'> & { at: Date }>(sql`
    select creator_id, session_id, at, id, product_id from pin_marks
    where creator_id = ${creatorId} and session_id = ${sessionId}`)
  return pinBook(rows.map((row) => ({ ...row, at: row.at.getTime() })))
}

/** The rows of a LIVE up to a number, page by page. */
async function* pagesOfLive(
  database: Database,
  creatorId: string,
  sessionId: string,
  until: number,
  events: number,
): AsyncGenerator<EventRow[]> {
  let rows: EventRow[] = []
  do {
    const found = await database.query(sql`
      select ${rowColumns} from events
      where creator_id = ${creatorId} and session_id = ${sessionId}
        and seq > ${rows.at(-1)?.seq ?? 0}::bigint and seq <= ${until}::bigint
      order by seq limit ${events}::int`)
    rows = found.map(fromDatabase)
    yield rows
  } while (rows.length === events)
}
