import { createHmac } from 'node:crypto'
import type { Message } from './message.ts'

// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
const PREFIX = 'whsec_'

/** The headers that sign a body: one signature for each secret, so that a receiver can change its secret in its own time. */
export function signedHeaders(
  secrets: readonly string[],
  { id, atMs, body }: { readonly id: string; readonly atMs: number; readonly body: string },
): Record<string, string> {
  const timestamp = String(Math.floor(atMs / 1_000))
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64')
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
  })
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  }
}

/** The body for programs: one alert, since each has an id of its own. */
export function webhookBody({ creator, items, link }: Message): object {
  const [item] = items
  if (!item) throw new Error('a delivery says nothing')
  const { kind, transition, at, ...rest } = item
  return {
    type: kind === 'alert' ? `alert.${transition}` : kind,
    timestamp: at,
    data: { ...rest, creator_id: creator.id, link },
  }
}
