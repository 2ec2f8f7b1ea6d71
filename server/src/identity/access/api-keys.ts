import type { Queryable, Transaction } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { type Scope, scopes as scopesThatAre } from '@creatorflow/shared/features/access'
import type { ApiKey } from '@creatorflow/shared/features/api-keys'
import { AppError } from '../../core/errors.ts'
import { createLookupCache } from '../../core/lookup-cache.ts'
import { createOncePer } from '../../core/once-per.ts'
import {
  hashSecret,
  mintApiKey,
  parseApiKey,
  secretMatches,
} from '../../core/rights/api-key-form.ts'
import type { KeyPrincipal } from '../../core/rights/principal.ts'
import { ofCreators } from '../creators/of-creators.ts'

export interface NewApiKey {
  readonly name: string
  readonly creatorId: string | null
  readonly scopes: readonly Scope[]
  readonly expiresAt?: Date | null
  /** Name of its maker. */
  readonly createdBy?: string | null
  readonly createdById?: string | null
  /** The key that this one replaces. */
  readonly replaces?: string | null
}

interface ApiKeyRow {
  readonly id: string
  readonly name: string
  readonly creator_id: string | null
  readonly scopes: string
  readonly created_at: Date
  readonly last_used_at: Date | null
  readonly expires_at: Date | null
  readonly revoked_at: Date | null
  readonly created_by: string | null
  readonly replaces: string | null
}

const columns = sql`id, name, creator_id, array_to_string(scopes, ',') as scopes,
  created_at, last_used_at, expires_at, revoked_at, created_by, replaces`

const maxListed = 1_000

/** Condition that a key is neither revoked nor expired. */
export const keyWorks = sql`revoked_at is null and (expires_at is null or expires_at > now())`

/** Creates a key; its text is only in the answer. */
export async function createApiKey(
  database: Queryable,
  {
    name,
    creatorId,
    scopes,
    expiresAt = null,
    createdBy = null,
    createdById = null,
    replaces = null,
  }: NewApiKey,
): Promise<ApiKey & { key: string }> {
  if (creatorId !== null) {
    const [known] = await database.query(sql`select id from creators where id = ${creatorId}`)
    if (!known) throw new AppError('not_found', `Creator "${creatorId}" not found.`)
  }
  const minted = mintApiKey()
  const [row] = await database.query<ApiKeyRow>(sql`
    insert into api_keys
      (id, secret_hash, name, creator_id, scopes, expires_at, created_by, created_by_id, replaces)
    values (${minted.id}, decode(${hashSecret(minted.secret)}, 'hex'), ${name}, ${creatorId},
      string_to_array(${[...new Set(scopes)].join(',')}, ','), ${expiresAt}, ${createdBy},
      ${createdById}::uuid, ${replaces})
    returning ${columns}`)
  if (!row) throw new Error('the database returned no key')
  return { ...toApiKey(row), key: minted.key }
}

/** Keys of some creators, newest first, without secrets; those for all creators only among all. */
export async function listApiKeys(
  database: Queryable,
  creators: 'all' | readonly string[],
): Promise<ApiKey[]> {
  const rows = await database.query<ApiKeyRow>(sql`
    select ${columns} from api_keys where ${ofCreators(creators)}
    order by created_at desc, id limit ${maxListed}::int`)
  return rows.map(toApiKey)
}

/** One of those keys, locked so only one change happens at a time. */
export async function lockApiKey(
  transaction: Transaction,
  id: string,
  creators: 'all' | readonly string[],
): Promise<ApiKey | null> {
  const [row] = await transaction.query<ApiKeyRow>(
    sql`select ${columns} from api_keys where id = ${id} and ${ofCreators(creators)} for update`,
  )
  return row ? toApiKey(row) : null
}

/** Revokes a key; repeating it changes nothing. */
export async function revokeApiKey(database: Queryable, id: string): Promise<void> {
  await database.query(
    sql`update api_keys set revoked_at = coalesce(revoked_at, now()) where id = ${id}`,
  )
}

/**
 * Creates a second key with the rights of a working one. At most two at a time: a key with a successor, or
 * with its predecessor still active, needs the other one revoked first.
 */
