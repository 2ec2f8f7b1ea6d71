import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { eventSchemas } from '../events.ts'
import { ingestAccount } from '../ingest-account.ts'
import { eventSchemaName } from '../reference/event-schema-name.ts'

const [first, ...others] = Object.entries(eventSchemas).map(([type, schema]) =>
  schema.meta({ id: eventSchemaName(type) }),
)
const event = z.union([first as z.ZodType, ...others]).meta({ id: 'Event' })

/** Only for the reference: the handler reads the body as it arrives, and checks each event itself. */
export const postEvents = endpoint('POST', '/api/v1/events', {
  summary: 'Send one event, an array of events, or one event per line (`application/x-ndjson`)',
  access: 'ingest:write',
  query: z.object({
    lane: z.enum(['live', 'history']).optional().describe('`history` for imports.'),
    list: z.enum(['duplicates']).optional(),
  }),
  body: z.union([event, z.array(event)]),
  example: {
    body: [
      {
        id: 'order-1-line-1',
        type: 'payment_completed',
        creator_id: 'mia',
        session_id: 'live-1',
        order_id: 'order-1',
        product_id: 'silk-scarf',
        amount: 2_500,
        currency: 'USD',
      },
      {
        id: 'viewers-1',
        type: 'viewer_count',
        creator_id: 'mia',
        session_id: 'live-1',
        quantity: 1_204,
      },
    ],
  },
  reply: ingestAccount,
})
