import type { Queryable, TenantRead } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { Reason, Severity } from '@creatorflow/shared/alert-reason'
import type { AlertEpisode, AlertNews, EpisodeKind } from '@creatorflow/shared/alert-told'
import type { Query } from '@creatorflow/shared/endpoint'
import type { Episode, listAlertEpisodes } from '@creatorflow/shared/features/alerts'

interface EpisodeRow {
  readonly creator_id: string
  readonly id: string
  readonly rule_id: string
  readonly rule_name: string
  readonly words: string | null
  readonly kind: EpisodeKind
  readonly severity: Severity
  readonly session_id: string
  readonly subject: string
  readonly fired_at: Date
  readonly ended_at: Date | null
  readonly peak: number | null
  readonly why: Reason
  readonly ended_why: Reason | null
  readonly hushed: 'muted' | 'silenced' | null
  readonly acknowledged_at: Date | null
  readonly acknowledged_by: string | null
}

const columns = sql`e.creator_id, e.id, e.rule_id, r.body ->> 'name' as rule_name, r.body ->> 'words' as words,
  e.kind, e.severity, e.session_id, e.subject, e.fired_at, e.ended_at, e.peak, e.why, e.ended_why, e.hushed,
  e.acknowledged_at, e.acknowledged_by`
const withRule = sql`alert_episodes e join alert_rules r on r.creator_id = e.creator_id and r.id = e.rule_id`

/** What fired, newest first; a cursor is the end of the page before. */
export async function selectEpisodes(
  read: TenantRead,
  { creatorId }: Tenant,
  { rule_id, session_id, open, kind, cursor, limit }: Query<typeof listAlertEpisodes>,
): Promise<{ episodes: Episode[]; next_cursor: string | null }> {
  const [at, id] = cursor?.split('~') ?? []
  const rows = await read.query<EpisodeRow>(sql`
    select ${columns} from ${withRule}
    where e.creator_id = ${creatorId}
      ${rule_id === undefined ? sql`` : sql`and e.rule_id = ${rule_id}::uuid`}
      ${session_id === undefined ? sql`` : sql`and e.session_id = ${session_id}`}
      ${kind === undefined ? sql`` : sql`and e.kind = ${kind}`}
      ${open === undefined ? sql`` : open === 'true' ? sql`and e.ended_at is null` : sql`and e.ended_at is not null`}
      ${id === undefined ? sql`` : sql`and (e.fired_at, e.id) < (to_timestamp(${Number(at)}::float8 / 1000), ${id}::text)`}
    order by e.fired_at desc, e.id desc limit ${limit}::int`)
  const last = rows.at(-1)
  return {
    episodes: rows.map(shownEpisode),
    next_cursor: last && rows.length === limit ? `${last.fired_at.getTime()}~${last.id}` : null,
  }
}

export async function selectEpisode(
  database: Queryable,
  { creatorId }: Tenant,
  id: string,
): Promise<Episode | undefined> {
  const [row] = await database.query<EpisodeRow>(sql`
    select ${columns} from ${withRule} where e.creator_id = ${creatorId} and e.id = ${id}`)
  return row && shownEpisode(row)
}

function shownEpisode({ creator_id: _, ...row }: EpisodeRow): Episode {
  return {
    ...row,
    session_id: row.session_id === '' ? null : row.session_id,
    subject: row.subject === '' ? null : row.subject,
    fired_at: row.fired_at.toISOString(),
    ended_at: row.ended_at?.toISOString() ?? null,
    acknowledged_at: row.acknowledged_at?.toISOString() ?? null,
  }
}

/** The first one who acknowledges it; false if someone did before. */
export async function acknowledge(
  tx: Queryable,
  { creatorId }: Tenant,
  id: string,
  by: string,
): Promise<boolean> {
  const rows = await tx.query(sql`
    update alert_episodes set acknowledged_at = clock_timestamp(), acknowledged_by = ${by}
    where creator_id = ${creatorId} and id = ${id} and acknowledged_at is null
    returning 1`)
  return rows.length > 0
}

/** Most open episodes that a screen is told of. */
const MOST_OPEN = 50

/** The episodes that are on, of several creators in one statement; newest first. */
export async function selectOpen(
  database: Queryable,
  creatorIds: readonly string[],
): Promise<Map<string, AlertEpisode[]>> {
  const rows = await database.query<EpisodeRow>(sql`
    select ${columns} from ${withRule}
    where e.creator_id = any(${creatorIds}::text[]) and e.ended_at is null and e.hushed is null
      and (r.body ->> 'on_screen')::boolean
    order by e.fired_at desc, e.id`)
  const open = new Map<string, AlertEpisode[]>(creatorIds.map((id) => [id, []]))
  for (const row of rows) {
    const of = open.get(row.creator_id)
    if (!of || of.length >= MOST_OPEN) continue
    const { rule_id, kind, severity, words, session_id, subject, why, acknowledged_by } = row
    of.push({
      episode_id: row.id,
      rule_id,
      kind,
      severity,
      name: row.rule_name,
      words,
      session_id,
      subject,
      why,
      fired_at: row.fired_at.getTime(),
      acknowledged_by,
    })
  }
  return open
}

/** What screens hear about the last seconds, oldest first. */
export async function selectNews(
  database: Queryable,
  creatorIds: readonly string[],
  seconds: number,
): Promise<Map<string, AlertNews[]>> {
  const rows = await database.query<
    Omit<AlertNews, 'at' | 'fired_at'> & { creator_id: string; at: Date; fired_at: Date }
  >(sql`
    select creator_id, id, episode_id, rule_id, kind, transition, severity, name, words, session_id, subject,
      why, at, fired_at
    from alert_outbox
    where creator_id = any(${creatorIds}::text[]) and on_screen and (hushed is null or hushed = 'quiet')
      and created_at > clock_timestamp() - make_interval(secs => ${seconds}::float8)
    order by created_at, id`)
  const news = new Map<string, AlertNews[]>()
  for (const { creator_id, at, fired_at, ...row } of rows) {
    const of = news.get(creator_id) ?? []
    news.set(creator_id, of)
    of.push({ ...row, at: at.getTime(), fired_at: fired_at.getTime() })
  }
  return news
}
