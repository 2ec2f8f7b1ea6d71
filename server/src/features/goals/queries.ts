import type { Queryable, TenantRead } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { Goal } from '@creatorflow/shared/features/goals'

const columns = sql`id, session_id, metric, target, planned_minutes`

/** The goal of a LIVE, else the creator's general one; null if there is neither. */
export async function selectGoal(
  read: TenantRead,
  { creatorId }: Tenant,
  sessionId: string | null,
): Promise<Goal | null> {
  const [row] = await read.query<Goal>(sql`
    select ${columns} from goals
    where creator_id = ${creatorId} and (session_id is null or session_id = ${sessionId}::text)
    order by session_id is null limit 1`)
  return row ?? null
}

/** Replaces the goal; the same one again keeps its id. */
export async function upsertGoal(
  database: Queryable,
  { creatorId }: Tenant,
  { session_id, metric, target, planned_minutes }: Omit<Goal, 'id'>,
): Promise<Goal> {
  const [row] = await database.query<Goal>(sql`
    insert into goals as g (creator_id, session_id, metric, target, planned_minutes)
    values (${creatorId}, ${session_id}, ${metric}, ${target}, ${planned_minutes})
    on conflict (creator_id, session_id) do update set
      id = case when (g.metric, g.target) = (excluded.metric, excluded.target) then g.id else excluded.id end,
      metric = excluded.metric, target = excluded.target, planned_minutes = excluded.planned_minutes
    returning ${columns}`)
  if (!row) throw new Error('an upsert returned no row')
  return row
}

/** A missing goal is just as good. */
export async function deleteGoal(
  database: Queryable,
  { creatorId }: Tenant,
  sessionId: string | null,
): Promise<void> {
  await database.query(sql`
    delete from goals
    where creator_id = ${creatorId} and session_id is not distinct from ${sessionId}::text`)
}
