import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { creatorId } from './creators.ts'

const time = z.iso.datetime()
const letterId = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER)
const params = z.object({ creator_id: creatorId })

const letter = z
  .object({
    id: z.int(),
    source: z.string().describe('Source type, or `inside` for failures in this server.'),
    kind_name: z.string().describe('Display name of the source type.'),
    source_id: z
      .uuid()
      .nullable()
      .describe('Null for failures in this server, and if the source was removed.'),
    source_name: z.string().nullable(),
    topic: z
      .string()
      .nullable()
      .describe('Message type as named by the source, or the event type.'),
    key: z.string().nullable(),
    reason: z.string(),
    received_at: time,
    attempts: z.int().describe('Number of failed replays.'),
    replayed_at: time.nullable(),
    bytes: z.int(),
  })
  .meta({ id: 'DeadLetter' })
export type DeadLetter = z.output<typeof letter>

const filter = {
  source: z
    .string()
    .max(60)
    .optional()
    .describe('Source type, or `inside` for failures in this server.'),
  source_id: z.uuid().optional(),
}

export const listDeadLetters = endpoint('GET', '/api/v1/creators/:creator_id/dead-letters', {
  summary: 'List dead letters, newest first',
  access: 'operate',
  params,
  query: z.strictObject({
    ...filter,
    state: z.enum(['waiting', 'replayed', 'all']).default('waiting'),
    cursor: letterId.optional().describe('`next_cursor` of the previous reply.'),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  reply: z.object({
    letters: z.array(letter),
    next_cursor: z.int().nullable(),
    waiting: z.int().describe('Total for this creator, regardless of the filter.'),
    replayed: z.int(),
    bytes: z.int(),
    limits: z.object({ letters: z.int(), bytes: z.int() }),
    lost: z.int().describe('Dead letters lost because the limit was reached.'),
    lost_at: time.nullable(),
  }),
})

export const showDeadLetter = endpoint(
  'GET',
  '/api/v1/creators/:creator_id/dead-letters/:letter_id',
  {
    summary: 'Get a dead letter with its original message',
    access: 'operate',
    params: params.extend({ letter_id: letterId }),
    reply: letter.extend({
      body: z.string(),
      encoding: z.enum(['text', 'base64']).describe('Binary messages are base64-encoded.'),
    }),
  },
)

/** Some of them by id, or all waiting ones that match the filter up to an id, oldest first. */
const chosen = {
  ...filter,
  ids: z.array(letterId).min(1).max(200).optional(),
  up_to: letterId.optional().describe('Ignores dead letters newer than this ID.'),
}

export const replayDeadLetters = endpoint(
  'POST',
  '/api/v1/creators/:creator_id/dead-letters/replay',
  {
    summary: 'Replay dead letters; each is counted at most once',
    access: 'operate',
    params,
    body: z.strictObject({
      ...chosen,
      after: z.int().min(0).default(0).describe('`next` of the previous reply.'),
      limit: z.int().min(1).max(200).default(50),
    }),
    example: { body: { ids: [1] } },
    reply: z.object({
      replayed: z.int(),
      failed: z.int(),
      next: z.int().nullable().describe('Where to continue; null when done.'),
    }),
  },
)

export const dropDeadLetters = endpoint('POST', '/api/v1/creators/:creator_id/dead-letters/drop', {
  summary: 'Delete dead letters for good',
  access: 'operate',
  params,
  body: z.strictObject({
    ...chosen,
    state: z.enum(['waiting', 'replayed', 'all']).default('waiting'),
  }),
  example: { body: { ids: [1] } },
  reply: z.object({ dropped: z.int() }),
})

/** Actions recorded in the audit log. */
export const deadLettersAudit = ['dead_letters.dropped'] as const
