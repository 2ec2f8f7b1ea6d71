import type { Queryable, TenantReads } from '@creatorflow/db/database'
import { type Sql, sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { SeenEvent } from '@creatorflow/shared/alerts/course'
import { OLD_EVENT_MS } from '@creatorflow/shared/alerts/view'
import { OPEN_LIVE_MS, SERIES_GRACE_MS } from '@creatorflow/shared/live-state'
import { LRUCache } from 'lru-cache'
import { fromDatabase, numbered } from '../../../eventlog/event-row.ts'
import { logColumns } from '../../../eventlog/log-reader.ts'

/** A LIVE that a rule is tried on. */
export interface PastLive {
  readonly session_id: string
  readonly started_at: Date
  readonly ended_at: Date
  readonly time_zone: string
  /** What was read stays right while this is the same. */
  readonly version: string
  readonly events: number
  readonly first_seq: number
  readonly last_seq: number
  /** Most of it came late, such as an import: then the times of events are the clock. */
  readonly imported: boolean
}

type Bounds = Omit<PastLive, 'version' | 'events' | 'imported'> & { readonly generation: number }
type Counts = Pick<PastLive, 'events' | 'imported'>

/** The newest LIVEs that are over, newest first. */
export type PastLives = (tenant: Tenant, limit: number) => Promise<PastLive[]>

/** LIVEs whose events are counted once: counting reads each of them. */
const MOST_COUNTED = 5_000

export function createPastLives(database: TenantReads): PastLives {
  const kept = new LRUCache<string, Counts>({ max: MOST_COUNTED })
  return (tenant, limit) =>
    database.readAs(tenant, async (read) => {
      const lives = await selectBounds(read, tenant, limit)
      // What is stored later has a higher number.
      const keyOf = ({ session_id, generation, first_seq, last_seq }: Bounds) =>
        JSON.stringify([tenant.creatorId, session_id, generation, first_seq, last_seq])
      const counts = new Map(lives.map((live) => [live.session_id, kept.get(keyOf(live))]))
      const uncounted = lives.filter(({ session_id }) => !counts.get(session_id))
      if (uncounted.length > 0) {
        const counted = await selectCounts(read, tenant, uncounted)
        for (const live of uncounted) {
          const found = counted.get(live.session_id) ?? { events: 0, imported: false }
          counts.set(live.session_id, found)
          kept.set(keyOf(live), found)
        }
      }
      return lives.map(({ generation, ...live }) => {
        const { events, imported } = counts.get(live.session_id) ?? { events: 0, imported: false }
        return { ...live, events, imported, version: `${generation}/${live.last_seq}/${events}` }
      })
    })
}

function selectBounds(read: Queryable, { creatorId }: Tenant, limit: number): Promise<Bounds[]> {
  const end = (direction: Sql) => sql`coalesce((
    select seq from events where creator_id = ${creatorId} and session_id = l.session_id
    order by seq ${direction} limit 1), 0)::bigint`
  return read.query<Bounds>(sql`
    select l.session_id, l.started_at, coalesce(l.ended_at, l.last_at) as ended_at, c.time_zone, n.generation,
      ${end(sql`asc`)} as first_seq, ${end(sql`desc`)} as last_seq
    from (
      select session_id, started_at, ended_at, last_at from lives
      where creator_id = ${creatorId} and (ended_at is not null
        or last_at < clock_timestamp() - make_interval(secs => ${OPEN_LIVE_MS / 1_000}::float8))
      order by started_at desc, session_id desc limit ${limit}::int) l
    cross join (select time_zone from creators where id = ${creatorId}) c
    cross join (select generation from counters where creator_id = ${creatorId}) n
    order by l.started_at desc, l.session_id desc`)
}

async function selectCounts(
  read: Queryable,
  { creatorId }: Tenant,
  lives: readonly Bounds[],
): Promise<Map<string, Counts>> {
  const rows = await read.query<Counts & { session_id: string }>(sql`
    select session_id, count(*)::int as events,
      count(*) filter (
        where received_at - ts > make_interval(secs => ${OLD_EVENT_MS / 1_000}::float8)) * 2 > count(*) as imported
    from events
    where creator_id = ${creatorId} and session_id = any(${lives.map(({ session_id }) => session_id)}::text[])
    group by session_id`)
  return new Map(rows.map(({ session_id, ...counts }) => [session_id, counts]))
}

const PAGE_EVENTS = 2_000
const PAGE_MS = 5 * 60_000
/** Events may name a LIVE before it started. */
const LEAD_MS = 60 * 60_000

/** The events of a LIVE, and reports of stock meanwhile, page by page: in order of arrival, or of their times. */
export async function* readSeen(
  database: TenantReads,
  tenant: Tenant,
  live: PastLive,
): AsyncGenerator<SeenEvent[], void, undefined> {
  const { creatorId } = tenant
  const since = live.started_at.getTime() - LEAD_MS
  const before = live.ended_at.getTime() + SERIES_GRACE_MS
  const within = (from: number, until: number) => sql`
    ts >= ${new Date(from).toISOString()}::timestamptz and ts < ${new Date(until).toISOString()}::timestamptz`
  let at = 0

  async function page(range: Sql, order: Sql): Promise<SeenEvent[]> {
    const rows = await database.readAs(tenant, (read) =>
      read.query<Record<string, unknown> & { seen_at: Date }>(sql`
        select seq, ${live.imported ? sql`ts` : sql`received_at`} as seen_at, ${logColumns} from events
        where creator_id = ${creatorId} and ${range}
          and (session_id = ${live.session_id} or (session_id is null and type = 'stock_level'))
        order by ${order}`),
    )
    return rows.map(({ seen_at, ...row }) => {
      // Nodes number what they receive in turn: their clocks differ by a moment.
      at = Math.max(at, seen_at.getTime())
      return { event: numbered(fromDatabase(row)), at }
    })
  }

  if (live.imported) {
    for (let from = since; from < before; from += PAGE_MS) {
      yield await page(within(from, Math.min(from + PAGE_MS, before)), sql`ts, seq`)
    }
    return
  }
  for (let after = live.first_seq - 1; after < live.last_seq; after += PAGE_EVENTS) {
    const numbers = sql`seq > ${after}::bigint and seq <= ${after + PAGE_EVENTS}::bigint`
    yield await page(sql`${numbers} and ${within(since, before)}`, sql`seq`)
  }
}
