import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { sourceStates } from '../sources.ts'
import { creatorId, nameOf } from './creators.ts'

const keysOf = <T extends string>(table: Readonly<Record<T, unknown>>) =>
  Object.keys(table) as [T, ...T[]]

/** What a kind, a field and a secret are called by. */
const identifier = z.string().regex(/^[a-z][a-z0-9_]{0,59}$/)
const time = z.iso.datetime()

/** What is asked for to connect a source, as a form shows it. */
const field = z.object({
  name: identifier,
  label: z.string(),
  hint: z.string(),
  secret: z.boolean().describe('Encrypted, and never returned.'),
  optional: z.boolean(),
  form: z
    .enum(['always', 'own_app', 'none'])
    .describe('Who is asked for it: everyone, who brings an app of their own, or programs only.'),
})
export type SourceField = z.output<typeof field>

/** A kind of source: everything that a page says of it. */
const sourceKind = z
  .object({
    kind: identifier,
    name: z.string(),
    summary: z.string().describe('What the source receives.'),
    account_prefix: z.string().describe('Prefix of account names, such as @.'),
    fields: z.array(field).describe('In display order.'),
    afterwards: z.string().describe('Next step after adding the source.'),
    problems: z
      .record(z.string(), z.object({ text: z.string(), todo: z.string() }))
      .describe('Descriptions and fixes of problems specific to this source type.'),
    authorize: z
      .string()
      .nullable()
      .describe(
        'Label of the button to authorize this server; null if only credentials are entered.',
      ),
    connect: z
      .object({
        action: z.string().describe('Label of the button.'),
        own_app: z.string().describe('Label of the form for an app of one’s own.'),
        ready: z
          .boolean()
          .describe('Whether this server has an app; if not, one has to be entered.'),
      })
      .nullable()
      .describe('For a type connected by `connectSource`, without entering an account.'),
    console: z
      .object({
        name: z.string(),
        topics: z.array(z.string()),
        redirect_path: z.string().nullable(),
      })
      .nullable()
      .describe('What to set up at the service: webhook topics, and the path of the redirect URL.'),
    provides: z
      .enum(['lives', 'orders', 'other'])
      .describe('What it is connected for: LIVEs, or a shop’s orders.'),
    checkable: z.boolean().describe('Whether `checkSource` tests the steps of connecting it.'),
    checked_every_s: z
      .int()
      .nullable()
      .describe('Seconds between two checks for something to receive; null if it is pushed.'),
  })
  .meta({ id: 'SourceKind' })
export type SourceKind = z.output<typeof sourceKind>

export const listSourceKinds = endpoint('GET', '/api/v1/source-kinds', {
  summary: 'List source types and the fields each needs',
  access: 'signed_in',
  reply: z.object({ kinds: z.array(sourceKind) }),
})

/** One tested step of connecting a source. */
const sourceCheck = z.object({
  id: identifier,
  name: z.string(),
  state: z
    .enum(['ok', 'failed', 'skipped', 'waiting'])
    .describe('`skipped`: an earlier step has to work first. `waiting`: nothing has arrived yet.'),
  text: z.string().describe('The result, in words.'),
  todo: z.string().nullable().describe('How to fix it.'),
})
export type SourceCheck = z.output<typeof sourceCheck>

/** A connection as it is shown: everything but its secrets. */
export const source = z
  .object({
    id: z.uuid(),
    creator_id: creatorId,
    kind: z.string().describe('One of `listSourceKinds`, unless created by another release.'),
    account: z.string().describe('The handle, shop ID or shop domain.'),
    name: z.string(),
    enabled: z.boolean(),
    settings: z.record(z.string(), z.unknown()),
    created_at: time,
    webhook_path: z.string().nullable().describe('Path of its webhook URL, if it uses webhooks.'),
    held: z
      .boolean()
      .describe('Whether a process is running it; if not, its status is out of date.'),
    state: z.enum(keysOf(sourceStates)),
    since: time,
    problem: z
      .string()
      .nullable()
      .describe('One of `sourceProblems`, or a problem specific to its type.'),
    problem_detail: z.string().nullable().describe('Details from the service, shortened.'),
    problem_at: time.nullable(),
    retry_at: time.nullable(),
    messages: z.int(),
    messages_per_s: z.number(),
    events: z.int(),
    set_aside: z.int(),
    unknown: z.record(z.string(), z.int()).describe('Messages of unknown types, by name.'),
    last_message_at: time.nullable(),
    last_event_at: time.nullable(),
    lag_ms: z.int().nullable(),
    checks: z
      .object({ at: time, steps: z.array(sourceCheck) })
      .nullable()
      .describe('The last `checkSource`; null if its steps were never tested.'),
  })
  .meta({ id: 'Source' })
export type Source = z.output<typeof source>

/** What every new source has; the other fields are those of its kind, which checks them. */
export const newSource = z.looseObject({ kind: identifier, name: nameOf(200).optional() })
export type NewSource = z.output<typeof newSource>

