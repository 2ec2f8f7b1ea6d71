import type { Transaction } from '@creatorflow/db/database'
import { type Sql, sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { AttributedEvent } from '../eventlog/accepted-event.ts'
import type { EventRow } from '../eventlog/event-row.ts'
import { holdsAny } from './holds-any.ts'
import type { Identifiers } from './identifiers.ts'
import { instant, type Projection } from './projection.ts'
import { isQuestion } from './question.ts'

/** Comment texts, which are not in the log. */
export const comments: Projection = {
  table: 'comments',
  personal: ['user_id', 'text'],
  write: ({ fresh }) => [insertComments(fresh)],
  reattributeRows: moveComments,
  ages: { column: 'ts', days: (config) => config.commentsRetentionDays },
  eventId: 'event_id',
  async erase(tx, tenant, { person, identifiers }) {
    const own = await tx.query(sql`
      delete from comments where creator_id = ${tenant.creatorId} and user_id = ${person.userId}
      returning 1`)
    return { own: own.length, mentions: await eraseMentions(tx, tenant, identifiers) }
  },
  exported: {
    kind: 'comment',
    page(read, userId, last, limit) {
      // Safe: a row of this very statement.
      const after = last as { readonly ts: Date; readonly event_id: string } | undefined
      return read.query<object>(sql`
        select event_id, session_id, ts, text from comments
        where user_id = ${userId} and (date_trunc('milliseconds', ts), event_id)
          > (${after?.ts.toISOString() ?? '-infinity'}::timestamptz, ${after?.event_id ?? ''}::text)
        order by date_trunc('milliseconds', ts), event_id limit ${limit}::int`)
    },
  },
  rebuilt: {
    columns: ['event_id', 'session_id', 'user_id', 'ts'],
    isCompared: sql`ts >= (select kept_since from retention)`,
    // Texts may be past their own retention: a comment without text is not a difference.
    rows: (creatorId) => sql`
      select e.id, e.session_id, e.user_id, e.ts from events e
      join comments c on c.creator_id = e.creator_id and c.event_id = e.id
      where e.creator_id = ${creatorId} and e.type = 'comment'`,
  },
}

function insertComments(fresh: readonly AttributedEvent[]): Sql | undefined {
  const comments = fresh.filter(
    ({ incoming }) => incoming.type === 'comment' && typeof incoming.properties?.text === 'string',
  )
  if (comments.length === 0) return undefined
  return sql`
    insert into comments (creator_id, event_id, session_id, user_id, ts, text, question)
    select * from unnest(
      ${comments.map((e) => e.creator_id)}::text[],
      ${comments.map((e) => e.incoming.id)}::text[],
      ${comments.map((e) => e.session_id)}::text[],
      ${comments.map((e) => e.incoming.user_id ?? null)}::text[],
      ${comments.map((e) => instant(e.ts))}::timestamptz[],
      ${comments.map((e) => String(e.incoming.properties?.text))}::text[],
      ${comments.map(({ incoming: { properties } }) => isQuestion(String(properties?.text), properties?.question))}::boolean[]
    )`
}

function moveComments(creatorId: string, rows: readonly EventRow[]): Sql | undefined {
  const comments = rows.filter(({ type }) => type === 'comment')
  if (comments.length === 0) return undefined
  return sql`
    update comments c set session_id = t.session_id
    from unnest(
      ${comments.map((row) => row.id)}::text[], ${comments.map((row) => row.session_id)}::text[]
    ) as t (event_id, session_id)
    where c.creator_id = ${creatorId} and c.event_id = t.event_id`
}

/** Mentions in other people's texts. Returns how many texts changed. */
async function eraseMentions(
  tx: Transaction,
  { creatorId }: Tenant,
  { redact, needles }: Identifiers,
): Promise<number> {
  const rows = await tx.query<{ event_id: string; text: string }>(sql`
    select event_id, text from comments where creator_id = ${creatorId} and ${holdsAny(sql`text`, needles)}`)
  let changed = 0
  for (const { event_id, text } of rows) {
    const after = redact(text)
    if (after === text) continue
    await tx.query(sql`
      update comments set text = ${after} where creator_id = ${creatorId} and event_id = ${event_id}`)
    changed++
  }
  return changed
}
