import type { Database } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { AppError } from '../../core/errors.ts'
import { apiKeyForm, hashSecret, parseApiKey } from '../../core/rights/api-key-form.ts'
import { insertCreator } from '../creators/creators.ts'

export interface Bootstrap {
  readonly creator: string
  readonly key?: string | undefined
}

/**
 * Creates the creator if missing, and makes the key valid for it, to send and read events. Any number of
 * nodes may do this at each start; a new secret under the old id replaces it.
 */
export async function bootstrapKey(database: Database, { creator, key }: Bootstrap): Promise<void> {
  const parsed = key === undefined ? undefined : parseApiKey(key)
  if (parsed === null) throw new AppError('invalid_input', `The key must be ${apiKeyForm}.`)
  await database.transaction(async (transaction) => {
    await insertCreator(transaction, {
      id: creator,
      name: creator,
      time_zone: 'UTC',
      currency: 'USD',
      locale: 'en',
      kind: 'real',
    })
    if (!parsed) return
    const hash = sql`decode(${hashSecret(parsed.secret)}, 'hex')`
    await transaction.query(sql`
      insert into api_keys (id, secret_hash, name, creator_id, scopes)
      values (${parsed.id}, ${hash}, 'bootstrap', ${creator}, array['ingest:write', 'read'])
      on conflict (id) do update set secret_hash = excluded.secret_hash,
        creator_id = excluded.creator_id, scopes = excluded.scopes,
        expires_at = null, revoked_at = null`)
  })
}