const params = z.object({ creator_id: creatorId })
const oneSource = params.extend({ source_id: z.uuid() })

export const listSources = endpoint('GET', '/api/v1/creators/:creator_id/sources', {
  summary: 'List sources of a creator with their status',
  access: 'read',
  params,
  reply: z.object({
    at: time,
    public_url: z
      .string()
      .nullable()
      .describe('Base URL of `webhook_path`; null means the origin of the page.'),
    sources: z.array(source),
  }),
})

export const addSource = endpoint('POST', '/api/v1/creators/:creator_id/sources', {
  summary: 'Connect a LIVE or a shop',
  access: 'manage',
  params,
  body: newSource,
  example: { body: { kind: 'tiktok_live', handle: 'mia' } },
  reply: source,
  status: 201,
})

export const changeSource = endpoint('PATCH', '/api/v1/creators/:creator_id/sources/:source_id', {
  summary: 'Rename a source, turn it on or off, or replace its credentials; it reconnects',
  access: 'manage',
  params: oneSource,
  body: z
    .strictObject({
      name: nameOf(200).optional(),
      enabled: z.boolean().optional(),
      secrets: z
        .record(identifier, z.string().trim().min(1).max(2_000))
        .optional()
        .describe('Replaces only the given credentials.'),
    })
    .refine((change) => Object.keys(change).length > 0, { error: 'has no changes' }),
  example: { body: { name: 'Main account' } },
  reply: source,
})

export const removeSource = endpoint('DELETE', '/api/v1/creators/:creator_id/sources/:source_id', {
  summary: 'Remove a source; its events stay',
  access: 'manage',
  params: oneSource,
  reply: z.undefined(),
  status: 204,
})

export const retrySource = endpoint(
  'POST',
  '/api/v1/creators/:creator_id/sources/:source_id/retry',
  {
    summary: 'Retry a source now',
    access: 'operate',
    params: oneSource,
    reply: source,
  },
)

export const checkSource = endpoint(
  'POST',
  '/api/v1/creators/:creator_id/sources/:source_id/check',
  {
    summary: 'Test each step of connecting a shop, and create its missing webhooks',
    access: 'manage',
    params: oneSource,
    reply: source,
  },
)

/** How an authorization ended: the page that the browser is sent back to says so. */
export const authorizationOutcomes = [
  'done',
  'connected',
  'choose',
  'denied',
  'expired',
  'not_yours',
  'other_account',
  'no_account',
  'taken',
  'too_many',
  'refused',
  'unreachable',
  'failed',
] as const
export type AuthorizationOutcome = (typeof authorizationOutcomes)[number]

export const authorizeSource = endpoint(
  'POST',
  '/api/v1/creators/:creator_id/sources/:source_id/authorize',
  {
    summary: 'Get the URL where a person authorizes this server',
    access: 'manage',
    params: oneSource,
    reply: z.object({ url: z.url() }),
  },
)

export const connectSource = endpoint('POST', '/api/v1/creators/:creator_id/sources/connect', {
  summary: 'Get the URL where a person authorizes this server for a new source',
  access: 'manage',
  params,
  body: z.strictObject({
    kind: identifier,
    secrets: z
      .record(identifier, z.string().trim().min(1).max(2_000))
      .optional()
      .describe('Of an app of one’s own; without them, that of this server is used.'),
  }),
  example: { body: { kind: 'tiktok_shop', secrets: { app_key: '6a7b8c', app_secret: '9d0e1f' } } },
  reply: z.object({ url: z.url() }),
})

/** An account that was authorized, as one is chosen. */
const authorizedAccount = z.object({
  account: z.string(),
  name: z.string(),
  region: z.string().nullable(),
})
export type AuthorizedAccount = z.output<typeof authorizedAccount>

export const listAuthorizedAccounts = endpoint(
  'GET',
  '/api/v1/creators/:creator_id/sources/authorized',
  {
    summary: 'List the accounts just authorized in this browser; one of them becomes a source',
    access: 'manage',
    params,
    reply: z.object({ kind: identifier, accounts: z.array(authorizedAccount) }),
  },
)

export const chooseAuthorizedAccount = endpoint(
  'POST',
  '/api/v1/creators/:creator_id/sources/authorized',
  {
    summary: 'Connect one of the accounts just authorized in this browser',
    access: 'manage',
    params,
    body: z.strictObject({ account: z.string().max(300) }),
    example: { body: { account: '7495540735365777507' } },
    reply: source,
    status: 201,
  },
)

export const finishAuthorization = endpoint('GET', '/api/v1/sources/:kind/authorized', {
  summary: 'Handle a service’s redirect after an authorization; shows the sources',
  access: 'anyone',
  params: z.object({ kind: z.string().max(60) }),
  query: z.looseObject({}),
  writes: 'redirect',
  reply: z.undefined(),
})

/** What the audit log notes of it. */
export const sourcesAudit = ['source.added', 'source.changed', 'source.removed'] as const
