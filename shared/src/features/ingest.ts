import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { eventSchemas } from '../events.ts'
import { ingestAccount } from '../ingest-account.ts'

const [first, ...others] = Object.values(eventSchemas)
const event = z.union([first as z.ZodType, ...others])

/** For the reference alone: the handler reads the body as it arrives, and checks each event by itself. */
export const postEvents = endpoint('POST', '/api/v1/events', {
  summary: 'Sends one event, an array of events, or one event a line (`application/x-ndjson`)',
  access: 'ingest:write',
  query: z.object({
    /** `history` for imports of the past. */
    lane: z.enum(['live', 'history']).optional(),
    list: z.enum(['duplicates']).optional(),
  }),
  body: z.union([event, z.array(event)]),
  reply: ingestAccount,
})
