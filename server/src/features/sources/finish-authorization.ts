import { type Database, errorCode } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import type { AuthorizationOutcome } from '@creatorflow/shared/features/sources'
import type { Config } from '../../core/config/config.ts'
import type { Log } from '../../core/log.ts'
import type { Actor } from '../../core/rights/actor.ts'
import { serverTenant } from '../../core/rights/authorize.ts'
import { OtherKeyError, type Sealer } from '../../core/seal.ts'
import { recordChange } from '../../identity/audit/record.ts'
import type { Attempt } from '../../sources/runtime/authorization.ts'
import type { SourceKinds } from '../../sources/runtime/registry.ts'
import type { Secrets, SourceRow } from '../../sources/runtime/source.ts'
import { readSecrets, readSource, touchSource, writeSecrets } from '../../sources/runtime/store.ts'

export interface AuthorizationDeps {
  readonly database: Database
  readonly sealer: Sealer
  readonly sourceKinds: SourceKinds
  readonly config: Pick<Config, 'publicUrl'>
  readonly log: Log
  readonly announce: (tenant: Tenant) => void
}

const EXCHANGE_MS = 10_000

/**
 * Completes an authorization that a browser brings back: asks the service for its grant, and stores it.
 * `verifier` is what the browser kept, `query` what the service returned.
 */
export function createFinish(deps: AuthorizationDeps) {
  const { database, sealer, sourceKinds, config, log, announce } = deps

  return async function finish(
    attempt: Attempt,
    verifier: string,
    actor: Actor,
    query: Readonly<Record<string, unknown>>,
  ): Promise<AuthorizationOutcome> {
    if (attempt.until < Date.now()) return 'expired'
    if (query.error !== undefined) return query.error === 'access_denied' ? 'denied' : 'failed'
    const { code } = query
    const tenant = serverTenant(attempt.creatorId)
    const source = await readSource(database, tenant, attempt.sourceId)
    const oauth = sourceKinds.get(attempt.kind)?.oauth
    if (typeof code !== 'string' || code === '' || !oauth || source?.kind !== attempt.kind) {
      return 'failed'
    }
    const before = await knownSecrets(database, sealer, source.id)
    const { redirectUri } = attempt
    const signal = AbortSignal.timeout(EXCHANGE_MS)
    const of = {
      source,
      secrets: before,
      config,
      redirectUri,
      verifier,
      code,
      answer: query,
      signal,
    }
    const given = await oauth.exchange(of).catch((error: unknown) => {
      const hidden = [code, verifier, ...Object.values(before)]
      log.warn({ source: source.id, reason: reasonOf(error, hidden) }, 'an authorization failed')
      return null
    })
    if (!given) return 'failed'
    if (given.account !== undefined && given.account !== source.account) return 'other_account'
    const isStored = await store(tenant, source, given.secrets, actor)
    if (isStored) announce(tenant)
    return isStored ? 'done' : 'failed'
  }

  /** False if the source was removed meanwhile. */
  function store(tenant: Tenant, source: SourceRow, secrets: Secrets, actor: Actor) {
    return database.transaction(async (tx) => {
      if (!(await touchSource(tx, tenant, source.id))) return false
      await writeSecrets(tx, sealer, source.id, secrets)
      await recordChange(tx, actor, {
        action: 'source.changed',
        creatorId: tenant.creatorId,
        target: source.id,
        details: { name: source.name, kind: source.kind, secrets: Object.keys(secrets) },
      })
      return true
    })
  }
}

/** Secrets encrypted with another key are useless: new ones are about to come. */
export async function knownSecrets(
  database: Database,
  sealer: Sealer,
  sourceId: string,
): Promise<Secrets> {
  try {
    return await readSecrets(database, sealer, sourceId)
  } catch (error) {
    if (error instanceof OtherKeyError) return {}
    throw error
  }
}

/** The error, without secrets. */
function reasonOf(error: unknown, hidden: readonly string[]): string {
  if (!(error instanceof Error)) return 'unknown'
  const reason = [errorCode(error), error.message].join(' ').trim()
  return hidden.reduce((shown, secret) => shown.replaceAll(secret, '…'), reason)
}
