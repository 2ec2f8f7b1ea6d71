import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import type { NumberedEvent } from '../numbered-event.ts'
import { creatorId } from './creators.ts'
import { sessionId } from './live.ts'
import { recounting } from './recounting.ts'

/** Most events of one page. */
export const REPLAY_PAGE_EVENTS = 5_000

// As in the log: only the fold reads it.
const numberedEvent = z.custom<NumberedEvent>(
  (value) => typeof value === 'object' && value !== null && 'seq' in value && 'ts' in value,
)

export const getLiveEvents = endpoint(
  'GET',
  '/api/v1/creators/:creator_id/lives/:session_id/events',
  {
    summary: 'List the events of a LIVE in order of time, for a replay',
    access: 'read',
    params: z.object({ creator_id: creatorId, session_id: sessionId }),
    query: z.strictObject({
      cursor: z
        .string()
        .regex(/^-?\d{1,15}~\d{1,15}$/, { error: 'is not a cursor from an earlier reply' })
        .optional(),
      limit: z.coerce.number().int().min(1).max(REPLAY_PAGE_EVENTS).default(2_000),
    }),
    example: { query: { limit: 100 } },
    reply: z.object({
      epoch: z
        .string()
        .describe('If it differs from the previous page, the log was re-attributed: start over.'),
      events: z.array(numberedEvent),
      cursor: z.string().nullable().describe('Null on the last page.'),
      recounting,
    }),
  },
)
