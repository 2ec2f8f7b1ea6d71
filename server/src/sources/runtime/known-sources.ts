import type { Database } from '@creatorflow/db/database'
import { LRUCache } from 'lru-cache'
import type { Sealer } from '../../core/seal.ts'
import type { Secrets, SourceRow } from './source.ts'
import { findByAccount, findSource, readSecrets } from './store.ts'

/** A source with the secrets its deliveries are signed with. */
export interface KnownSource {
  readonly source: SourceRow
  readonly secrets: Secrets
}

/** Sources as named by deliveries. An answer may be some seconds old; null if there is none. */
export interface KnownSources {
  byId(kind: string, id: string): Promise<KnownSource | null>
  byAccount(kind: string, account: string): Promise<KnownSource | null>
}

/** How long a replaced secret is still accepted, and a removed source still known. */
const KNOWN_MS = 5_000
/** Sources cached at once; ids made up by strangers must not fill the memory. */
export const KNOWN_SOURCES = 5_000

export function createKnownSources(database: Database, sealer: Sealer): KnownSources {
  const known = new LRUCache<string, Promise<KnownSource | null>>({
    max: KNOWN_SOURCES,
    ttl: KNOWN_MS,
  })

  function remembered(
    kind: string,
    what: string,
    find: () => Promise<SourceRow | undefined>,
  ): Promise<KnownSource | null> {
    const id = `${kind} ${what}`
    const hit = known.get(id)
    if (hit) return hit
    const entry = read(kind, find)
    known.set(id, entry)
    // After a failure the next one asks the database again.
    entry.catch(() => known.peek(id) === entry && known.delete(id))
    return entry
  }

  async function read(
    kind: string,
    find: () => Promise<SourceRow | undefined>,
  ): Promise<KnownSource | null> {
    const source = await find()
    if (source?.kind !== kind) return null
    return { source, secrets: await readSecrets(database, sealer, source.id) }
  }

  return {
    byId: (kind, id) => remembered(kind, id, () => findSource(database, id)),
    byAccount: (kind, account) =>
      remembered(kind, `account ${account}`, () => findByAccount(database, kind, account)),
  }
}
