import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { creatorId, nameOf } from './creators.ts'

/** Where alerts are sent, by what people call it. */
export const targetKinds = {
  webhook: 'Webhook',
  slack: 'Slack',
  discord: 'Discord',
  telegram: 'Telegram',
  email: 'E-mail',
  push: 'Push notification',
} as const
export type TargetKind = keyof typeof targetKinds

/** How a target is doing. */
export const targetStates = ['new', 'ok', 'failing', 'paused', 'off', 'ended'] as const
export type TargetState = (typeof targetStates)[number]

export const deliveryStates = ['waiting', 'sent', 'failed', 'dropped'] as const
export type DeliveryState = (typeof deliveryStates)[number]

const kindNames = Object.keys(targetKinds) as [TargetKind, ...TargetKind[]]
const time = z.iso.datetime()
const params = z.object({ creator_id: creatorId })
const oneTarget = params.extend({ target_id: z.uuid() })
const oneDelivery = params.extend({ delivery_id: z.uuid() })

const target = z
  .object({
    id: z.uuid(),
    kind: z.enum(kindNames),
    name: z.string(),
    address: z
      .string()
      .describe('Host, chat, person or browser; never the whole address, which may be a secret.'),
    own: z.boolean().describe('Whether it is the caller’s own browser or mailbox.'),
    state: z
      .enum(targetStates)
      .describe(
        '`paused` after many failures in a row; `ended` when the receiver said it is gone for good.',
      ),
    failures: z.int().describe('Failed attempts since the last success.'),
    paused_until: time.nullable().describe('When the next delivery tries again.'),
    waiting: z.int().describe('Deliveries that wait to be sent.'),
    sent_at: time.nullable().describe('Last success.'),
    failed_at: time.nullable(),
    problem: z.string().nullable().describe('Why the last attempt failed.'),
    created_at: time,
  })
  .meta({ id: 'AlertTarget' })
export type AlertTarget = z.output<typeof target>

const name = nameOf(100).optional()
const url = z
  .string()
  .trim()
  .min(1)
  .max(2_000)
  .describe('Starts with https:// and leads to the public internet, unless the operator allows it.')
const botToken = z
  .string()
  .trim()
  .regex(/^\d{1,20}:[\w-]{20,100}$/, { error: 'must be a bot token such as 123456:ABC-DEF…' })
const chatId = z
  .string()
  .trim()
  .regex(/^(-?\d{1,20}|@\w{3,60})$/, {
    error: 'must be a chat ID such as -1001234567890, or @channel',
  })

const newTarget = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('webhook'), name, url }),
  z.strictObject({ kind: z.literal('slack'), name, url }),
  z.strictObject({ kind: z.literal('discord'), name, url }),
  z.strictObject({ kind: z.literal('telegram'), name, bot_token: botToken, chat_id: chatId }),
  z.strictObject({
    kind: z.literal('email'),
    name,
    email: z.email().max(320).describe('Of a person with access to the creator.'),
  }),
])
export type NewTarget = z.output<typeof newTarget>
export type NewTargetInput = z.input<typeof newTarget>

const secret = z
  .string()
  .nullable()
  .describe('Signs webhooks (Standard Webhooks). Shown only once; null for other types.')

export const listTargets = endpoint('GET', '/api/v1/creators/:creator_id/alerts/targets', {
  summary: 'List where alerts are sent, and how each target is doing',
  access: 'read',
  params,
  reply: z.object({
    at: time,
    targets: z.array(target),
    email_ready: z.boolean().describe('Whether the server can send e-mail (SMTP_URL).'),
  }),
})

export const addTarget = endpoint('POST', '/api/v1/creators/:creator_id/alerts/targets', {
  summary: 'Add a target for alerts',
  access: 'manage',
  params,
  body: newTarget,
  example: {
    body: { kind: 'webhook', name: 'Warehouse', url: 'https://hooks.example.com/alerts' },
  },
  reply: z.object({ target, secret }),
  status: 201,
})

export const changeTarget = endpoint(
  'PATCH',
  '/api/v1/creators/:creator_id/alerts/targets/:target_id',
  {
    summary: 'Rename a target, turn it on or off, or replace its address',
    access: 'manage',
    params: oneTarget,
    body: z
      .strictObject({
        name,
        enabled: z
          .boolean()
          .optional()
          .describe('Turning it on also resumes a paused or ended target.'),
        url: url.optional(),
      })
      .refine((change) => Object.keys(change).length > 0, { error: 'has no changes' }),
    example: { body: { name: 'Warehouse screen' } },
    reply: target,
  },
)

