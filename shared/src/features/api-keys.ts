import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { scopes, time } from './access.ts'
import { creatorId, nameOf } from './creators.ts'

const keyId = z.string().regex(/^[A-Za-z0-9]{8}$/, { error: 'is not a key ID' })
const params = z.object({ id: keyId })

const apiKey = z
  .object({
    id: z.string(),
    name: z.string(),
    creator_id: creatorId.nullable().describe('Null means all creators of this server.'),
    scopes: z.array(z.enum(scopes)),
    created_at: time,
    created_by: z
      .string()
      .nullable()
      .describe('Name of the creator of the key; null if it comes from the configuration.'),
    last_used_at: time.nullable(),
    expires_at: time.nullable(),
    revoked_at: time.nullable(),
    replaces: z.string().nullable().describe('The key that this one replaces.'),
  })
  .meta({ id: 'ApiKey' })
export type ApiKey = z.output<typeof apiKey>
/** With the text that is shown only once. */
const newKey = apiKey.extend({ key: z.string() })

const future = z.iso.datetime({ offset: true })

export const listApiKeys = endpoint('GET', '/api/v1/api-keys', {
  summary: 'List API keys of the creators you manage, without their secrets',
  access: 'manager',
  reply: z.object({ api_keys: z.array(apiKey) }),
})

export const createApiKey = endpoint('POST', '/api/v1/api-keys', {
  summary: 'Create an API key; returns its secret once',
  access: 'manager',
  body: z.strictObject({
    name: nameOf(100),
    creator_id: creatorId.nullable().default(null),
    scopes: z.array(z.enum(scopes)).min(1).max(scopes.length),
    expires_at: future.nullable().default(null),
  }),
  example: { body: { name: 'Checkout', creator_id: 'mia', scopes: ['ingest:write'] } },
  reply: newKey,
  status: 201,
})

export const rotateApiKey = endpoint('POST', '/api/v1/api-keys/:id/rotate', {
  summary:
    'Rotate an API key: create a second one with the same scopes; the old one works until revoked or old_expires_at',
  access: 'manager',
  params,
  body: z.strictObject({ old_expires_at: future.nullable().default(null) }),
  example: { body: {} },
  reply: newKey,
  status: 201,
})

export const revokeApiKey = endpoint('DELETE', '/api/v1/api-keys/:id', {
  summary: 'Revoke an API key and disconnect its sockets',
  access: 'manager',
  params,
  reply: z.undefined(),
  status: 204,
})

/** Actions recorded in the audit log. */
export const apiKeysAudit = ['api_key.created', 'api_key.rotated', 'api_key.revoked'] as const
