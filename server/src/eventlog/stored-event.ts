import {
  type EventTypeDefinition,
  eventTypeNames,
  eventTypes,
} from '@creatorflow/shared/event-types'
import type { IncomingEvent } from '@creatorflow/shared/events'
import type { AcceptedEvent, AttributedEvent } from './accepted-event.ts'
import { type EventRow, given } from './event-row.ts'

const runningTypes = eventTypeNames.filter(
  (type) => (eventTypes[type] as EventTypeDefinition).running !== undefined,
)

/** Parts of `properties` that decide anything: all that re-attribution has to read. */
export const settlingProperties = {
  types: ['viewer_count', 'gift', 'guest_gift', ...runningTypes],
  keys: [
    'total_users',
    'total',
    'gift_id',
    'diamond_count',
    'streak_id',
    'streak_end',
    'unattributed',
  ],
} as const

/** The event as sent, without what the write filled in or decided. */
export function sentEvent(row: EventRow): AcceptedEvent {
  const bits = row.given ?? given.pin | given.currency
  const incoming: Record<string, unknown> = { id: row.id, type: row.type, ts: row.ts }
  for (const field of sentFields) if (row[field] !== null) incoming[field] = row[field]
  if (row.attribution === 'session') incoming.session_id = row.session_id
  if (row.pin_id !== null && bits & given.pin) incoming.pin_id = row.pin_id
  if (row.currency !== null && bits & given.currency) incoming.currency = row.currency
  return {
    creator_id: row.creator_id,
    // Safe: these are the fields of an event that passed its schema.
    incoming: incoming as unknown as IncomingEvent,
    id_hash: '',
    revision_hash: '',
    content_hash: '',
    received_at: row.received_at,
  }
}

/** The event of a row, with its stored LIVE and day unless others are given. */
export const storedEvent = (
  row: EventRow,
  day: string = row.day,
  { session_id, attribution }: Pick<EventRow, 'session_id' | 'attribution'> = row,
): AttributedEvent => ({
  ...sentEvent(row),
  ts: row.ts,
  day,
  session_id,
  attribution,
  opens_live: false,
})

const sentFields = [
  'channel',
  'traffic_source',
  'order_id',
  'product_id',
  'sku_id',
  'customer_id',
  'video_id',
  'user_id',
  'amount',
  'quantity',
  'properties',
] as const satisfies readonly (keyof EventRow)[]
