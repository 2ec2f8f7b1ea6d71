import type { Database, Queryable } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { ApiKey, Scope } from '@creatorflow/shared/features/access'
import { AppError } from '../errors.ts'
import { hashSecret, mintApiKey, parseApiKey, secretMatches } from './api-key-form.ts'
import { createLookupCache } from './lookup-cache.ts'
import { createOncePer } from './once-per.ts'
import type { KeyPrincipal } from './principal.ts'

export interface NewApiKey {
  readonly name: string
  readonly creatorId: string | null
  readonly scopes: readonly Scope[]
  readonly expiresAt?: Date | null
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
}

const columns = sql`id, name, creator_id, array_to_string(scopes, ',') as scopes,
  created_at, last_used_at, expires_at, revoked_at`

const maxListed = 1_000

/** Makes a key; its text is in the answer and nowhere else. */
export async function createApiKey(
  database: Queryable,
  { name, creatorId, scopes, expiresAt = null }: NewApiKey,
): Promise<ApiKey & { key: string }> {
  if (creatorId !== null) {
    const [known] = await database.query(sql`select id from creators where id = ${creatorId}`)
    if (!known) throw new AppError('not_found', `There is no creator "${creatorId}".`)
  }
  const minted = mintApiKey()
  const [row] = await database.query<ApiKeyRow>(sql`
    insert into api_keys (id, secret_hash, name, creator_id, scopes, expires_at)
    values (${minted.id}, decode(${hashSecret(minted.secret)}, 'hex'), ${name}, ${creatorId},
      string_to_array(${[...new Set(scopes)].join(',')}, ','), ${expiresAt})
    returning ${columns}`)
  if (!row) throw new Error('the database returned no key')
  return { ...toApiKey(row), key: minted.key }
}

/** All keys, newest first, without secrets. */
export async function listApiKeys(database: Queryable): Promise<ApiKey[]> {
  const rows = await database.query<ApiKeyRow>(
    sql`select ${columns} from api_keys order by created_at desc, id limit ${maxListed}::int`,
  )
  return rows.map(toApiKey)
}

/** Revokes a key and ends the sessions opened with it; false when there is no such key. */
export async function revokeApiKey(database: Database, id: string): Promise<boolean> {
  return database.transaction(async (transaction) => {
    const rows = await transaction.query(sql`
      update api_keys set revoked_at = coalesce(revoked_at, now()) where id = ${id} returning id`)
    await transaction.query(sql`delete from sign_ins where key_id = ${id}`)
    return rows.length > 0
  })
}

export interface ApiKeyVerifier {
  /** The principal of a key, or null when it is unknown, wrong, revoked or expired. */
  verify(key: string): Promise<KeyPrincipal | null>
  /** The principal of a key that was verified before, if it is still valid. */
  current(keyId: string): Promise<KeyPrincipal | null>
  /** Drops what is remembered of a key, after it was changed. */
  forget(keyId: string): void
}

interface KnownKey {
  readonly principal: KeyPrincipal
  readonly secretHash: string
  readonly expiresAt: number
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
    return known && known.expiresAt > Date.now() ? known : null
  }

  function touch(keyId: string) {
    if (!usedOnce(keyId)) return
    database
      .query(
        sql`update api_keys set last_used_at = now() where id = ${keyId}
          and (last_used_at is null or last_used_at < now() - interval '1 minute')`,
      )
      // Only a remark for the list of keys: the request goes on without it.
      .catch(() => {})
  }

  return {
    async verify(key) {
      const parsed = parseApiKey(key)
      if (!parsed) return null
      const known = await current(parsed.id)
      if (!known || !secretMatches(parsed.secret, known.secretHash)) return null
      touch(parsed.id)
      return known.principal
    },
    current: async (keyId) => (await current(keyId))?.principal ?? null,
    forget: (keyId) => cache.forget(keyId),
  }
}

async function findKey(database: Queryable, id: string): Promise<KnownKey | null> {
  const [row] = await database.query<ApiKeyRow & { secret_hash: string }>(sql`
    select ${columns}, encode(secret_hash, 'hex') as secret_hash
    from api_keys where id = ${id} and revoked_at is null`)
  if (!row) return null
  return {
    principal: {
      kind: 'key',
      keyId: row.id,
      creatorId: row.creator_id,
      scopes: scopesOf(row),
    },
    secretHash: row.secret_hash,
    expiresAt: row.expires_at?.getTime() ?? Number.POSITIVE_INFINITY,
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
  }
}

function scopesOf({ scopes }: ApiKeyRow): Scope[] {
  const held = scopes.split(',')
  return (['ingest:write', 'read'] as const).filter((scope) => held.includes(scope))
}
