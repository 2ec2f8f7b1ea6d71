import type { TenantReads } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant, TenantRead } from '@creatorflow/db/tenant'
import { getLive, getLiveState, listLives } from '@creatorflow/shared/features/live'
import { emptyLive, foldLive } from '@creatorflow/shared/fold-live'
import type { LiveEntry } from '@creatorflow/shared/live-state'
import { AppError } from '../errors.ts'
import type { Feature } from '../http/feature.ts'
import { readFrozen } from '../retention/frozen-lives.ts'
import { whileKept } from '../retention/marks.ts'
import type { Followers } from './followers.ts'
import { afterDropped } from './log-base.ts'
import { readLive } from './log-reader.ts'

/** Older numbers than these are not told: whoever asks once does not see them go stale. */
const CONFIRMED_WITHIN_MS = 2_000

/** The live state and single LIVEs over REST, for whoever does not hold a socket. */
export function createLiveFeature({
  database,
  followers,
}: {
  readonly database: TenantReads
  readonly followers: Followers
}): Feature {
  return {
    name: 'live',
    mount({ router, answer }) {
      answer(router, getLiveState, async ({ params }) => {
        const { epoch, state, confirmedAt } = await followers.get(params.creator_id)
        if (performance.now() - confirmedAt > CONFIRMED_WITHIN_MS) {
          throw new AppError(
            'unavailable',
            'Whether the numbers are current cannot be known now.',
            {
              retryAfterMs: 1_000,
            },
          )
        }
        // Copied: the state goes on while the answer is on its way out.
        return { epoch, seq: state.seq, state: structuredClone(state) }
      })
      answer(router, listLives, async ({ tenant, query }) => {
        const rows = await database.readAs(tenant, (read) => selectLives(read, tenant, query))
        const last = rows.length === query.limit ? rows.at(-1) : undefined
        return {
          lives: rows.map((row) => ({
            ...row,
            started_at: row.started_at.toISOString(),
            ended_at: row.ended_at?.toISOString() ?? null,
            last_at: row.last_at.toISOString(),
          })),
          cursor: last ? cursorOf(last) : null,
        }
      })
      answer(router, getLive, async ({ tenant, params }) => {
        const live = await readLiveEntry(database, tenant, params.session_id)
        if (!live) throw new AppError('not_found', 'There is no such LIVE.')
        return { live }
      })
    },
  }
}

/** One LIVE from its own events alone: the same fold, on top of what was frozen of it. */
function readLiveEntry(
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

interface ListedLive {
  readonly session_id: string
  readonly started_at: Date
  readonly inferred: boolean
  readonly ended_at: Date | null
  readonly last_at: Date
}

function selectLives(
  read: TenantRead,
  { creatorId }: Tenant,
  query: {
    from?: string | undefined
    to?: string | undefined
    cursor?: string | undefined
    limit: number
  },
): Promise<ListedLive[]> {
  const before = query.cursor === undefined ? undefined : parseCursor(query.cursor)
  return read.query<ListedLive>(sql`
    select session_id, started_at, inferred, ended_at, last_at from lives
    where creator_id = ${creatorId}
      and started_at >= coalesce(${query.from ?? null}::timestamptz, '-infinity')
      and started_at < coalesce(${query.to ?? null}::timestamptz, 'infinity')
      and (${before?.startedAt ?? null}::timestamptz is null
        or (started_at, session_id) < (${before?.startedAt ?? null}::timestamptz, ${before?.sessionId ?? ''}::text))
    order by started_at desc, session_id desc limit ${query.limit}::int`)
}

function cursorOf(live: ListedLive): string {
  return `${live.started_at.toISOString()}~${live.session_id}`
}

/** As `cursorOf` writes it: the database reads less as a time than JavaScript does. */
const cursorForm = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)~(.+)$/s

function parseCursor(cursor: string): { startedAt: string; sessionId: string } {
  const [, startedAt, sessionId] = cursorForm.exec(cursor) ?? []
  if (startedAt === undefined || sessionId === undefined || Number.isNaN(Date.parse(startedAt))) {
    throw new AppError('invalid_input', 'cursor must be one that an answer gave.')
  }
  return { startedAt, sessionId }
}
