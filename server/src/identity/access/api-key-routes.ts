import type { Database } from '@creatorflow/db/database'
import * as wire from '@creatorflow/shared/features/api-keys'
import { AppError } from '../../core/errors.ts'
import { allowedCreators, requireManage } from '../../core/rights/authorize.ts'
import type { Routes } from '../../http/feature.ts'
import { recordChange } from '../audit/record.ts'
import type { Access } from './access.ts'
import { createApiKey, listApiKeys, lockApiKey, revokeApiKey, rotateApiKey } from './api-keys.ts'
import { confirmManage, makerOf } from './manages.ts'

const unknownKey = () => new AppError('not_found', 'API key not found.')

/** API keys for programs: for one creator or for all. */
export function mountApiKeys(
  { router, answer }: Routes,
  { database, access }: { readonly database: Database; readonly access: Access },
): void {
  answer(router, wire.listApiKeys, async ({ principal }) => ({
    api_keys: await listApiKeys(database, allowedCreators(principal, 'manage')),
  }))

  answer(router, wire.createApiKey, ({ principal, actor, body }) => {
    requireManage(principal, body.creator_id)
    return database.transaction(async (transaction) => {
      await confirmManage(transaction, principal, body.creator_id)
      const key = await createApiKey(transaction, {
        name: body.name,
        creatorId: body.creator_id,
        scopes: body.scopes,
        expiresAt: dateOf(body.expires_at),
        createdBy: actor.name,
        createdById: makerOf(principal),
      })
      await recordChange(transaction, actor, {
        action: 'api_key.created',
        creatorId: key.creator_id,
        target: key.id,
        details: { name: key.name, scopes: key.scopes, expires_at: key.expires_at },
      })
      return key
    })
  })

  answer(router, wire.rotateApiKey, async ({ principal, actor, params, body }) => {
    const manages = allowedCreators(principal, 'manage')
    const key = await database.transaction(async (transaction) => {
      const old = await lockApiKey(transaction, params.id, manages)
      if (!old) throw unknownKey()
      await confirmManage(transaction, principal, old.creator_id)
      const key = await rotateApiKey(transaction, old, {
        createdBy: actor.name,
        createdById: makerOf(principal),
        oldExpiresAt: dateOf(body.old_expires_at),
      })
      await recordChange(transaction, actor, {
        action: 'api_key.rotated',
        creatorId: old.creator_id,
        target: old.id,
        details: { new_id: key.id, old_expires_at: body.old_expires_at },
      })
      return key
    })
    await access.announce({ kind: 'key', id: params.id, reason: null })
    return key
  })

  answer(router, wire.revokeApiKey, async ({ principal, actor, params }) => {
    const manages = allowedCreators(principal, 'manage')
    await database.transaction(async (transaction) => {
      const key = await lockApiKey(transaction, params.id, manages)
      if (!key) throw unknownKey()
      await revokeApiKey(transaction, key.id)
      if (key.revoked_at !== null) return
      await recordChange(transaction, actor, {
        action: 'api_key.revoked',
        creatorId: key.creator_id,
        target: key.id,
        details: { name: key.name },
      })
    })
    await access.announce({ kind: 'key', id: params.id, reason: 'revoked' })
    return undefined
  })
}

function dateOf(text: string | null): Date | null {
  return text === null ? null : new Date(text)
}
