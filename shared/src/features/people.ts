import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { creatorId } from './creators.ts'

const onePerson = z.object({ creator_id: creatorId, user_id: z.string().min(1).max(200) })

export const findPeople = endpoint('GET', '/api/v1/creators/:creator_id/people-search', {
  summary: 'Find viewers and customers by handle, name or ID',
  access: 'manage',
  params: z.object({ creator_id: creatorId }),
  query: z.strictObject({
    q: z.string().trim().min(2).max(200).describe('Part of a handle or name, or a whole ID.'),
  }),
  example: { query: { q: 'noor' } },
  reply: z.object({
    people: z
      .array(
        z.object({
          user_id: z.string(),
          handle: z.string().nullable(),
          name: z.string().nullable(),
          seen_at: z.iso.datetime(),
        }),
      )
      .describe('At most 20, best match first.'),
  }),
})
export type FoundPerson = z.output<typeof findPeople.reply>['people'][number]

export const exportPerson = endpoint('GET', '/api/v1/creators/:creator_id/people/:user_id', {
  summary:
    'Export all data of a viewer or customer as NDJSON: lines of kind person, comment and event, preceded by one of kind recounting while late events wait',
  access: 'manage',
  params: onePerson,
  writes: 'application/x-ndjson',
  reply: z.undefined(),
})

export const erasePerson = endpoint('DELETE', '/api/v1/creators/:creator_id/people/:user_id', {
  summary: 'Erase a viewer or customer; totals stay the same',
  access: 'manage',
  params: onePerson,
  reply: z.object({
    events: z.int().describe('Anonymized events of the person.'),
    comments: z.int().describe('Deleted comments.'),
    messages: z
      .int()
      .describe('Deleted messages about the person that were waiting or dead letters.'),
  }),
})

/** What the audit log notes of it. */
export const peopleAudit = ['person.erased', 'person.exported'] as const
