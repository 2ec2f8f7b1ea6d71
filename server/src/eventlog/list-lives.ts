import type { TenantRead } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { endOf } from '@creatorflow/shared/live-span'
import { AppError } from '../core/errors.ts'

/** A LIVE in a list. */
export interface ListedLive {
  readonly session_id: string
  readonly started_at: Date
  readonly inferred: boolean
  readonly ended_at: Date | null
  readonly last_at: Date
}

/** A LIVE of a list for answers: its end is derived as everywhere. */
export function shownLive(live: ListedLive, now: number) {
  const span = {
    ended_at: live.ended_at?.getTime() ?? null,
    last_at: live.last_at.getTime(),
    started_at: live.started_at.getTime(),
  }
  const ended_at = endOf(span, now)
  return {
    session_id: live.session_id,
    started_at: live.started_at.toISOString(),
    inferred: live.inferred,
    ended_at: ended_at === null ? null : new Date(ended_at).toISOString(),
    last_at: live.last_at.toISOString(),
  }
}

/** A page of a creator's LIVEs, latest start first. */
export function selectLives(
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
      and started_at >= ${query.from ?? '-infinity'}::timestamptz
      and started_at < ${query.to ?? 'infinity'}::timestamptz
      and (${before?.startedAt ?? null}::timestamptz is null
        or (started_at, session_id) < (${before?.startedAt ?? null}::timestamptz, ${before?.sessionId ?? ''}::text))
    order by started_at desc, session_id desc limit ${query.limit}::int`)
}

/** Where to continue after a LIVE of the list. */
export function cursorOf(live: ListedLive): string {
  return `${live.started_at.toISOString()}~${live.session_id}`
}

/** As `cursorOf` writes it: the database accepts fewer time formats than JavaScript. */
const cursorForm = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)~(.+)$/s

function parseCursor(cursor: string): { startedAt: string; sessionId: string } {
  const [, startedAt, sessionId] = cursorForm.exec(cursor) ?? []
  if (startedAt === undefined || sessionId === undefined || Number.isNaN(Date.parse(startedAt))) {
    throw new AppError('invalid_input', 'cursor must be one from an earlier reply.')
  }
  return { startedAt, sessionId }
}
