import { createHmac, randomUUID } from 'node:crypto'
import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { ask, type Reply, type TestApp } from '../../../../test/harness.ts'
import type { Received } from './services.ts'

export interface PutAlert {
  readonly episode?: string
  readonly transition?: 'fired' | 'recovered'
  readonly kind?: 'alert' | 'insight'
  readonly severity?: 'info' | 'warning' | 'critical'
  readonly name?: string
  readonly words?: string | null
  readonly targets?: readonly string[] | null
  readonly hushed?: string | null
  readonly subject?: string
  /** From now. */
  readonly heldMs?: number | null
}

/** A row in the outbox, as alerts write it. Returns its id. */
export async function putAlert(
  database: Database,
  creatorId: string,
  alert: PutAlert = {},
): Promise<string> {
  const { episode = randomUUID().replaceAll('-', ''), transition = 'fired', kind = 'alert' } = alert
  const { severity = 'warning', name = 'Conversion low', words = null, hushed = null } = alert
  const { targets = null, heldMs = null, subject = '' } = alert
  const id = `${episode}.${transition}`
  const why = {
    kind: 'value',
    metric: 'ctr',
    value: 0.041,
    relation: '<',
    line: 0.06,
    sample: { metric: 'product_impressions', value: 1_204 },
    over_minutes: null,
  }
  await database.query(sql`
    insert into alert_outbox (id, creator_id, episode_id, rule_id, session_id, subject, kind, transition, severity, name,
      words, why, at, fired_at, targets, on_screen, hushed, held_until)
    values (${id}, ${creatorId}, ${episode}, gen_random_uuid(), 'live-1', ${subject}, ${kind}, ${transition}, ${severity}, ${name},
      ${words}, ${JSON.stringify(why)}::jsonb, clock_timestamp(), clock_timestamp(),
      ${targets && JSON.stringify(targets)}::jsonb, true, ${hushed},
      clock_timestamp() + make_interval(secs => ${heldMs === null ? null : heldMs / 1_000}::float8))`)
  return id
}

/** Calls an address below `…/alerts/` of a creator, as the owner of the installation unless said otherwise. */
export function alertsOf(
  app: TestApp,
  creatorId: string,
  as: Readonly<Record<string, string>> = app.owner,
) {
  return (method: string, path: string, body?: object): Promise<Reply> =>
    ask(
      app.port,
      method,
      `/api/v1/creators/${creatorId}/alerts/${path}`,
      { 'content-type': 'application/json', ...as },
      body && JSON.stringify(body),
    )
}

/** Whether one of these secrets signed it, checked as the convention tells receivers to. */
export function isSigned({ headers, body }: Received, secret: string): boolean {
  const id = String(headers['webhook-id'])
  const timestamp = String(headers['webhook-timestamp'])
  if (Math.abs(Date.now() / 1_000 - Number(timestamp)) > 300) return false
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  const expected = createHmac('sha256', key)
    .update(`${id}.${timestamp}.`)
    .update(body)
    .digest('base64')
  return String(headers['webhook-signature']).split(' ').includes(`v1,${expected}`)
}
