import type { Queryable } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import { hashSecret, mintSecret } from './api-key-form.ts'
import { createLookupCache } from './lookup-cache.ts'
import { createOncePer } from './once-per.ts'

/** A browser session ends 30 days after it began, or after 7 days without use. */
export const signInDays = { absolute: 30, idle: 7 } as const

/** Sessions that one key may have open; the oldest makes room for a new one. */
const maxPerKey = 200
const cacheMs = 5_000
const touchIntervalMs = 60_000

export interface SignIns {
  /** Opens a session for a key; the token is in the answer and, hashed, in the database. */
  open(keyId: string): Promise<{ token: string; expiresAt: Date }>
  /** The key that an open session stands for. */
  find(tokenHash: string): Promise<string | null>
  close(tokenHash: string): Promise<void>
}

export const hashToken = hashSecret

export function createSignIns(database: Queryable): SignIns {
  const seenOnce = createOncePer(touchIntervalMs)
  const cache = createLookupCache<{ keyId: string } | null>({
    maxAgeMs: cacheMs,
    maxEntries: 10_000,
    maxUnderWay: 200,
    async find(tokenHash) {
      const [row] = await database.query<{ key_id: string }>(sql`
        select key_id from sign_ins where token_hash = decode(${tokenHash}, 'hex')
          and expires_at > now() and seen_at > now() - make_interval(days => ${signInDays.idle}::int)`)
      return row ? { keyId: row.key_id } : null
    },
  })

  return {
    async open(keyId) {
      await makeRoom(database, keyId)
      const token = mintSecret()
      const [row] = await database.query<{ expires_at: Date }>(sql`
        insert into sign_ins (token_hash, key_id, expires_at)
        values (decode(${hashToken(token)}, 'hex'), ${keyId},
          now() + make_interval(days => ${signInDays.absolute}::int))
        returning expires_at`)
      if (!row) throw new Error('the database returned no sign-in')
      return { token, expiresAt: row.expires_at }
    },

    async find(tokenHash) {
      const found = await cache.get(tokenHash)
      if (!found) return null
      if (seenOnce(tokenHash)) {
        database
          .query(
            sql`update sign_ins set seen_at = now() where token_hash = decode(${tokenHash}, 'hex')`,
          )
          // Written again a minute later: idle time is counted in days.
          .catch(() => {})
      }
      return found.keyId
    },

    async close(tokenHash) {
      await database.query(sql`delete from sign_ins where token_hash = decode(${tokenHash}, 'hex')`)
      cache.forget(tokenHash)
    },
  }
}

async function makeRoom(database: Queryable, keyId: string): Promise<void> {
  await database.query(sql`
    delete from sign_ins where expires_at <= now()
      or seen_at <= now() - make_interval(days => ${signInDays.idle}::int)
      or token_hash in (select token_hash from sign_ins where key_id = ${keyId}
        order by created_at desc, token_hash offset ${maxPerKey - 1}::int)`)
}
