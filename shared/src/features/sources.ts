import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { sourceKindIds, sourceProblems, sourceStates } from '../sources.ts'
import { creatorId, nameOf } from './creators.ts'

const keysOf = <T extends string>(table: Readonly<Record<T, unknown>>) =>
  Object.keys(table) as [T, ...T[]]

export const sourceKind = z.enum(sourceKindIds as [(typeof sourceKindIds)[number]])
const time = z.iso.datetime()

/** A connection as it is shown: everything but its secrets. */
export const source = z.object({
  id: z.uuid(),
  creator_id: creatorId,
  kind: sourceKind,
  /** The handle, the id of the shop, or the domain of the shop. */
  account: z.string(),
  name: z.string(),
  enabled: z.boolean(),
  settings: z.record(z.string(), z.unknown()),
  created_at: time,
  /** Where its deliveries are sent to, for those that are pushed. */
  webhook_path: z.string().nullable(),
  /** Whether a process tells of it: what stands here is old otherwise. */
  held: z.boolean(),
  state: z.enum(keysOf(sourceStates)),
  since: time,
  problem: z.enum(keysOf(sourceProblems)).nullable(),
  /** What the other side said, shortened. */
  problem_detail: z.string().nullable(),
  problem_at: time.nullable(),
  retry_at: time.nullable(),
  messages: z.int(),
  messages_per_s: z.number(),
  events: z.int(),
  set_aside: z.int(),
  /** Messages of kinds that we do not know, by name. */
  unknown: z.record(z.string(), z.int()),
  last_message_at: time.nullable(),
  last_event_at: time.nullable(),
  lag_ms: z.int().nullable(),
})
export type Source = z.output<typeof source>

const secret = z.string().trim().min(1).max(2_000)

/** What has to be known of each kind to connect it. */
export const newSource = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('tiktok_live'),
    handle: z
      .string()
      .trim()
      .regex(/^@?[A-Za-z0-9._]{2,24}$/, { error: 'must be a TikTok handle, such as @mira' }),
    name: nameOf(200).optional(),
  }),
  z.strictObject({
    kind: z.literal('tiktok_shop'),
    shop_id: z
      .string()
      .trim()
      .regex(/^\d{1,25}$/, { error: 'must be the number of the shop' }),
    name: nameOf(200).optional(),
    app_key: secret,
    app_secret: secret,
    /** Needed to ask the API; without them only deliveries come in, which have no amounts. */
    shop_cipher: secret.optional(),
    access_token: secret.optional(),
    refresh_token: secret.optional(),
    /** The code of a fresh authorization, instead of the two tokens. */
    auth_code: secret.optional(),
  }),
  z.strictObject({
    kind: z.literal('shopify'),
    shop_domain: z
      .string()
      .trim()
      .toLowerCase()
      .regex(/^[a-z0-9][a-z0-9-]{0,60}\.myshopify\.com$/, {
        error: 'must be the domain of the shop, such as mira.myshopify.com',
      }),
    name: nameOf(200).optional(),
    /** Of the app, or of the webhooks of the shop's settings. */
    client_secret: secret,
  }),
])
export type NewSource = z.output<typeof newSource>

const params = z.object({ creator_id: creatorId })
const oneSource = params.extend({ source_id: z.uuid() })

export const listSources = endpoint('GET', '/api/v1/creators/:creator_id/sources', {
  summary: 'The connections of a creator and how they do',
  access: 'read',
  params,
  reply: z.object({
    at: time,
    /** Where `webhook_path` begins for others; null when it is wherever the page came from. */
    public_url: z.string().nullable(),
    sources: z.array(source),
  }),
})

export const addSource = endpoint('POST', '/api/v1/creators/:creator_id/sources', {
  summary: 'Connects a LIVE or a shop',
  access: 'manage',
  params,
  body: newSource,
  reply: source,
  status: 201,
})

export const changeSource = endpoint('PATCH', '/api/v1/creators/:creator_id/sources/:source_id', {
  summary: 'Renames a connection, turns it on or off, or gives it new secrets; it begins anew',
  access: 'manage',
  params: oneSource,
  body: z
    .strictObject({
      name: nameOf(200).optional(),
      enabled: z.boolean().optional(),
      /** Those that are given replace what was there. */
      secrets: z
        .strictObject({
          app_key: secret.optional(),
          app_secret: secret.optional(),
          shop_cipher: secret.optional(),
          access_token: secret.optional(),
          refresh_token: secret.optional(),
          auth_code: secret.optional(),
          client_secret: secret.optional(),
        })
        .optional(),
    })
    .refine((change) => Object.keys(change).length > 0, { error: 'changes nothing' }),
  reply: source,
})

export const removeSource = endpoint('DELETE', '/api/v1/creators/:creator_id/sources/:source_id', {
  summary: 'Disconnects; what came in stays',
  access: 'manage',
  params: oneSource,
  reply: z.undefined(),
  status: 204,
})

export const retrySource = endpoint(
  'POST',
  '/api/v1/creators/:creator_id/sources/:source_id/retry',
  {
    summary: 'Tries a connection again now',
    access: 'operate',
    params: oneSource,
    reply: source,
  },
)
