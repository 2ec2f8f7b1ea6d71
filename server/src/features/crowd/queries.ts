import type { Queryable, TenantRead } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { Person } from '@creatorflow/shared/features/crowd'

export interface OrderRow {
  readonly user_id: string | null
  readonly id: string
  readonly ts: Date
  readonly product_id: string | null
  readonly quantity: number
  readonly money: number | null
}

export interface CommentRow {
  readonly user_id: string | null
  readonly id: string
  readonly ts: Date
  readonly text: string
  readonly answered_at: Date | null
}

/** One LIVE of one creator, and the number of rows wanted. */
export interface Part {
  readonly creatorId: string
  readonly sessionId: string
  readonly limit: number
}

/** Top gifters; gifts are increments, so a streak counts its greatest repeat once. */
export function selectGifters(
  read: TenantRead,
  { creatorId, sessionId, limit }: Part,
): Promise<{ user_id: string; diamonds: number; gifts: number }[]> {
  return read.query(sql`
    select user_id, sum(diamonds)::bigint as diamonds, sum(units)::bigint as gifts
    from events
    where creator_id = ${creatorId} and session_id = ${sessionId} and type = 'gift'
      and user_id is not null
    group by user_id having sum(units) > 0
    order by diamonds desc, gifts desc, user_id limit ${limit}::int`)
}

/** Top buyers, in the creator's currency, like GMV. */
export function selectBuyers(
  read: TenantRead,
  { creatorId, sessionId, limit }: Part,
): Promise<{ user_id: string; gmv: number; orders: number }[]> {
  return read.query(sql`
    select customer_id as user_id, sum(money)::bigint as gmv, sum(main_order)::bigint as orders
    from events
    where creator_id = ${creatorId} and session_id = ${sessionId}
      and type = 'payment_completed' and customer_id is not null
    group by customer_id
    -- Who paid in another currency alone would be listed with nothing.
    having sum(money) > 0 or sum(main_order) > 0
    order by gmv desc, orders desc, customer_id limit ${limit}::int`)
}

/** The latest paid lines. */
export function selectOrders(
  read: TenantRead,
  { creatorId, sessionId, limit }: Part,
): Promise<OrderRow[]> {
  return read.query(sql`
    select id, ts, product_id, customer_id as user_id, coalesce(quantity, 1) as quantity,
      -- Not by "excluded": an order of several lines in another currency is counted there once.
      case when currency is null
        or currency = (select currency from creators where id = ${creatorId}) then money end as money
    from events
    where creator_id = ${creatorId} and session_id = ${sessionId} and type = 'payment_completed'
    order by ts desc, id desc limit ${limit}::int`)
}

const commentColumns = sql`event_id as id, ts, text, user_id, answered_at`

export function selectComments(
  read: TenantRead,
  { creatorId, sessionId, limit }: Part,
): Promise<CommentRow[]> {
  return read.query(sql`
    select ${commentColumns} from comments
    where creator_id = ${creatorId} and session_id = ${sessionId}
    order by ts desc, event_id desc limit ${limit}::int`)
}

/** Unanswered ones first; each part newest first. */
export function selectQuestions(
  read: TenantRead,
  { creatorId, sessionId, limit }: Part,
): Promise<CommentRow[]> {
  return read.query(sql`
    select ${commentColumns} from comments
    where creator_id = ${creatorId} and session_id = ${sessionId} and question
    order by answered_at is not null, ts desc, event_id desc limit ${limit}::int`)
}

export async function countUnanswered(
  read: TenantRead,
  { creatorId, sessionId }: Part,
): Promise<number> {
  const [row] = await read.query<{ n: number }>(sql`
    select count(*)::int as n from comments
    where creator_id = ${creatorId} and session_id = ${sessionId} and question
      and answered_at is null`)
  return row?.n ?? 0
}

/** The LIVE's start; undefined if there is no such LIVE. */
export async function selectStart(
  read: TenantRead,
  { creatorId, sessionId }: Part,
): Promise<Date | undefined> {
  const [row] = await read.query<{ started_at: Date }>(sql`
    select started_at from lives where creator_id = ${creatorId} and session_id = ${sessionId}`)
  return row?.started_at
}

/** Handles and names; unknown people are left out. */
export function selectPeople(
  read: TenantRead,
  { creatorId }: Tenant,
  ids: readonly string[],
): Promise<Person[]> {
  return read.query<Person>(sql`
    select user_id, handle, name from people
    where creator_id = ${creatorId} and user_id = any(${ids}::text[])
    order by user_id`)
}

/** Sets or removes the mark; the first one stays. False if there is no such question. */
export async function markAnswered(
  database: Queryable,
  { creatorId }: Tenant,
  question: { readonly session_id: string; readonly comment_id: string },
  answered: boolean,
): Promise<boolean> {
  const rows = await database.query(sql`
    update comments
    set answered_at = case when ${answered}::boolean then coalesce(answered_at, now()) end
    where creator_id = ${creatorId} and event_id = ${question.comment_id}
      and session_id = ${question.session_id} and question
    returning 1`)
  return rows.length > 0
}
