import type { EventType } from '@creatorflow/shared/event-types'
import { stateLimits } from '@creatorflow/shared/live-state'
import type { Attribution, NumberedEvent } from '@creatorflow/shared/numbered-event'

/** One row of the log, `events`. Times are epoch ms here and `timestamptz` in the table. */
export interface EventRow {
  creator_id: string
  seq: number
  ts: number
  received_at: number
  id: string
  type: EventType
  session_id: string | null
  channel: string | null
  traffic_source: string | null
  order_id: string | null
  product_id: string | null
  sku_id: string | null
  customer_id: string | null
  video_id: string | null
  pin_id: string | null
  user_id: string | null
  amount: number | null
  currency: string | null
  quantity: number | null
  properties: Readonly<Record<string, unknown>> | null
  day: string
  live_started_at: number | null
  opens_live: number
  attribution: Attribution | null
  units: number
  opening: number
  money: number
  diamonds: number
  main_order: number
  sku_order: number
  live_first: number
  day_first: number
  ever_first: number
  excluded: number
  level: number | null
  high: number | null
  /** Bits of `given`; null on an older row: its values count as given. */
  given: number | null
  /** Null for 0, as in nearly all rows. */
  revision: number | null
}

/** What a sender may omit and the row still has. */
export const given = { pin: 1, currency: 2 } as const

/** The result of counting an event: what it adds, and the levels it reports. */
export const countedColumns = [
  'units',
  'opening',
  'money',
  'diamonds',
  'main_order',
  'sku_order',
  'live_first',
  'day_first',
  'ever_first',
  'excluded',
  'level',
  'high',
] as const satisfies readonly (keyof EventRow)[]

/** What an event adds to every sum, and the levels it reports. */
export type Increments = Pick<EventRow, (typeof countedColumns)[number]>

/** Columns of `events` in the order of copying and reading. */
export const eventColumns = [
  'creator_id',
  'seq',
  'ts',
  'received_at',
  'id',
  'type',
  'session_id',
  'channel',
  'traffic_source',
  'order_id',
  'product_id',
  'sku_id',
  'customer_id',
  'video_id',
  'pin_id',
  'user_id',
  'amount',
  'currency',
  'quantity',
  'properties',
  'day',
  'live_started_at',
  'opens_live',
  'attribution',
  ...countedColumns,
  'given',
  'revision',
] as const satisfies readonly (keyof EventRow)[]

/**
 * The values of a row for COPY, in the order of `eventColumns`. Written out, because reading columns by name
 * costs three times as much.
 */
export function copyValues(row: EventRow): unknown[] {
  return [
    row.creator_id,
    row.seq,
    textOfTs(row.ts),
    textOfArrival(row.received_at),
    row.id,
    row.type,
    row.session_id,
    row.channel,
    row.traffic_source,
    row.order_id,
    row.product_id,
    row.sku_id,
    row.customer_id,
    row.video_id,
    row.pin_id,
    row.user_id,
    row.amount,
    row.currency,
    row.quantity,
    row.properties,
    row.day,
    row.live_started_at === null ? null : textOfStart(row.live_started_at),
    row.opens_live,
    row.attribution,
    row.units,
    row.opening,
    row.money,
    row.diamonds,
    row.main_order,
    row.sku_order,
    row.live_first,
    row.day_first,
    row.ever_first,
    row.excluded,
    row.level,
    row.high,
    row.given,
    row.revision,
  ]
}

const textOfTs = textOfTime()
const textOfArrival = textOfTime()
const textOfStart = textOfTime()

/** Times as text, caching the last one: a request arrives at one time, and a LIVE starts once. */
function textOfTime(): (ms: number) => string {
  let lastMs = Number.NaN
  let lastText = ''
  return (ms) => {
    if (ms !== lastMs) {
      lastMs = ms
      lastText = new Date(ms).toISOString()
    }
    return lastText
  }
}

const times = ['ts', 'received_at', 'live_started_at'] as const

/** A row from the database: its times are `Date`. */
export function fromDatabase(row: Record<string, unknown>): EventRow {
  const read = { ...row }
  for (const column of times) {
    const value = read[column]
    if (value instanceof Date) read[column] = value.getTime()
  }
  return read as unknown as EventRow
}

/** The row as the fold, the tail and the bus carry it: without absent or zero values. */
export function numbered(row: EventRow): NumberedEvent {
  const event: Record<string, unknown> = {
    seq: row.seq,
    ts: row.ts,
    id: row.id,
    type: row.type,
    day: row.day,
  }
  for (const key of carried) {
    const value = row[key]
    if (value !== null && value !== 0) event[key] = value
  }
  const label = labelOf(row)
  if (label) event.label = label
  return event as unknown as NumberedEvent
}

const carried = [
  'session_id',
  'attribution',
  'live_started_at',
  'opens_live',
  'pin_id',
  'product_id',
  'user_id',
  'quantity',
  'amount',
  'currency',
  ...countedColumns,
] as const satisfies readonly (keyof EventRow & keyof NumberedEvent)[]

/** The property that names the event's subject, if it is not a product. */
const labelKeys: Readonly<Record<string, string>> = {
  live_started: 'title',
  gift: 'gift_name',
  guest_gift: 'gift_name',
  note: 'text',
  source_gap: 'source',
}

function labelOf(row: EventRow): string | undefined {
  const label = row.properties?.[labelKeys[row.type] ?? 'product_name']
  return typeof label === 'string'
    ? label.slice(0, stateLimits.labelCharacters).toWellFormed()
    : undefined
}
