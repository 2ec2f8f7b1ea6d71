import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { creatorId } from './creators.ts'

export const erasePerson = endpoint('DELETE', '/api/v1/creators/:creator_id/people/:user_id', {
  summary: 'Erases a viewer or customer: what was counted stays, who it was goes',
  access: 'manage',
  params: z.object({ creator_id: creatorId, user_id: z.string().min(1).max(200) }),
  reply: z.object({
    /** Events of the person, which now bear a random name. */
    events: z.int(),
    /** Comments that were deleted. */
    comments: z.int(),
  }),
})
