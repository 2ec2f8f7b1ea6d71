import type { Queryable } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Role } from '@creatorflow/shared/endpoint'
import { createLookupCache } from '../../core/lookup-cache.ts'
import { createOncePer } from '../../core/once-per.ts'
import { hashSecret, mintSecret } from '../../core/rights/api-key-form.ts'
import type { UserPrincipal } from '../../core/rights/principal.ts'

/** A sign-in expires 30 days after it began, or after 7 days unused. */
export const signInDays = { absolute: 30, idle: 7 } as const

/** Sign-ins per user; the oldest makes room for a new one. */
const maxPerUser = 50
const cacheMs = 5_000
const touchIntervalMs = 60_000

export interface OpenedSignIn {
  readonly id: string
  readonly token: string
  readonly expiresAt: Date
}

/** Opens a sign-in; the token is in the answer and, hashed, in the database. */
export async function openSignIn(
  database: Queryable,
  { userId, address, userAgent }: { userId: string; address: string; userAgent: string },
): Promise<OpenedSignIn> {
  await database.query(sql`
    delete from sign_ins where expires_at <= now()
      or seen_at <= now() - make_interval(days => ${signInDays.idle}::int)
      or id in (select id from sign_ins where user_id = ${userId}::uuid
        order by created_at desc, id offset ${maxPerUser - 1}::int)`)
  const token = mintSecret()
  const [row] = await database.query<{ id: string; expires_at: Date }>(sql`
    insert into sign_ins (token_hash, user_id, address, user_agent, expires_at)
    values (decode(${hashSecret(token)}, 'hex'), ${userId}::uuid, ${address}, ${userAgent},
      now() + make_interval(days => ${signInDays.absolute}::int))
    returning id::text as id, expires_at`)
  if (!row) throw new Error('the database returned no sign-in')
  return { id: row.id, token, expiresAt: row.expires_at }
}

/** Gives an open sign-in a new token after it gained rights: a copy of the old one is worthless. */
export async function rotateSignIn(database: Queryable, id: string): Promise<OpenedSignIn> {
  const token = mintSecret()
  const [row] = await database.query<{ expires_at: Date }>(sql`
    update sign_ins set token_hash = decode(${hashSecret(token)}, 'hex') where id = ${id}::uuid
    returning expires_at`)
  if (!row) throw new Error('the sign-in ended meanwhile')
  return { id, token, expiresAt: row.expires_at }
}

/** Ends sign-ins of a user and returns them. */
export async function endSignIns(
  database: Queryable,
  userId: string,
  which: { readonly id: string } | { readonly allBut: string | null },
): Promise<string[]> {
  const wanted =
    'id' in which ? sql`id = ${which.id}::uuid` : sql`id is distinct from ${which.allBut}::uuid`
  const rows = await database.query<{ id: string }>(
    sql`delete from sign_ins where user_id = ${userId}::uuid and ${wanted} returning id::text as id`,
  )
  return rows.map(({ id }) => id)
}

export interface OpenSignIn {
  readonly id: string
  readonly address: string
  readonly user_agent: string
  readonly created_at: Date
  readonly seen_at: Date
  readonly expires_at: Date
}

/** The open sign-ins of a user, latest use first. */
export function listSignIns(database: Queryable, userId: string): Promise<OpenSignIn[]> {
  return database.query<OpenSignIn>(sql`
    select id::text as id, address, user_agent, created_at, seen_at, expires_at
    from sign_ins where user_id = ${userId}::uuid and ${isOpen} order by seen_at desc, id`)
}

const isOpen = sql`expires_at > now()
  and seen_at > now() - make_interval(days => ${signInDays.idle}::int)`

export interface KnownSignIn {
  readonly principal: UserPrincipal
  readonly expiresAt: number
}

export interface SignInLookup {
  /** The user of a token. */
  byToken(token: string): Promise<KnownSignIn | null>
  /** The same sign-in later, even if it has another token by now. */
  byId(id: string): Promise<KnownSignIn | null>
  /** Drops the whole cache after a change. */
  clear(): void
}

interface SignInRow {
  readonly id: string
  readonly user_id: string
  readonly email: string
  readonly name: string
  readonly expires_at: Date
  readonly roles: readonly { creator_id: string | null; role: Role }[]
}

/** Looks up sign-ins, each at most every 5 s. */
export function createSignInLookup(database: Queryable): SignInLookup {
  const seenOnce = createOncePer(touchIntervalMs)
  const cache = createLookupCache<KnownSignIn | null>({
    maxAgeMs: cacheMs,
    maxEntries: 10_000,
    maxUnderWay: 200,
    async find(key) {
      const [column, value = ''] = key.split(':')
      const wanted =
        column === 'id' ? sql`s.id = ${value}::uuid` : sql`token_hash = decode(${value}, 'hex')`
      const [row] = await database.query<SignInRow>(sql`
        select s.id::text as id, u.id::text as user_id, email, name, expires_at,
          coalesce((select jsonb_agg(jsonb_build_object('creator_id', creator_id, 'role', role)
            order by creator_id nulls first)
            from roles r where r.user_id = u.id), '[]') as roles
        from sign_ins s join users u on u.id = s.user_id where ${wanted} and ${isOpen}`)
      return row ? toKnown(row) : null
    },
  })

  async function get(key: string): Promise<KnownSignIn | null> {
    const known = await cache.get(key)
    if (!known || known.expiresAt <= Date.now()) return null
    const { signInId } = known.principal
    if (seenOnce(signInId)) {
      database
        .query(sql`update sign_ins set seen_at = now() where id = ${signInId}::uuid`)
        // Written again a minute later: idle time is counted in days.
        .catch(() => {})
    }
    return known
  }

  return {
    byToken: (token) => get(`token:${hashSecret(token)}`),
    byId: (id) => get(`id:${id}`),
    clear: () => cache.clear(),
  }
}

function toKnown({ id, user_id, email, name, expires_at, roles }: SignInRow): KnownSignIn {
  return {
    principal: {
      kind: 'user',
      userId: user_id,
      email,
      name,
      signInId: id,
      roles: roles.map(({ creator_id, role }) => ({ creatorId: creator_id, role })),
    },
    expiresAt: expires_at.getTime(),
  }
}
