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
  summary: 'Starts a demo LIVE; while one runs, answers with that one',
  access: 'owner',
  reply: demoLive,
  status: 201,
})

export const getDemo = endpoint('GET', '/api/v1/demo', {
  summary: 'The demo LIVE that runs now, if one does',
  access: 'owner',
  reply: z.object({
    running: z.boolean(),
    creator_id: creatorId.nullable().describe('Null while there is no demo creator.'),
    session_id: z.string().nullable(),
    ends_at: z.iso.datetime().nullable(),
  }),
})

export const deleteDemo = endpoint('DELETE', '/api/v1/demo', {
  summary: 'Ends the demo LIVE and deletes the demo creator with everything that it made',
  access: 'owner',
  reply: z.undefined(),
  status: 204,
})