export async function rotateApiKey(
  transaction: Transaction,
  old: ApiKey,
  {
    createdBy,
    createdById,
    oldExpiresAt,
  }: { createdBy: string; createdById: string | null; oldExpiresAt: Date | null },
): Promise<ApiKey & { key: string }> {
  const active = await transaction.query<{ id: string }>(sql`
    select id from api_keys where ${keyWorks} and (id in (${old.id}, ${old.replaces}) or replaces = ${old.id})`)
  if (!active.some(({ id }) => id === old.id)) {
    throw new AppError('conflict', 'This key has expired or was revoked. Create a new one.')
  }
  const other = active.find(({ id }) => id !== old.id)
  if (other) {
    throw new AppError(
      'conflict',
      `Revoke the key ${other.id} first: only two can be active at a time.`,
    )
  }
  if (oldExpiresAt) {
    await transaction.query(sql`
      update api_keys set expires_at = least(expires_at, ${oldExpiresAt}) where id = ${old.id}`)
  }
  return createApiKey(transaction, {
    name: old.name,
    creatorId: old.creator_id,
    scopes: old.scopes,
    expiresAt: old.expires_at === null ? null : new Date(old.expires_at),
    createdBy,
    createdById,
    replaces: old.id,
  })
}

export interface ApiKeyVerifier {
  /** The owner of a key, or null if it is unknown, wrong, revoked or expired. */
  verify(key: string): Promise<VerifiedKey | null>
  /** The same for a key that was verified before. */
  current(keyId: string): Promise<VerifiedKey | null>
  /** Drops the cache of a key after a change. */
  forget(keyId: string): void
}

export interface VerifiedKey {
  readonly principal: KeyPrincipal
  readonly expiresAt: number
}

interface KnownKey {
  readonly verified: VerifiedKey
  readonly secretHash: string
}

const cacheMs = 5_000
const touchIntervalMs = 60_000

/** Checks keys against the database, each at most every 5 s. */
export function createApiKeyVerifier(database: Queryable): ApiKeyVerifier {
  const usedOnce = createOncePer(touchIntervalMs)
  const cache = createLookupCache<KnownKey | null>({
    maxAgeMs: cacheMs,
    maxEntries: 10_000,
    maxUnderWay: 200,
    find: (id) => findKey(database, id),
  })

  async function current(keyId: string): Promise<KnownKey | null> {
    const known = await cache.get(keyId)
    return known && known.verified.expiresAt > Date.now() ? known : null
  }

  function touch(keyId: string) {
    if (!usedOnce(keyId)) return
    database
      .query(
        sql`update api_keys set last_used_at = now() where id = ${keyId}
          and (last_used_at is null or last_used_at < now() - interval '1 minute')`,
      )
      // Only a note for the list of keys: the request continues without it.
      .catch(() => {})
  }

  return {
    async verify(key) {
      const parsed = parseApiKey(key)
      if (!parsed) return null
      const known = await current(parsed.id)
      if (!known || !secretMatches(parsed.secret, known.secretHash)) return null
      touch(parsed.id)
      return known.verified
    },
    current: async (keyId) => (await current(keyId))?.verified ?? null,
    forget: (keyId) => cache.forget(keyId),
  }
}

async function findKey(database: Queryable, id: string): Promise<KnownKey | null> {
  const [row] = await database.query<ApiKeyRow & { secret_hash: string }>(sql`
    select ${columns}, encode(secret_hash, 'hex') as secret_hash
    from api_keys where id = ${id} and revoked_at is null`)
  if (!row) return null
  return {
    verified: {
      principal: {
        kind: 'key',
        keyId: row.id,
        name: row.name,
        creatorId: row.creator_id,
        scopes: scopesOf(row),
      },
      expiresAt: row.expires_at?.getTime() ?? Number.POSITIVE_INFINITY,
    },
    secretHash: row.secret_hash,
  }
}

function toApiKey(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    creator_id: row.creator_id,
    scopes: scopesOf(row),
    created_at: row.created_at.toISOString(),
    last_used_at: row.last_used_at?.toISOString() ?? null,
    expires_at: row.expires_at?.toISOString() ?? null,
    revoked_at: row.revoked_at?.toISOString() ?? null,
    created_by: row.created_by,
    replaces: row.replaces,
  }
}

function scopesOf({ scopes }: ApiKeyRow): Scope[] {
  const held = scopes.split(',')
  return scopesThatAre.filter((scope) => held.includes(scope))
}
