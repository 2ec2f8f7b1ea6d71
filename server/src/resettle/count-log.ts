import { sql } from '@creatorflow/db/sql'
import type { AttributedEvent, CreatorRow } from '../eventlog/accepted-event.ts'
import { type EventRow, fromDatabase } from '../eventlog/event-row.ts'
import { storedEvent } from '../eventlog/stored-event.ts'
import { count } from '../pipeline/count.ts'
import { claimsToRead, settleOne } from '../pipeline/settle.ts'
import type { AttributedLog } from './attribute-log.ts'
import { type LogPart, pagesByTime, rowColumns } from './log-pages.ts'
import type { RecountedClaims } from './recounted-claims.ts'
import { isOther, wholeClaims } from './rederive.ts'
import { restatements } from './restatements.ts'

/** Changed rows, and the same rows as stored. */
export interface CountedPage {
  readonly changed: readonly EventRow[]
  readonly before: ReadonlyMap<number, EventRow>
}

/**
 * Counts an attributed log in order of time, as if sent that way, page by page; afterwards `claims` are those
 * of the whole log. `told` is called for each page.
 */
export async function* countLog(
  part: LogPart,
  creator: Pick<CreatorRow, 'id' | 'currency'>,
  attributed: AttributedLog,
  claims: RecountedClaims,
  told: (events: number) => Promise<void>,
): AsyncGenerator<CountedPage> {
  const { database, tenant, until, pageEvents, holesUntil } = part
  const read = { lives: new Map([[creator.id, attributed.lives]]) }
  const isWhole = holesUntil === 0
  const levels =
    attributed.hasStock && isWhole ? await levelsOf(part, told) : new Map<number, number | null>()
  // The stock of each SKU when its last report was dropped is no longer known.
  const placed = (row: EventRow, { session_id, attribution }: AttributedEvent): EventRow => {
    const live = session_id === null ? undefined : attributed.lives.get(session_id)
    const opens_live = attributed.opensLive(row) ? 1 : 0
    return {
      ...row,
      session_id,
      attribution,
      live_started_at: live?.started_at ?? null,
      opens_live,
    }
  }
  const pages = pagesByTime(database, tenant, {
    order: 'to_count',
    columns: rowColumns,
    until,
    events: pageEvents,
  })
  for await (const rows of pages) {
    const events = rows.map(attributed.event)
    const countingOf = restatements(rows)
    const counted = await claims.with(claimsToRead(events), (book) =>
      rows.map((row, n) => {
        // Safe: there is an event of each row.
        const event = events[n] as (typeof events)[number]
        if (row.type === 'stock_level' && !isWhole) return placed(row, event)
        const known = { ...read, claims: book }
        const counting = countingOf(row)
        const settled = settleOne(event, row.seq, creator, known, attributed.pins, counting)
        settled.opens_live = attributed.opensLive(row) ? 1 : 0
        if (row.type === 'stock_level') settled.level = levels.get(row.seq) ?? row.level
        return settled
      }),
    )
    const changed = counted.filter((settled, n) => isOther(settled, rows[n] as EventRow))
    const numbers = new Set(changed.map(({ seq }) => seq))
    const before = rows.filter(({ seq }) => numbers.has(seq)).map((row) => [row.seq, row] as const)
    yield { changed, before: new Map(before) }
    await told(rows.length)
  }
}

/**
 * The changed stock levels, by number. The newest row gives the current stock, so a level is what was known
 * when its report arrived.
 */
async function levelsOf(
  { database, tenant, until, pageEvents }: LogPart,
  told: (events: number) => Promise<void>,
) {
  const stock = wholeClaims()
  const others = new Map<number, number>()
  for (let at = 0; at < until; at += pageEvents) {
    const rows = await database.query(sql`
      select ${rowColumns} from events
      where creator_id = ${tenant.creatorId} and type = 'stock_level'
        and seq > ${at}::bigint and seq <= ${Math.min(until, at + pageEvents)}::bigint
      order by seq`)
    for (const row of rows.map(fromDatabase)) {
      const { level } = count(storedEvent(row), '', stock)
      if (level !== null && level !== row.level) others.set(row.seq, level)
    }
    await told(0)
  }
  return others
}
