import { randomBytes } from 'node:crypto'
import type { Queryable } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Sealer } from '../../../core/seal.ts'
import { targetContext } from '../../../identity/access/reseal.ts'

/** What of a target nobody is shown. */
export interface TargetSecrets {
  readonly webhook: {
    readonly url: string
    readonly secret: string
    /** Signs as well until then, epoch ms, so that a receiver can change over. */
    readonly previous?: { readonly secret: string; readonly until: number }
  }
  readonly slack: { readonly url: string }
  readonly discord: { readonly url: string }
  readonly telegram: { readonly bot_token: string; readonly chat_id: string }
  /** The address is the person's, as it is by then. */
  readonly email: Readonly<Record<string, never>>
  readonly push: { readonly endpoint: string; readonly p256dh: string; readonly auth: string }
}

const SECRET_BYTES = 32

/** A new signing secret, in the form of Standard Webhooks. */
export function newWebhookSecret(): string {
  return `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`
}

/** Replaces what is sealed of a target. */
export async function writeTargetSecrets<K extends keyof TargetSecrets>(
  database: Queryable,
  sealer: Sealer,
  targetId: string,
  secrets: TargetSecrets[K],
): Promise<void> {
  const sealed = sealer.seal(JSON.stringify(secrets), targetContext(targetId))
  await database.query(sql`
    insert into alert_target_secrets (target_id, sealed) values (${targetId}::uuid, ${sealed})
    on conflict (target_id) do update set sealed = excluded.sealed`)
}

/** Throws `OtherKeyError` if it was sealed with another key. */
export async function readTargetSecrets<K extends keyof TargetSecrets>(
  database: Queryable,
  sealer: Sealer,
  targetId: string,
): Promise<TargetSecrets[K] | undefined> {
  const [row] = await database.query<{ sealed: Uint8Array }>(
    sql`select sealed from alert_target_secrets where target_id = ${targetId}::uuid`,
  )
  // Safe: written by `writeTargetSecrets` for the kind of this target.
  return row && (JSON.parse(sealer.open(row.sealed, targetContext(targetId))) as TargetSecrets[K])
}
