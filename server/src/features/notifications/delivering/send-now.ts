import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { Item } from '../channels/message.ts'
import type { Send, SentTo } from '../channels/send.ts'
import { type Limits, recordAttempt } from './record.ts'
import { insertBegun } from './store.ts'
import { messageOf } from './worker.ts'

export interface SendNowDeps {
  readonly database: Database
  readonly send: Send
  readonly limits: Limits
  readonly publicUrl: string | undefined
}

/**
 * Sends one message once, while somebody waits for the outcome; it is logged like every delivery, and a success ends a
 * target's pause. Returns the delivery's id.
 */
export async function sendNow(
  { database, send, limits, publicUrl }: SendNowDeps,
  tenant: Tenant,
  target: SentTo,
  item: Item,
): Promise<string> {
  const deliveryId = await insertBegun(database, tenant, target.id, [item])
  const [creator] = await database.query<{ name: string; time_zone: string }>(
    sql`select name, time_zone from creators where id = ${tenant.creatorId}`,
  )
  const began = performance.now()
  const outcome = await send(
    target,
    messageOf(
      target,
      {
        id: deliveryId,
        items: [item],
        creator_name: creator?.name ?? tenant.creatorId,
        time_zone: creator?.time_zone ?? 'UTC',
      },
      publicUrl,
    ),
  )
  const ms = Math.round(performance.now() - began)
  const attempt = { deliveryId, attempts: 1, ageMs: 0, outcome, ms, isTest: true }
  await recordAttempt(database, target, attempt, limits)
  return deliveryId
}
