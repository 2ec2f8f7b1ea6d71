import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { creatorId } from './creators.ts'
import { recounting } from './recounting.ts'

/** Most rows of each list in one answer, and most people looked up at once. */
export const crowdLimits = { rows: 50, people: 50 } as const

const sessionId = z.string().min(1).max(200)
const id = z.string().min(1).max(200)

/** What is known of a person by name; both as written by the person. */
const person = z
  .object({
    user_id: z.string(),
    handle: z.string().nullable(),
    name: z.string().nullable(),
  })
  .meta({ id: 'Person' })
export type Person = z.output<typeof person>

const comment = z.object({
  id: z.string(),
  ts: z.iso.datetime(),
  text: z.string(),
  user: person.nullable(),
})
export type CrowdComment = z.output<typeof comment>

const question = comment.extend({ answered_at: z.iso.datetime().nullable() })
export type CrowdQuestion = z.output<typeof question>

export const getCrowd = endpoint('GET', '/api/v1/creators/:creator_id/lives/:session_id/crowd', {
  summary:
    'Get the people of a LIVE: top gifters and buyers, latest orders, comments and questions',
  access: 'read',
  params: z.object({ creator_id: creatorId, session_id: sessionId }),
  query: z.strictObject({
    limit: z.coerce.number().int().min(1).max(crowdLimits.rows).default(20),
  }),
  example: { query: { limit: 10 } },
  reply: z.object({
    gifters: z.array(z.object({ user: person, diamonds: z.int(), gifts: z.int() })),
    buyers: z
      .array(z.object({ user: person, gmv: z.int(), orders: z.int() }))
      .describe(
        'Customers are pseudonymous; there is a name only if the same ID was seen as a viewer.',
      ),
    orders: z.array(
      z.object({
        id: z.string(),
        ts: z.iso.datetime(),
        product_id: z.string().nullable(),
        quantity: z.int(),
        money: z
          .int()
          .nullable()
          .describe("Minor units in the creator's currency; null when it was paid in another one."),
        user: person.nullable(),
      }),
    ),
    comments: z.array(comment),
    questions: z.array(question).describe('Unanswered ones first, each group newest first.'),
    unanswered: z
      .int()
      .describe('Number of questions not marked as answered, including those not listed.'),
    complete: z
      .boolean()
      .describe(
        'False if older events of the LIVE are no longer kept and therefore missing from the lists.',
      ),
    recounting,
  }),
})

export const namePeople = endpoint('GET', '/api/v1/creators/:creator_id/people', {
  summary: 'Look up handles and names of people by ID; unknown IDs are left out',
  access: 'read',
  params: z.object({ creator_id: creatorId }),
  query: z.strictObject({
    ids: z
      .union([id.transform((one) => [one]), z.array(id)])
      .refine((ids) => ids.length <= crowdLimits.people, {
        error: `must be at most ${crowdLimits.people}`,
      }),
  }),
  example: { query: { ids: 'viewer-1' } },
  reply: z.object({ people: z.array(person) }),
})

const oneQuestion = {
  access: 'operate',
  params: z.object({ creator_id: creatorId, session_id: sessionId, comment_id: id }),
  reply: z.undefined(),
  status: 204,
} as const

export const answerQuestion = endpoint(
  'POST',
  '/api/v1/creators/:creator_id/lives/:session_id/questions/:comment_id/answer',
  { summary: 'Mark a question as answered', ...oneQuestion },
)

export const reopenQuestion = endpoint(
  'DELETE',
  '/api/v1/creators/:creator_id/lives/:session_id/questions/:comment_id/answer',
  { summary: 'Mark a question as not answered', ...oneQuestion },
)
