import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { answer, queryLimits, queryMeta, question } from '../query.ts'
import { creatorId } from './creators.ts'
import { recounting } from './live.ts'

const params = z.object({ creator_id: creatorId })

export const askQuestion = endpoint('POST', '/api/v1/creators/:creator_id/query', {
  summary: 'Any metrics by up to three dimensions, over time or in total',
  access: 'read',
  params,
  body: question,
  reply: answer.extend({ recounting }),
})

export const askQuestions = endpoint('POST', '/api/v1/creators/:creator_id/queries', {
  summary: 'The questions of a page together: those of the same time are read once',
  access: 'read',
  params,
  body: z.strictObject({ questions: z.array(question).min(1).max(queryLimits.questions) }),
  reply: z.object({
    /** One for each question, in their order. */
    answers: z.array(z.union([answer, z.object({ refused: z.string() })])),
    recounting,
  }),
})

export const getQueryMeta = endpoint('GET', '/api/v1/creators/:creator_id/query/meta', {
  summary: 'What can be asked: metrics, dimensions, buckets, and which go together',
  access: 'read',
  params,
  reply: queryMeta,
})
