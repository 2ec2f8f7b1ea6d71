import { type Database, errorCode } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import type { AuthorizationOutcome, Source } from '@creatorflow/shared/features/sources'
import type { Config } from '../../core/config/config.ts'
import type { Log } from '../../core/log.ts'
import type { Actor } from '../../core/rights/actor.ts'
import { serverTenant } from '../../core/rights/authorize.ts'
import { OtherKeyError, type Sealer } from '../../core/seal.ts'
import { recordChange } from '../../identity/audit/record.ts'
import type { Attempt } from '../../sources/runtime/authorization.ts'
import { AuthorizationError } from '../../sources/runtime/oauth.ts'
import type { SourceKinds } from '../../sources/runtime/registry.ts'
import type { Secrets, SourceRow } from '../../sources/runtime/source.ts'
import {
  readSecrets,
  readSource,
  type SourceHealthRow,
  touchSource,
  writeSecrets,
} from '../../sources/runtime/store.ts'
import type { ChangesDeps } from './changes.ts'

export interface AuthorizationDeps {
  readonly database: Database
  readonly sealer: Sealer
  readonly sourceKinds: SourceKinds
  readonly config: Pick<Config, 'publicUrl'> & ChangesDeps['config']
  readonly log: Log
  readonly announce: (tenant: Tenant) => void
  readonly toSource: (row: SourceHealthRow) => Source
}

export const EXCHANGE_MS = 10_000

type Query = Readonly<Record<string, unknown>>
type Ended = { readonly outcome: AuthorizationOutcome }

/** The code that a service sent back with the browser, or why there is none. */
export function codeOf({ until }: Attempt, query: Query): { readonly code: string } | Ended {
  if (until < Date.now()) return { outcome: 'expired' }
  const { error, code } = query
  if (error !== undefined) return { outcome: error === 'access_denied' ? 'denied' : 'failed' }
  // Services that name no error just send the browser back.
  return typeof code === 'string' && code !== '' ? { code } : { outcome: 'denied' }
}

/** Trades a code for secrets, or says why the service did not give them. */
export function createExchange({
  sourceKinds,
  config,
  log,
}: Pick<AuthorizationDeps, 'sourceKinds' | 'config' | 'log'>) {
  return async (
    { kind, redirectUri }: Attempt,
    {
      source,
      secrets,
      verifier,
      code,
      query,
    }: {
      readonly source?: SourceRow
      readonly secrets: Secrets
      readonly verifier: string
      readonly code: string
      readonly query: Query
    },
  ) => {
    const oauth = sourceKinds.get(kind)?.oauth
    if (!oauth) return { outcome: 'failed' as const }
    const signal = AbortSignal.timeout(EXCHANGE_MS)
    const of = { secrets, config, redirectUri, verifier, code, answer: query, signal }
    return oauth.exchange({ ...of, ...(source && { source }) }).catch((error: unknown) => {
      const hidden = [code, verifier, ...Object.values(secrets).filter(Boolean)]
      log.warn({ source: source?.id, reason: reasonOf(error, hidden) }, 'an authorization failed')
      return { outcome: error instanceof AuthorizationError ? error.outcome : ('failed' as const) }
    })
  }
}

/**
 * Completes an authorization that a browser brings back for a source: asks the service for its grant, and stores
 * it. `verifier` is what the browser kept, `query` what the service returned.
 */
export function createFinish(deps: AuthorizationDeps) {
  const { database, sealer, announce } = deps
  const exchange = createExchange(deps)

  return async function finish(
    attempt: Attempt & { readonly sourceId: string },
    verifier: string,
    actor: Actor,
    query: Query,
  ): Promise<AuthorizationOutcome> {
    const read = codeOf(attempt, query)
    if ('outcome' in read) return read.outcome
    const tenant = serverTenant(attempt.creatorId)
    const source = await readSource(database, tenant, attempt.sourceId)
    if (source?.kind !== attempt.kind) return 'failed'
    const secrets = await knownSecrets(database, sealer, source.id)
    const given = await exchange(attempt, { source, secrets, verifier, code: read.code, query })
    if ('outcome' in given) return given.outcome
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
