import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { creatorId, nameOf } from './creators.ts'

export const scopes = ['ingest:write', 'read'] as const
export type Scope = (typeof scopes)[number]

const time = z.iso.datetime()

export const signIn = endpoint('POST', '/api/v1/sign-in', {
  summary: 'Opens a browser session with an API key that may read; sets a cookie',
  access: 'anyone',
  body: z.strictObject({ key: z.string().max(200) }),
  reply: z.object({ expires_at: time }),
  status: 201,
})

export const signOut = endpoint('DELETE', '/api/v1/sign-in', {
  summary: 'Ends the browser session of the cookie',
  access: 'anyone',
  reply: z.undefined(),
  status: 204,
})

export const me = endpoint('GET', '/api/v1/me', {
  summary: 'Who is asking, and what they may see',
  access: 'signed_in',
  reply: z.object({
    kind: z.enum(['owner', 'key']),
    local_owner: z.boolean(),
    key_id: z.string().nullable(),
    scopes: z.array(z.enum(scopes)),
    creators: z.array(z.object({ id: creatorId, name: z.string() })),
  }),
})

const apiKey = z.object({
  id: z.string(),
  name: z.string(),
  creator_id: creatorId.nullable(),
  scopes: z.array(z.enum(scopes)),
  created_at: time,
  last_used_at: time.nullable(),
  expires_at: time.nullable(),
  revoked_at: time.nullable(),
})
export type ApiKey = z.output<typeof apiKey>

export const listApiKeys = endpoint('GET', '/api/v1/api-keys', {
  summary: 'All API keys, without their secrets',
  access: 'owner',
  reply: z.object({ api_keys: z.array(apiKey) }),
})

export const createApiKey = endpoint('POST', '/api/v1/api-keys', {
  summary: 'Makes an API key; its secret is shown this once',
  access: 'owner',
  body: z.strictObject({
    name: nameOf(100),
    creator_id: creatorId.nullable().default(null),
    scopes: z.array(z.enum(scopes)).min(1).max(scopes.length),
    expires_at: z.iso.datetime({ offset: true }).nullable().default(null),
  }),
  reply: apiKey.extend({ key: z.string() }),
  status: 201,
})

export const revokeApiKey = endpoint('DELETE', '/api/v1/api-keys/:id', {
  summary: 'Revokes an API key and every session that was opened with it',
  access: 'owner',
  params: z.object({ id: z.string().regex(/^[A-Za-z0-9]{8}$/, { error: 'is no id of a key' }) }),
  reply: z.undefined(),
  status: 204,
})
