import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { creatorId } from './creators.ts'

const demoLive = z.object({
  creator_id: creatorId,
  session_id: z.string(),
  started_at: z.iso.datetime(),
  ends_at: z.iso.datetime(),
})

export const startDemo = endpoint('POST', '/api/v1/demo', {
  summary: 'Start a demo LIVE, or get the one that is running',
  access: 'owner',
  reply: demoLive,
  status: 201,
})

export const getDemo = endpoint('GET', '/api/v1/demo', {
  summary: 'Get the running demo LIVE, if any',
  access: 'owner',
  reply: z.object({
    running: z.boolean(),
    creator_id: creatorId.nullable().describe('Null if there is no demo creator.'),
    session_id: z.string().nullable(),
    ends_at: z.iso.datetime().nullable(),
  }),
})

export const deleteDemo = endpoint('DELETE', '/api/v1/demo', {
  summary: 'End the demo LIVE and delete the demo creator with all its data',
  access: 'owner',
  reply: z.undefined(),
  status: 204,
})
