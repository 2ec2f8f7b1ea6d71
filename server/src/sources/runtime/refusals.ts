import type { Database } from '@creatorflow/db/database'
import { LRUCache } from 'lru-cache'
import type { Log } from '../../core/log.ts'
import { KNOWN_SOURCES } from './known-sources.ts'
import type { SourceRow } from './source.ts'
import { writeCursor } from './store.ts'

/** A refusal is recorded at most this often, however many there are. */
const NOTED_MS = 10_000
const REFUSED_AT = 'signature_refused_at'

/** When a delivery was last refused, epoch ms, from the receiver's record. */
export function refusedAt(cursor: Readonly<Record<string, unknown>>): number | undefined {
  const at = cursor[REFUSED_AT]
  return typeof at === 'number' ? at : undefined
}

/** What to write into the cursor once a delivery was signed correctly. */
export const forgetRefusal = { [REFUSED_AT]: null } as const

/** Records a refused delivery, for the page: the source's holder reports it. */
export function createRefusalNotes(database: Database, log: Log) {
  const noted = new LRUCache<string, true>({ max: KNOWN_SOURCES, ttl: NOTED_MS })
  return async (source: SourceRow): Promise<void> => {
    if (noted.has(source.id)) return
    noted.set(source.id, true)
    log.warn({ source: source.id, kind: source.kind }, 'a delivery had an invalid signature')
    await writeCursor(database, source.id, { [REFUSED_AT]: Date.now() }).catch((error: unknown) => {
      noted.delete(source.id)
      log.warn({ err: error, source: source.id }, 'failed to record a refused delivery')
    })
  }
}
