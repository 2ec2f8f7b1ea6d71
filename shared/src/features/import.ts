import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { eventTypeNames } from '../event-types.ts'
import { creatorId } from './creators.ts'

const time = z.iso.datetime()

/** What decides how a file is read and which of its events are accepted. */
export const importRules = z.object({
  creator_id: creatorId,
  currency: z.string(),
  time_zone: z.string(),
  now: time.describe('The database’s current time.'),
  accepts_since: time.describe('Events before this time are rejected.'),
  shops: z
    .array(
      z.object({
        kind: z.string(),
        kind_name: z.string(),
        account: z.string(),
        name: z.string(),
        brings: z.array(z.enum(eventTypeNames)),
      }),
    )
    .describe("Sources that bring the creator's orders already, on or off."),
})
export type ImportRules = z.output<typeof importRules>

export const getImportRules = endpoint('GET', '/api/v1/creators/:creator_id/import-rules', {
  summary:
    'Get what an import checks before it sends: currency, time zone, retention, connected shops',
  access: 'ingest:write',
  params: z.object({ creator_id: creatorId }),
  reply: importRules,
})
