import { isDeepStrictEqual } from 'node:util'
import type { Queryable } from '@creatorflow/db/database'
import type { SourceHeard, SourcesHeard } from '@creatorflow/shared/socket'
import { every } from '../../core/every.ts'
import type { Log } from '../../core/log.ts'
import { serverTenant } from '../../core/rights/authorize.ts'
import type { ScreenFeed, Screens } from '../../http/feature.ts'
import { broughtBy, nameOfKind, type SourceKinds } from './registry.ts'
import { readSourcesOf, type SourceHealthRow } from './store.ts'

export interface SourceFeedDeps {
  readonly database: Queryable
  readonly sourceKinds: SourceKinds
  readonly log: Log
}

const INTERVAL_MS = 2_000

/** Tells screens the status of their creator's sources. */
export function createSourceFeed(
  { database, sourceKinds, log }: SourceFeedDeps,
  { watched, tell }: Screens,
): ScreenFeed {
  const told = new Map<string, SourcesHeard>()

  async function look(): Promise<void> {
    const creators = watched()
    for (const id of told.keys()) if (!creators.includes(id)) told.delete(id)
    if (creators.length === 0) return
    const rows = await readSourcesOf(database, creators.map(serverTenant))
    const byCreator = Map.groupBy(rows, ({ creator_id }) => creator_id)
    for (const creator_id of creators) {
      const sources = (byCreator.get(creator_id) ?? []).map((row) => toHeard(row, sourceKinds))
      if (isDeepStrictEqual(told.get(creator_id)?.sources, sources)) continue
      const heard = { creator_id, at: Date.now(), sources }
      told.set(creator_id, heard)
      tell('sources', heard)
    }
  }

  const looking = every(
    {
      intervalMs: INTERVAL_MS,
      failed: (error) => log.warn({ err: error }, 'failed to read source status'),
    },
    look,
  )
  return {
    greet(creatorId, answer) {
      const heard = told.get(creatorId)
      if (heard) answer('sources', heard)
      else looking.soon()
    },
    [Symbol.asyncDispose]: () => looking[Symbol.asyncDispose](),
  }
}

function toHeard(row: SourceHealthRow, kinds: SourceKinds): SourceHeard {
  const { id, kind, name, state, held, problem, state_since, last_event_at, lag_ms } = row
  return {
    id,
    kind,
    kind_name: nameOfKind(kinds, kind),
    brings: broughtBy(kinds, kind),
    name,
    state,
    held,
    problem,
    since: state_since.getTime(),
    last_event_at: last_event_at?.getTime() ?? null,
    lag_ms,
  }
}
