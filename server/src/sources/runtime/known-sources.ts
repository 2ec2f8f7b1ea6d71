import type { Database } from '@creatorflow/db/database'
import { LRUCache } from 'lru-cache'
import type { Sealer } from '../../core/seal.ts'
import type { Secrets, SourceRow } from './source.ts'
import { findByAccount, findSource, readSecrets } from './store.ts'

/** A source with what its deliveries are signed with. */
export interface KnownSource {
  readonly source: SourceRow
  readonly secrets: Secrets
}

/** Sources as deliveries name them. An answer may be some seconds old; null when there is none. */
export interface KnownSources {
  byId(kind: string, id: string): Promise<KnownSource | null>
  byAccount(kind: string, account: string): Promise<KnownSource | null>
}

/** How long a secret that was replaced is still believed, and a source that was removed is still known. */
const KNOWN_MS = 5_000
/** Sources that are remembered at once; ids that strangers make up must not fill the memory. */
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
    // A database that is away is asked again by the next one.
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
