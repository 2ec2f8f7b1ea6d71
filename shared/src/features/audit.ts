import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { time } from './access.ts'
import { creatorId } from './creators.ts'

/** Every change of settings or access that the audit log knows, by what was changed. */
export const auditActions = [
  'sign_in.opened',
  'sign_in.ended',
  'sign_in.failed',
  'password.changed',
  'password.reset',
  'password.reset_link_made',
  'totp.enabled',
  'totp.disabled',
  'totp.recovery_code_used',
  'totp.reset',
  'user.created',
  'user.changed',
  'user.deleted',
  'role.changed',
  'invitation.created',
  'invitation.accepted',
  'invitation.revoked',
  'api_key.created',
  'api_key.rotated',
  'api_key.revoked',
  'creator.created',
  'creator.changed',
  'creator.deleted',
  'source.added',
  'source.changed',
  'source.removed',
  'dead_letters.dropped',
  'person.erased',
  'person.exported',
  'job.asked',
] as const
export type AuditAction = (typeof auditActions)[number]

const entry = z.object({
  id: z.int(),
  at: time,
  actor: z.object({
    /** `owner` is the person at the machine, `server` what the server did by its configuration. */
    kind: z.enum(['owner', 'user', 'key', 'server']),
    id: z.string().nullable(),
    name: z.string(),
  }),
  /** Address that the request came from. */
  address: z.string().nullable(),
  creator_id: creatorId.nullable(),
  action: z.enum(auditActions),
  /** What was changed: an id, or an e-mail address. */
  target: z.string().nullable(),
  details: z.record(z.string(), z.unknown()),
})
export type AuditEntry = z.output<typeof entry>

const wanted = {
  creator_id: creatorId.optional(),
  action: z.enum(auditActions).optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
}

export const listAudit = endpoint('GET', '/api/v1/audit', {
  summary: 'Who changed what, newest first, of the creators that the caller manages',
  access: 'manager',
  query: z.strictObject({
    ...wanted,
    /** `next_cursor` of the answer before. */
    cursor: z
      .string()
      .regex(/^\d{1,15}$/, { error: 'is no cursor' })
      .optional(),
    limit: z.coerce.number().int().min(1).max(500).default(100),
  }),
  reply: z.object({ entries: z.array(entry), next_cursor: z.string().nullable() }),
})

export const exportAudit = endpoint('GET', '/api/v1/audit/export', {
  summary: 'The same as a file, CSV or NDJSON',
  access: 'manager',
  query: z.strictObject({ ...wanted, format: z.enum(['csv', 'ndjson']).default('csv') }),
  /** The handler writes the file by itself. */
  reply: z.undefined(),
})
