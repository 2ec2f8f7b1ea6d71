import type { TenantReads } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import { emptyLive, foldLive } from '@creatorflow/shared/fold-live'
import type { LiveEntry } from '@creatorflow/shared/live-state'
import { readFrozen } from '../retention/frozen-lives.ts'
import { whileKept } from '../retention/marks.ts'
import { afterDropped } from './log-base.ts'
import { readLive } from './log-reader.ts'

/** One LIVE from its own events alone: the same fold, on top of what was frozen of it. */
export function readLiveEntry(
  database: TenantReads,
  tenant: Tenant,
  sessionId: string,
): Promise<LiveEntry | undefined> {
  return whileKept(database, tenant, async (keptSince) => {
    const known = await database.readAs(tenant, (read) =>
      readFrozen(read, tenant, [sessionId], keptSince),
    )
    const frozen = known.get(sessionId)
    const newest = { lives: frozen ? { [sessionId]: frozen.seq } : {}, stock: {} }
    let entry = frozen?.entry
    for (let after = 0; ; ) {
      const events = await readLive(database, tenant, sessionId, after)
      for (const event of events) {
        entry ??= emptyLive(sessionId, event.live_started_at ?? event.ts)
        foldLive(entry, afterDropped(event, newest), untold)
      }
      const last = events.at(-1)
      if (!last) return entry
      after = last.seq
    }
  })
}

const untold = { add: () => {} }
