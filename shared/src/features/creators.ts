import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { recounting } from './recounting.ts'

export const creatorId = z
  .string()
  .regex(/^[a-z0-9_-]{1,64}$/, { error: 'must be 1 to 64 of a-z, 0-9, _ and -' })

/** A name of one line: no control characters, among them the U+0000 that a database refuses. */
export function nameOf(most: number) {
  return z
    .string()
    .trim()
    .min(1)
    .max(most)
    .regex(/^\P{Cc}*$/u, { error: 'must not contain control characters' })
}

const timeZone = z.string().max(64).refine(isTimeZone, { error: 'is not a time zone name' })
const currency = z.string().refine((code) => Intl.supportedValuesOf('currency').includes(code), {
  error: 'is not an ISO 4217 currency code',
})
const locale = z.string().max(35).refine(isLocale, { error: 'is not a language tag' })

export const creator = z
  .object({
    id: creatorId,
    name: z.string(),
    time_zone: z.string(),
    currency: z.string(),
    locale: z.string(),
    kind: z.enum(['real', 'demo', 'replay']),
    created_at: z.iso.datetime(),
    logo: z
      .string()
      .nullable()
      .describe('Version of its logo, which `getLogo` takes as `v`; null if it has none.'),
  })
  .meta({ id: 'Creator' })
export type Creator = z.output<typeof creator>

export const newCreator = z.strictObject({
  id: creatorId,
  name: nameOf(200),
  time_zone: timeZone,
  currency,
  locale: locale.default('en'),
  kind: z.enum(['real', 'demo', 'replay']).default('real'),
})
export type NewCreator = z.output<typeof newCreator>

export const listCreators = endpoint('GET', '/api/v1/creators', {
  summary: 'List creators you can see, by name',
  access: 'signed_in',
  query: z.object({
    limit: z.coerce.number().int().min(1).max(1_000).default(1_000),
    cursor: z.string().max(500).optional().describe('`cursor` of the previous reply.'),
  }),
  /** `cursor` is null on the last page. */
  reply: z.object({ creators: z.array(creator), cursor: z.string().nullable() }),
})

export const createCreator = endpoint('POST', '/api/v1/creators', {
  summary: 'Create a creator',
  access: 'owner',
  body: newCreator,
  example: { body: { id: 'mia', name: 'Mia', time_zone: 'America/New_York', currency: 'USD' } },
  reply: creator,
  status: 201,
})

/** What may be changed of a creator; at least one of them. */
export const creatorChange = z
  .strictObject({
    name: nameOf(200).optional(),
    time_zone: timeZone.optional(),
    currency: currency.optional(),
    locale: locale.optional(),
  })
  .refine((change) => Object.keys(change).length > 0, { error: 'has no changes' })
export type CreatorChange = z.output<typeof creatorChange>

export const changeCreator = endpoint('PATCH', '/api/v1/creators/:creator_id', {
  summary:
    'Update a creator; a new time zone or currency applies once all its numbers are recounted: the answer is 202 until then',
  accepted: 'The recount goes on: `getRecount` says how far it is.',
  access: 'manage',
  params: z.object({ creator_id: creatorId }),
  body: creatorChange,
  example: { body: { name: 'Mia sells' } },
  reply: creator.extend({ recounting }).meta({ id: 'ChangedCreator' }),
})

const oneCreator = z.object({ creator_id: creatorId })

export const getRecount = endpoint('GET', '/api/v1/creators/:creator_id/recount', {
  summary: 'Get the progress of a creator’s recount, and the settings that apply after it',
  access: 'read',
  params: oneCreator,
  reply: z.object({
    recounting,
    settings: z
      .object({ time_zone: z.string(), currency: z.string() })
      .nullable()
      .describe('The time zone and currency that numbers are recounted by; null if they stay.'),
  }),
})

/** One pixel. */
const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII='

export const setLogo = endpoint('POST', '/api/v1/creators/:creator_id/logo', {
  summary: 'Set the logo of a creator: a small PNG, JPEG or WebP image',
  access: 'manage',
  params: oneCreator,
  body: z.strictObject({ image: z.base64().min(1).describe('The file, in base64.') }),
  example: { body: { image: pixel } },
  reply: z.object({ logo: z.string() }),
})

export const getLogo = endpoint('GET', '/api/v1/creators/:creator_id/logo', {
  summary: 'Get the logo of a creator',
  access: 'read',
  params: oneCreator,
  query: z.object({
    v: z.string().max(64).optional().describe('Its version; with it, browsers may keep it.'),
  }),
  writes: 'image/*',
  reply: z.undefined(),
})

export const removeLogo = endpoint('DELETE', '/api/v1/creators/:creator_id/logo', {
  summary: 'Remove the logo of a creator',
  access: 'manage',
  params: oneCreator,
  reply: z.undefined(),
  status: 204,
})

export const exportCreator = endpoint('GET', '/api/v1/creators/:creator_id/export', {
  summary:
    'Export all events of a creator as NDJSON, ready for `npm run import -- ndjson`; comments and names are included',
  access: 'manage',
  params: z.object({ creator_id: creatorId }),
  writes: 'application/x-ndjson',
  reply: z.undefined(),
})

export const deleteCreator = endpoint('DELETE', '/api/v1/creators/:creator_id', {
  summary: 'Delete a creator with all its data, keys, roles and sources; this can’t be undone',
  access: 'manage',
  params: z.object({ creator_id: creatorId }),
  query: z.strictObject({ confirm: z.string().max(64).describe('The creator’s ID again.') }),
  example: { query: { confirm: 'mia' } },
  reply: z.undefined(),
  status: 204,
})

function isTimeZone(name: string): boolean {
  // Offsets such as +02:00 are no zones of a place: they have no summer time.
  if (!/^[A-Za-z]/.test(name)) return false
  return accepted(() => new Intl.DateTimeFormat('en', { timeZone: name }))
}

function isLocale(tag: string): boolean {
  return accepted(() => Intl.getCanonicalLocales(tag))
}

/** Intl says no by throwing. */
function accepted(check: () => unknown): boolean {
  try {
    check()
    return true
  } catch {
    return false
  }
}

/** What the audit log notes of it. */
export const creatorsAudit = [
  'creator.created',
  'creator.changed',
  'creator.logo_set',
  'creator.logo_removed',
  'creator.exported',
  'creator.deleted',
] as const
