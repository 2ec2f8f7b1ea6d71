import { type Sql, sql } from '@creatorflow/db/sql'
import type { AttributedEvent } from '../eventlog/accepted-event.ts'
import { instant, type Projection } from './projection.ts'

/** Viewers and customers by their latest name. Names are not in the log. */
export const people: Projection = {
  table: 'people',
  personal: ['user_id', 'handle', 'name', 'avatar'],
  write: ({ fresh }) => [upsertPeople(fresh)],
  ages: { column: 'seen_at', days: (config) => config.peopleRetentionDays },
  async erase(tx, { creatorId }, { person }) {
    await tx.query(sql`
      delete from people where creator_id = ${creatorId} and user_id = ${person.userId}`)
    // No screen folds a name.
    return { own: 0, mentions: 0 }
  },
  exported: {
    kind: 'person',
    page: async (read, userId, last) =>
      last
        ? []
        : read.query(sql`
            select user_id, handle, name, avatar, seen_at from people where user_id = ${userId}`),
  },
  rebuilt: {
    columns: ['user_id', 'seen_at'],
    isCompared: sql`seen_at >= (select kept_since from retention)`,
    // Every known person was seen in an event of that time.
    rows: (creatorId) => sql`
      select p.user_id, p.seen_at from people p
      where p.creator_id = ${creatorId} and p.seen_at >= (select kept_since from retention)
        and exists (select from events e
          where e.creator_id = p.creator_id and e.ts = p.seen_at and e.user_id = p.user_id)`,
  },
}

/** The newest name of each person in the batch; an older one never replaces it. */
function upsertPeople(fresh: readonly AttributedEvent[]): Sql | undefined {
  const latest = new Map<string, AttributedEvent>()
  for (const event of fresh) {
    const { user, user_id } = event.incoming
    if (!user || user_id === undefined) continue
    const key = `${event.creator_id}\n${user_id}`
    const known = latest.get(key)
    if (!known || known.ts <= event.ts) latest.set(key, event)
  }
  if (latest.size === 0) return undefined
  const people = [...latest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, event]) => event)
  return sql`
    insert into people (creator_id, user_id, handle, name, avatar, seen_at)
    select * from unnest(
      ${people.map((e) => e.creator_id)}::text[],
      ${people.map((e) => e.incoming.user_id)}::text[],
      ${people.map((e) => e.incoming.user?.handle ?? null)}::text[],
      ${people.map((e) => e.incoming.user?.name ?? null)}::text[],
      ${people.map((e) => e.incoming.user?.avatar ?? null)}::text[],
      ${people.map((e) => instant(e.ts))}::timestamptz[]
    )
    on conflict (creator_id, user_id)
    do update set handle = excluded.handle, name = excluded.name, avatar = excluded.avatar,
      seen_at = excluded.seen_at
    where people.seen_at <= excluded.seen_at`
}
