import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { accessAudit, time } from './access.ts'
import { alertsAudit } from './alerts.ts'
import { apiKeysAudit } from './api-keys.ts'
import { creatorId, creatorsAudit } from './creators.ts'
import { deadLettersAudit } from './dead-letters.ts'
import { jobsAudit } from './jobs.ts'
import { notificationsAudit } from './notifications.ts'
import { peopleAudit } from './people.ts'
import { sourcesAudit } from './sources.ts'
import { teamAudit } from './team.ts'

/** Every change of settings or access in the audit log; each area names its own. */
export const auditActions = [
  ...accessAudit,
  ...teamAudit,
  ...apiKeysAudit,
  ...creatorsAudit,
  ...sourcesAudit,
  ...deadLettersAudit,
  ...peopleAudit,
  ...notificationsAudit,
  ...jobsAudit,
  ...alertsAudit,
] as const
export type AuditAction = (typeof auditActions)[number]

const entry = z
  .object({
    id: z.int(),
    at: time,
    actor: z.object({
      kind: z
        .enum(['owner', 'user', 'key', 'server'])
        .describe(
          '`owner` is the local owner; `server` is an action from the server’s configuration.',
        ),
      id: z.string().nullable(),
      name: z.string(),
    }),
    address: z.string().nullable().describe('Network address of the request.'),
    creator_id: creatorId.nullable(),
    action: z.enum(auditActions),
    target: z.string().nullable().describe('What was changed: an ID or an e-mail address.'),
    details: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AuditEntry' })
export type AuditEntry = z.output<typeof entry>

const wanted = {
  creator_id: creatorId.optional(),
  action: z.enum(auditActions).optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
}

export const listAudit = endpoint('GET', '/api/v1/audit', {
  summary: 'List audit log entries of the creators you manage, newest first',
  access: 'manager',
  query: z.strictObject({
    ...wanted,
    /** `next_cursor` of the previous reply. */
    cursor: z
      .string()
      .regex(/^\d{1,15}$/, { error: 'is not a valid cursor' })
      .optional(),
    limit: z.coerce.number().int().min(1).max(500).default(100),
  }),
  example: { query: { creator_id: 'mia', limit: 20 } },
  reply: z.object({ entries: z.array(entry), next_cursor: z.string().nullable() }),
})

export const exportAudit = endpoint('GET', '/api/v1/audit/export', {
  summary: 'Export the audit log as CSV or NDJSON',
  access: 'manager',
  query: z.strictObject({ ...wanted, format: z.enum(['csv', 'ndjson']).default('csv') }),
  writes: 'text/csv',
  example: { query: { format: 'ndjson' } },
  reply: z.undefined(),
})