export const removeTarget = endpoint(
  'DELETE',
  '/api/v1/creators/:creator_id/alerts/targets/:target_id',
  {
    summary: 'Remove a target with its deliveries',
    access: 'manage',
    params: oneTarget,
    reply: z.undefined(),
    status: 204,
  },
)

export const rollSecret = endpoint(
  'POST',
  '/api/v1/creators/:creator_id/alerts/targets/:target_id/roll-secret',
  {
    summary: 'Replace the secret of a webhook; for a day, both secrets sign',
    access: 'manage',
    params: oneTarget,
    reply: z.object({ secret: z.string() }),
  },
)

/** One try to send a delivery. */
const attempt = z.object({
  at: time,
  outcome: z.enum(['sent', 'failed', 'refused', 'gone']),
  status: z.int().nullable().describe('HTTP status of the answer.'),
  text: z.string().nullable().describe('Why it failed.'),
  ms: z.int(),
})
export type DeliveryAttempt = z.output<typeof attempt>

const deliveryItem = z.object({
  id: z.string().describe('Stable: the same alert has the same id in every delivery.'),
  kind: z.enum(['alert', 'insight', 'test']),
  transition: z.enum(['fired', 'recovered']),
  severity: z.enum(['info', 'warning', 'critical']),
  title: z.string(),
  text: z.string(),
  at: time,
})

const delivery = z
  .object({
    id: z.uuid(),
    target_id: z.uuid(),
    target_name: z.string(),
    target_kind: z.enum(kindNames),
    state: z.enum(deliveryStates),
    items: z.array(deliveryItem).describe('Alerts that came together are one message.'),
    attempts: z.array(attempt).describe('Oldest first; at most 20.'),
    created_at: time,
    next_at: time.nullable().describe('When it is tried next; null when it is over.'),
  })
  .meta({ id: 'AlertDelivery' })
export type AlertDelivery = z.output<typeof delivery>

export const testTarget = endpoint(
  'POST',
  '/api/v1/creators/:creator_id/alerts/targets/:target_id/test',
  {
    summary: 'Send a test message now, once',
    access: 'operate',
    params: oneTarget,
    reply: delivery,
  },
)

export const listDeliveries = endpoint('GET', '/api/v1/creators/:creator_id/alerts/deliveries', {
  summary: 'List deliveries of alerts with their attempts, newest first',
  access: 'read',
  params,
  query: z.strictObject({
    target_id: z.uuid().optional(),
    state: z.enum(deliveryStates).optional(),
    cursor: z
      .string()
      .regex(/^\d{1,17}~[0-9a-f-]{36}$/, { error: 'is not a valid cursor' })
      .optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  example: { query: { limit: 20 } },
  reply: z.object({ deliveries: z.array(delivery), next_cursor: z.string().nullable() }),
})

export const resendDelivery = endpoint(
  'POST',
  '/api/v1/creators/:creator_id/alerts/deliveries/:delivery_id/resend',
  {
    summary: 'Send a delivery again, with the same id',
    access: 'operate',
    params: oneDelivery,
    reply: delivery,
  },
)

export const pushKey = endpoint('GET', '/api/v1/creators/:creator_id/alerts/push', {
  summary: 'Get the public key for push subscriptions',
  access: 'read',
  params,
  reply: z.object({ public_key: z.string().describe('VAPID, base64url.') }),
})

export const addPush = endpoint('POST', '/api/v1/creators/:creator_id/alerts/push', {
  summary: 'Send alerts to this browser; a first notification confirms it',
  access: 'read',
  params,
  body: z.strictObject({
    endpoint: url,
    keys: z.strictObject({
      p256dh: z
        .string()
        .regex(/^[\w-]{87}=?$/, { error: 'must be an uncompressed P-256 key in base64url' }),
      auth: z.string().regex(/^[\w-]{22}={0,2}$/, { error: 'must be 16 bytes in base64url' }),
    }),
  }),
  example: {
    body: {
      endpoint: 'https://push.example.com/subscription',
      keys: {
        p256dh:
          'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
        auth: 'BTBZMqHH6r4Tts7J_aSIgg',
      },
    },
  },
  reply: target,
  status: 201,
})

export const removePush = endpoint(
  'DELETE',
  '/api/v1/creators/:creator_id/alerts/push/:target_id',
  {
    summary: 'Stop sending alerts to one of your own browsers',
    access: 'read',
    params: oneTarget,
    reply: z.undefined(),
    status: 204,
  },
)

/** What the audit log notes of it. */
export const notificationsAudit = [
  'alert_target.added',
  'alert_target.changed',
  'alert_target.removed',
  'alert_target.secret_rolled',
] as const
