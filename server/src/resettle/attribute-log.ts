import { sql } from '@creatorflow/db/sql'
import { localDay } from '@creatorflow/shared/present'
import type { AttributedEvent, CreatorRow } from '../eventlog/accepted-event.ts'
import type { EventRow } from '../eventlog/event-row.ts'
import { sentEvent, storedEvent } from '../eventlog/stored-event.ts'
import { attribute, type LiveBook, liveBook } from '../pipeline/attribute.ts'
import { orderClaim } from '../projections/claims.ts'
import { type PinBook, pinBook } from '../projections/pins.ts'
import type { Dropped } from './dropped.ts'
import { guessedLives } from './guessed-lives.ts'
import { allLives, liveTimeline } from './live-timeline.ts'
import { type LogPart, type PageOptions, pagesByTime, placeColumns } from './log-pages.ts'
import { distinctKeys, type RecountedClaims } from './recounted-claims.ts'

/** The LIVE and pin of each event of a log. */
export interface AttributedLog {
  readonly lives: LiveBook
  readonly pins: PinBook
  /** How many events there are among the numbers that must be complete. */
  readonly events: number
  /** Whether any reports a stock. */
  readonly hasStock: boolean
  /** The event of a row, as sent and with its LIVE. */
  event(row: EventRow): AttributedEvent
  /** Whether a row is the first one of its LIVE, by number. */
  opensLive(row: EventRow): boolean
}

/**
 * Attributes a log with everything known now: first the events that name their LIVE, then the others in order
 * of time, as if sent that way. `told` is called for each page. `dropped` are LIVEs and pins of dropped
 * events.
 */
export async function attributeLog(
  part: LogPart,
  creator: Pick<CreatorRow, 'time_zone'>,
  claims: RecountedClaims,
  told: (events: number) => Promise<void>,
  dropped: Pick<Dropped, 'lives' | 'pins'> = { lives: [], pins: [] },
): Promise<AttributedLog> {
  const { tenant } = part
  const old = new Map(dropped.lives.map((live) => [live.session_id, live]))
  const guesses = guessedLives()
  const openers = new Map<string, number>()
  const marks: EventRow[] = []
  let events = 0
  let hasStock = false
  let isWaiting = false
  const isNamed = ({ attribution }: EventRow) => attribution === 'session'
  const placeOf = (row: EventRow) => (isNamed(row) ? row : guesses.get(row.seq))

  function see(row: EventRow): void {
    if (row.seq > part.holesUntil) events++
    if (row.type === 'stock_level') hasStock = true
    if (row.type === 'product_pinned' || row.type === 'product_unpinned') marks.push(row)
  }

  function place(row: EventRow, { session_id, attribution }: AttributedEvent): void {
    if (!isNamed(row)) guesses.set(row.seq, session_id, attribution)
    if (session_id === null) return
    openers.set(session_id, Math.min(row.seq, openers.get(session_id) ?? row.seq))
  }

  async function attributePage(rows: readonly EventRow[], lives: LiveBook): Promise<void> {
    const orders = rows.flatMap(({ creator_id, order_id }) =>
      order_id === null ? [] : orderClaim(creator_id, order_id),
    )
    await claims.with(distinctKeys(orders), (book) => {
      for (const row of rows) {
        place(row, attribute(sentEvent(row), row.ts, creator, lives, book))
      }
    })
  }

  async function* pages(where: PageOptions['where']): AsyncGenerator<EventRow[]> {
    const { database, until, pageEvents } = part
    const options = { columns: placeColumns, until, events: pageEvents, where: where ?? sql`true` }
    yield* pagesByTime(database, tenant, { order: 'to_attribute', ...options })
  }

  const named = liveBook(dropped.lives)
  for await (const rows of pages(sql`attribution = 'session'`)) {
    rows.forEach(see)
    await attributePage(rows, named)
    await told(rows.length)
  }
  const seen = new Map([...old, ...named.changed().map((live) => [live.session_id, live] as const)])
  const lives = liveTimeline([...seen.values()])
  const unnamed = sql`attribution is distinct from 'session'`
  for await (const rows of pages(unnamed)) {
    rows.forEach(see)
    await attributePage(rows, lives)
    isWaiting ||= rows.some(isOfOrderWithoutLive)
    await told(rows.length)
  }
  // An order's LIVE may become known only by a later event of it.
  if (isWaiting) {
    for await (const rows of pages(sql`${unnamed} and order_id is not null`)) {
      await attributePage(rows.filter(isOfOrderWithoutLive), { ...lives, at: () => undefined })
      await told(0)
    }
  }

  function isOfOrderWithoutLive({ order_id, seq }: EventRow): boolean {
    return order_id !== null && guesses.get(seq).session_id === null
  }

  function event(row: EventRow): AttributedEvent {
    return storedEvent(row, localDay(row.ts, creator.time_zone), placeOf(row))
  }

  const pins = pinBook(dropped.pins)
  for (const mark of marks) pins.note(event(mark))
  return {
    lives: allLives(lives.changed()),
    pins,
    events,
    hasStock,
    event,
    opensLive(row) {
      const { session_id } = placeOf(row)
      // A LIVE with dropped events was opened by one of them.
      return session_id !== null && !old.has(session_id) && openers.get(session_id) === row.seq
    },
  }
}
