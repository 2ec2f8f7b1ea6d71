import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import type { LiveEntry, LiveState } from '../live-state.ts'
import { creatorId } from './creators.ts'
import { recounting } from './recounting.ts'

// The fold is the one definition of these shapes; a second one here could only disagree.
const liveState = z.custom<LiveState>((value) => typeof value === 'object' && value !== null)
export const liveEntry = z.custom<LiveEntry>((value) => typeof value === 'object' && value !== null)
export const sessionId = z.string().min(1).max(200)

export const getLiveState = endpoint('GET', '/api/v1/creators/:creator_id/live', {
  summary:
    'Get the live state of a creator: the last days and LIVEs with everything a screen shows',
  access: 'read',
  params: z.object({ creator_id: creatorId }),
  reply: z.object({
    epoch: z.string(),
    seq: z.int(),
    state: liveState,
    recounting,
  }),
})

export const listedLive = z.object({
  session_id: z.string(),
  started_at: z.iso.datetime(),
  inferred: z
    .boolean()
    .describe("True when no `live_started` came: the start is the earliest event's."),
  ended_at: z.iso.datetime().nullable(),
  last_at: z.iso.datetime(),
})

export const listLives = endpoint('GET', '/api/v1/creators/:creator_id/lives', {
  summary: 'List LIVEs, newest first',
  access: 'read',
  params: z.object({ creator_id: creatorId }),
  query: z.strictObject({
    from: z.iso.datetime({ offset: true }).optional(),
    to: z.iso.datetime({ offset: true }).optional(),
    cursor: z.string().max(500).optional(),
    limit: z.coerce.number().int().min(1).max(100).default(50),
  }),
  reply: z.object({ lives: z.array(listedLive), cursor: z.string().nullable(), recounting }),
})

export const getLive = endpoint('GET', '/api/v1/creators/:creator_id/lives/:session_id', {
  summary: 'Get a LIVE, in the same shape as in the live state',
  access: 'read',
  params: z.object({ creator_id: creatorId, session_id: sessionId }),
  reply: z.object({ live: liveEntry, recounting }),
})
