import type { TenantRead } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { NumberedEvent } from '@creatorflow/shared/numbered-event'
import { fromDatabase, numbered } from '../../eventlog/event-row.ts'
import { logColumns } from '../../eventlog/log-reader.ts'

/** A position in a LIVE's order of time: after the event of this time and number. */
export interface Place {
  readonly ts: number
  readonly seq: number
}

/** A range of time that one statement reads: from `since`, before `before`; epoch ms, infinite at both ends. */
interface Stretch {
  readonly since: number
  readonly before: number
}

const STRETCH_MS = 10 * 60_000
/** However long a LIVE is, no request reads more ranges than that. */
const MOST_STRETCHES = 200

/**
 * The next range at or after a time. What lies before a LIVE's start and after its end, such as refunds, is
 * one range each: an index finds it by LIVE. In between an index works by time, and only one range is sorted.
 */
export function stretchAt(
  ts: number,
  span: { readonly from: number; readonly to: number },
): Stretch {
  if (ts < span.from) return { since: Number.NEGATIVE_INFINITY, before: span.from }
  if (ts >= span.to) return { since: span.to, before: Number.POSITIVE_INFINITY }
  const width = Math.max(STRETCH_MS, Math.ceil((span.to - span.from) / MOST_STRETCHES))
  const since = span.from + Math.floor((ts - span.from) / width) * width
  return { since, before: Math.min(since + width, span.to) }
}

/**
 * Up to `limit` events of a LIVE after a position, in order of time, and the position to continue from; null
 * at the end.
 */
export async function readInTime(
  read: TenantRead,
  tenant: Tenant,
  live: { readonly sessionId: string; readonly from: number; readonly to: number },
  after: Place,
  limit: number,
): Promise<{ events: NumberedEvent[]; next: Place | null }> {
  for (let place = after; ; ) {
    const stretch = stretchAt(place.ts, live)
    const events = await readStretch(read, tenant, live.sessionId, place, stretch, limit)
    const last = events.at(-1)
    if (last && events.length === limit) return { events, next: { ts: last.ts, seq: last.seq } }
    if (stretch.before === Number.POSITIVE_INFINITY) return { events, next: null }
    place = { ts: stretch.before, seq: 0 }
    if (events.length > 0) return { events, next: place }
  }
}

async function readStretch(
  read: TenantRead,
  { creatorId }: Tenant,
  sessionId: string,
  place: Place,
  { since, before }: Stretch,
  limit: number,
): Promise<NumberedEvent[]> {
  const rows = await read.query(sql`
    select seq, ${logColumns} from events
    where creator_id = ${creatorId} and session_id = ${sessionId}
      and ts >= ${instant(Math.max(since, place.ts))}::timestamptz and ts < ${instant(before)}::timestamptz
      and (ts > ${instant(place.ts)}::timestamptz or seq > ${place.seq}::bigint)
    order by ts, seq limit ${limit}::int`)
  return rows.map((row) => numbered(fromDatabase(row)))
}

function instant(ms: number): string {
  if (Number.isFinite(ms)) return new Date(ms).toISOString()
  return ms < 0 ? '-infinity' : 'infinity'
}

/** When a LIVE started and was last on, and which log it is in; undefined if there is none. */
export async function selectSpan(
  read: TenantRead,
  { creatorId }: Tenant,
  sessionId: string,
): Promise<LiveInLog | undefined> {
  const [row] = await read.query<LiveInLog>(sql`
    select l.started_at, coalesce(l.ended_at, l.last_at) as until, c.generation,
      (select id::text from database_identity) as database_id
    from lives l join counters c on c.creator_id = l.creator_id
    where l.creator_id = ${creatorId} and l.session_id = ${sessionId}`)
  return row
}

interface LiveInLog {
  readonly started_at: Date
  readonly until: Date
  readonly generation: number
  readonly database_id: string
}
