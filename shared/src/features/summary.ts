import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { creatorId } from './creators.ts'
import { liveEntry, sessionId } from './live.ts'
import { recounting } from './recounting.ts'

const params = z.object({ creator_id: creatorId, session_id: sessionId })

/** Events after the end of a LIVE that count for it, minor units. */
const sinceEnd = z.object({ gmv: z.int(), main_orders: z.int(), refunds: z.int() })
const giftKind = z.object({ name: z.string().nullable(), gifts: z.int(), diamonds: z.int() })

export type SinceEnd = z.output<typeof sinceEnd>
export type GiftKind = z.output<typeof giftKind>

/** Most kinds of gifts that a summary lists. */
export const SUMMARY_GIFTS = 10

export const getSummary = endpoint(
  'GET',
  '/api/v1/creators/:creator_id/lives/:session_id/summary',
  {
    summary:
      'Get the summary of a LIVE: its numbers, the previous LIVE, gifts by kind, and what came after its end',
    access: 'read',
    params,
    reply: z.object({
      live: liveEntry,
      previous: z.string().nullable().describe('The previous LIVE; null for the first one.'),
      since_end: sinceEnd
        .nullable()
        .describe('Null while it is on air; otherwise `unknown` gives the reason.'),
      gifts: z
        .array(giftKind)
        .nullable()
        .describe('Gifts with the most diamonds; if null, `unknown` gives the reason.'),
      unknown: z
        .string()
        .nullable()
        .describe('Why parts of the reply are no longer available; null if all are.'),
      recounting,
    }),
  },
)

export const exportMinutes = endpoint(
  'GET',
  '/api/v1/creators/:creator_id/lives/:session_id/minutes.csv',
  {
    summary: 'Download a LIVE by minute as CSV',
    access: 'read',
    params,
    writes: 'text/csv',
    reply: z.undefined(),
  },
)
