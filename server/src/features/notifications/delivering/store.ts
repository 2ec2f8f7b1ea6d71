import type { Database, Queryable } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type {
  AlertDelivery,
  DeliveryAttempt,
  DeliveryState,
  TargetKind,
} from '@creatorflow/shared/features/notifications'
import type { Item } from '../channels/message.ts'
import type { SentTo } from '../channels/send.ts'

/** A delivery that is being sent. */
export interface TakenDelivery {
  readonly id: string
  readonly items: readonly Item[]
  /** This one included. */
  readonly attempts: number
  readonly created_at: Date
  readonly creator_name: string
  readonly time_zone: string
}

/** How long others leave a target alone whose holder died. */
const LEASE_S = 60

/**
 * Takes targets that have something to send, so that no other process sends to them: at most so many, longest waiting
 * first.
 */
export async function holdTargets(
  database: Queryable,
  holder: string,
  most: number,
): Promise<SentTo[]> {
  return database.query<SentTo>(sql`
    update alert_targets set holder = ${holder}::uuid,
      held_until = clock_timestamp() + make_interval(secs => ${LEASE_S}::float8)
    where id in (
      select t.id from alert_targets t join (
        select target_id, min(next_at) as next_at from alert_deliveries
        where state = 'waiting' and next_at <= clock_timestamp() group by target_id
      ) due on due.target_id = t.id
      where t.enabled and t.ended_at is null
        and (t.held_until is null or t.held_until < clock_timestamp())
        and (t.paused_until is null or t.paused_until <= clock_timestamp())
      order by due.next_at, t.id limit ${most}::int for update of t skip locked)
    returning id, creator_id, kind, user_id`)
}

/** Lets others have a target again. */
export async function releaseTarget(
  database: Queryable,
  id: string,
  holder: string,
): Promise<void> {
  await database.query(sql`
    update alert_targets set holder = null, held_until = null
    where id = ${id}::uuid and holder = ${holder}::uuid`)
}

/** The oldest due delivery of a held target, counted as one more attempt; undefined if there is none, or it is lost. */
export async function takeDelivery(
  database: Database,
  targetId: string,
  holder: string,
): Promise<TakenDelivery | undefined> {
  return database.transaction(async (tx) => {
    const held = await tx.query(sql`
      update alert_targets set held_until = clock_timestamp() + make_interval(secs => ${LEASE_S}::float8)
      where id = ${targetId}::uuid and holder = ${holder}::uuid and held_until > clock_timestamp()
        and enabled and ended_at is null returning 1`)
    if (held.length === 0) return undefined
    const [taken] = await tx.query<TakenDelivery>(sql`
      update alert_deliveries d set attempts = attempts + 1, begun_at = coalesce(begun_at, clock_timestamp())
      from creators c
      where c.id = d.creator_id and d.id = (
        select id from alert_deliveries
        where target_id = ${targetId}::uuid and state = 'waiting' and next_at <= clock_timestamp()
        order by next_at, created_at, id limit 1 for update)
      returning d.id, d.items, d.attempts, d.created_at, c.name as creator_name, c.time_zone`)
    return taken
  })
}

interface DeliveryRow {
  readonly id: string
  readonly target_id: string
  readonly target_name: string
  readonly target_kind: TargetKind
  readonly state: DeliveryState
  readonly items: readonly Item[]
  readonly tries: readonly DeliveryAttempt[]
  readonly created_at: Date
  readonly next_at: Date
}

const columns = sql`d.id, d.target_id, t.name as target_name, t.kind as target_kind, d.state, d.items, d.tries,
  d.created_at, d.next_at`
const joined = sql`alert_deliveries d join alert_targets t on t.id = d.target_id`

export interface DeliveryPage {
  readonly targetId?: string | undefined
  readonly state?: DeliveryState | undefined
  readonly cursor?: string | undefined
  readonly limit: number
}

/** Newest first. */
export async function selectDeliveries(
  read: Queryable,
  { creatorId }: Tenant,
  { targetId = undefined, state = undefined, cursor, limit }: DeliveryPage,
): Promise<{ deliveries: AlertDelivery[]; next: string | null }> {
  const [at, id] = cursor?.split('~') ?? []
  const rows = await read.query<DeliveryRow & { micros: number }>(sql`
    select ${columns}, (extract(epoch from d.created_at) * 1000000)::bigint as micros from ${joined}
    where d.creator_id = ${creatorId}
      ${targetId === undefined ? sql`` : sql`and d.target_id = ${targetId}::uuid`}
      ${state === undefined ? sql`` : sql`and d.state = ${state}`}
      ${at === undefined ? sql`` : sql`and ((extract(epoch from d.created_at) * 1000000)::bigint, d.id) < (${Number(at)}::bigint, ${id}::uuid)`}
    order by d.created_at desc, d.id desc limit ${limit}::int`)
  const last = rows.length === limit ? rows.at(-1) : undefined
  return { deliveries: rows.map(shown), next: last ? `${last.micros}~${last.id}` : null }
}

export async function selectDelivery(
  read: Queryable,
  { creatorId }: Tenant,
  id: string,
): Promise<AlertDelivery | undefined> {
  const [row] = await read.query<DeliveryRow>(sql`
    select ${columns} from ${joined} where d.creator_id = ${creatorId} and d.id = ${id}::uuid`)
  return row && shown(row)
}

function shown(row: DeliveryRow): AlertDelivery {
  const { id, target_id, target_name, target_kind, state, tries, items, created_at, next_at } = row
  return {
    id,
    target_id,
    target_name,
    target_kind,
    state,
    items: items.map(({ id, kind, transition, severity, title, text, at }) => ({
      id,
      kind,
      transition,
      severity,
      title,
      text,
      at,
    })),
    attempts: [...tries],
    created_at: created_at.toISOString(),
    next_at: state === 'waiting' ? next_at.toISOString() : null,
  }
}

/** Makes a delivery due now, as if it had never been tried; its id and what it says stay. */
export async function sendAgain(
  database: Queryable,
  { creatorId }: Tenant,
  id: string,
): Promise<boolean> {
  const rows = await database.query(sql`
    update alert_deliveries set state = 'waiting', attempts = 0, next_at = clock_timestamp(), done_at = null,
      begun_at = coalesce(begun_at, clock_timestamp())
    where creator_id = ${creatorId} and id = ${id}::uuid returning 1`)
  return rows.length > 0
}

/** A message that is sent at once by whoever asked for it. */
export async function insertBegun(
  database: Queryable,
  { creatorId }: Tenant,
  targetId: string,
  items: readonly Item[],
): Promise<string> {
  const [row] = await database.query<{ id: string }>(sql`
    insert into alert_deliveries (creator_id, target_id, items, begun_at, attempts, next_at)
    values (${creatorId}, ${targetId}::uuid, ${JSON.stringify(items)}::jsonb, clock_timestamp(), 1,
      clock_timestamp() + interval '1 day')
    returning id`)
  if (!row) throw new Error('a delivery was not written')
  return row.id
}

/** Deletes deliveries that are over, past their days, and past so many of each creator. */
export async function forgetAlertDeliveries(
  database: Queryable,
  { keptDays, most }: { readonly keptDays: number; readonly most: number },
): Promise<void> {
  await database.query(sql`
    delete from alert_deliveries
    where created_at < clock_timestamp() - make_interval(days => ${keptDays}::int)`)
  await database.query(sql`
    delete from alert_deliveries where id in (
      select id from (
        select id, state, row_number() over (partition by creator_id order by created_at desc, id desc) as n
        from alert_deliveries
      ) numbered where n > ${most}::int and state <> 'waiting')`)
}
