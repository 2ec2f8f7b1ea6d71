import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { creatorId } from './creators.ts'

/** Length of a window in which a quota is counted: within it, use may come in a burst. */
export const QUOTA_WINDOW_S = 10

const amounts = z.object({
  events: z.int(),
  events_held: z.int().describe('Requests with events that were delayed or refused.'),
  requests: z.int(),
  requests_refused: z.int(),
  sockets: z.int().describe('Maximum open at once, summed over nodes.'),
  sockets_refused: z.int(),
})
export type UsageAmounts = z.output<typeof amounts>

export const getUsage = endpoint('GET', '/api/v1/creators/:creator_id/usage', {
  summary: 'Get quota usage of a creator: each minute of the last hour, and the last day',
  access: 'read',
  params: z.object({ creator_id: creatorId }),
  reply: z.object({
    at: z.iso.datetime(),
    limits: z
      .object({
        events_per_s: z.int().nullable(),
        requests_per_s: z.int().nullable(),
        sockets: z.int().nullable(),
      })
      .describe('Per node; null means no limit.'),
    nodes: z.int().describe('Number of nodes active within the last hour.'),
    minutes: z
      .array(amounts.extend({ at: z.iso.datetime() }))
      .describe('Minutes with any use, oldest first, without the current one.'),
    day: amounts,
  }),
})
