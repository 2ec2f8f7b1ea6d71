import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { eventLimits } from '../events.ts'
import { goalMetrics, MOST_TARGET } from '../goal.ts'
import { creatorId } from './creators.ts'

const sessionId = z.string().min(1).max(eventLimits.idCharacters)
const goalFields = {
  session_id: sessionId
    .nullable()
    .describe('Null means every LIVE of the creator without its own goal.'),
  metric: z.enum(goalMetrics),
  target: z.int().min(1).max(MOST_TARGET).describe('Minor units, orders or people.'),
  planned_minutes: z
    .int()
    .min(1)
    .max(1_440)
    .nullable()
    .describe('Planned length of the LIVE; null if not set.'),
}

const goal = z
  .object({
    id: z.uuid().describe('Changes with every update.'),
    ...goalFields,
  })
  .meta({ id: 'Goal' })
export type Goal = z.output<typeof goal>

const path = '/api/v1/creators/:creator_id/goal'
const params = z.object({ creator_id: creatorId })
const query = z.strictObject({ session_id: sessionId.optional() })

export const getGoal = endpoint('GET', path, {
  summary: 'Get the goal of a LIVE: its own, or the one for every LIVE',
  access: 'read',
  params,
  query,
  example: { query: { session_id: 'live-1' } },
  reply: z.object({ goal: goal.nullable() }),
})

export const setGoal = endpoint('POST', path, {
  summary: 'Set the goal of one LIVE or of every LIVE',
  access: 'operate',
  params,
  body: z.strictObject({
    ...goalFields,
    session_id: goalFields.session_id.default(null),
    planned_minutes: goalFields.planned_minutes.default(null),
  }),
  example: { body: { metric: 'gmv', target: 500_000, session_id: 'live-1' } },
  reply: z.object({ goal }),
})

export const removeGoal = endpoint('DELETE', path, {
  summary: 'Remove the goal of one LIVE, or without `session_id` the one for every LIVE',
  access: 'operate',
  params,
  query,
  example: { query: { session_id: 'live-1' } },
  reply: z.undefined(),
  status: 204,
})
