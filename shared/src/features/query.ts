import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { answer, queryLimits, queryMeta, question } from '../query.ts'
import { creatorId } from './creators.ts'
import { recounting } from './recounting.ts'

const params = z.object({ creator_id: creatorId })

const november = { from: '2026-11-01T00:00:00Z', to: '2026-12-01T00:00:00Z' }

export const askQuestion = endpoint('POST', '/api/v1/creators/:creator_id/query', {
  summary: 'Query metrics by up to three dimensions, over time or in total',
  access: 'read',
  params,
  body: question,
  example: {
    body: { metrics: ['gmv', 'c_o_rate'], by: ['product'], range: november, limit: 10 },
  },
  reply: answer.extend({ recounting }),
})

export const askQuestions = endpoint('POST', '/api/v1/creators/:creator_id/queries', {
  summary: 'Run several queries at once; those of the same time range are read together',
  access: 'read',
  params,
  body: z.strictObject({ questions: z.array(question).min(1).max(queryLimits.questions) }),
  example: {
    body: {
      questions: [
        { metrics: ['gmv'], bucket: 'day', range: november },
        { metrics: ['main_orders'], by: ['traffic_source'], range: november },
      ],
    },
  },
  reply: z.object({
    answers: z
      .array(z.union([answer, z.object({ refused: z.string() })]))
      .describe('One per query, in the same order.'),
    recounting,
  }),
})

export const getQueryMeta = endpoint('GET', '/api/v1/creators/:creator_id/query/meta', {
  summary: 'List metrics, dimensions and buckets, and which can be combined',
  access: 'read',
  params,
  reply: queryMeta,
})
