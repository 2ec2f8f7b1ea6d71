import type { TenantReads } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import type { Reply } from '@creatorflow/shared/endpoint'
import { getLiveEvents } from '@creatorflow/shared/features/replay'
import { AppError } from '../../core/errors.ts'
import { epochOf } from '../../eventlog/epoch.ts'
import { readFrozen } from '../../eventlog/frozen-lives.ts'
import { whileKept } from '../../eventlog/marks.ts'
import type { Feature } from '../../http/feature.ts'
import { readRecounting } from '../../pipeline/recount-notes.ts'
import { type Place, readInTime, selectSpan } from './queries.ts'

/** The events of past LIVEs in order of time, for replays. */
export function createReplayFeature({ database }: { readonly database: TenantReads }): Feature {
  return {
    name: 'replay',
    mount({ router, answer }) {
      answer(router, getLiveEvents, ({ tenant, params, query }) =>
        readPage(database, tenant, params.session_id, placeOf(query.cursor), query.limit),
      )
    },
  }
}

function readPage(
  database: TenantReads,
  tenant: Tenant,
  sessionId: string,
  after: Place,
  limit: number,
): Promise<Reply<typeof getLiveEvents>> {
  return whileKept(database, tenant, (keptSince) =>
    database.readAs(tenant, async (read) => {
      const live = await selectSpan(read, tenant, sessionId)
      if (!live) throw new AppError('not_found', 'LIVE not found.')
      const frozen = await readFrozen(read, tenant, [sessionId], keptSince)
      if (frozen.size > 0) {
        throw new AppError(
          'gone',
          'Events of this LIVE are no longer kept, so it can’t be replayed. Its summary still has every number.',
        )
      }
      const span = { sessionId, from: live.started_at.getTime(), to: live.until.getTime() }
      const { events, next } = await readInTime(read, tenant, span, after, limit)
      return {
        epoch: epochOf(live.database_id, live.generation),
        events,
        cursor: next && `${next.ts}~${next.seq}`,
        recounting: await readRecounting(read, tenant),
      }
    }),
  )
}

function placeOf(cursor: string | undefined): Place {
  if (cursor === undefined) return { ts: Number.NEGATIVE_INFINITY, seq: 0 }
  const [ts, seq] = cursor.split('~').map(Number)
  return { ts: ts ?? 0, seq: seq ?? 0 }
}
