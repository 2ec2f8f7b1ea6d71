import type { Queryable } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type {
  AlertTarget,
  TargetKind,
  TargetState,
} from '@creatorflow/shared/features/notifications'

export interface TargetRow {
  readonly id: string
  readonly creator_id: string
  readonly kind: TargetKind
  readonly name: string
  readonly address: string
  readonly user_id: string | null
  readonly enabled: boolean
  readonly created_at: Date
  readonly failures: number
  readonly paused_until: Date | null
  readonly sent_at: Date | null
  readonly failed_at: Date | null
  readonly problem: string | null
  readonly ended_at: Date | null
  readonly waiting: number
}

const columns = sql`t.id, t.creator_id, t.kind, t.name, t.address, t.user_id, t.enabled, t.created_at, t.failures,
  t.paused_until, t.sent_at, t.failed_at, t.problem, t.ended_at, (
    select count(*)::int from alert_deliveries d where d.target_id = t.id and d.state = 'waiting'
  ) as waiting`

/** The targets of a creator, oldest first. */
export function selectTargets(read: Queryable, { creatorId }: Tenant): Promise<TargetRow[]> {
  return read.query<TargetRow>(sql`
    select ${columns} from alert_targets t where creator_id = ${creatorId} order by created_at, id`)
}

export async function selectTarget(
  read: Queryable,
  { creatorId }: Tenant,
  id: string,
): Promise<TargetRow | undefined> {
  const [row] = await read.query<TargetRow>(sql`
    select ${columns} from alert_targets t where creator_id = ${creatorId} and id = ${id}::uuid`)
  return row
}

export interface NewTargetRow {
  readonly kind: TargetKind
  readonly name: string
  readonly address: string
  readonly fingerprint: string | null
  readonly userId: string | null
}

/** The new target's id; undefined if this account is one already. */
export async function insertTarget(
  database: Queryable,
  { creatorId }: Tenant,
  { kind, name, address, fingerprint, userId }: NewTargetRow,
): Promise<string | undefined> {
  const [row] = await database.query<{ id: string }>(sql`
    insert into alert_targets (creator_id, kind, name, address, fingerprint, user_id)
    values (${creatorId}, ${kind}, ${name}, ${address}, ${fingerprint}, ${userId}::uuid)
    on conflict (creator_id, kind, fingerprint) do nothing returning id`)
  return row?.id
}

/** Turned on again it starts afresh: nothing is paused, and nothing is gone. */
export async function updateTarget(
  database: Queryable,
  id: string,
  change: {
    readonly name?: string | undefined
    readonly enabled?: boolean | undefined
    readonly address?: string | undefined
  },
): Promise<void> {
  const { name = null, enabled = null, address = null } = change
  const isFresh = enabled === true || address !== null
  await database.query(sql`
    update alert_targets set name = coalesce(${name}, name), enabled = coalesce(${enabled}::boolean, enabled),
      address = coalesce(${address}, address),
      failures = case when ${isFresh}::boolean then 0 else failures end,
      paused_until = case when ${isFresh}::boolean then null else paused_until end,
      ended_at = case when ${isFresh}::boolean then null else ended_at end
    where id = ${id}::uuid`)
}

export async function deleteTarget(database: Queryable, id: string): Promise<void> {
  await database.query(sql`delete from alert_targets where id = ${id}::uuid`)
}

/** A target as it is shown to somebody; `viewer` is their user id, null for the local owner, undefined for a key. */
export function shownTarget(
  row: TargetRow,
  viewer: string | null | undefined,
  now: Date,
): AlertTarget {
  const iso = (at: Date | null) => at?.toISOString() ?? null
  const { id, kind, name, address, failures, waiting, problem } = row
  const isOfPerson = kind === 'push' || kind === 'email'
  return {
    id,
    kind,
    name,
    address,
    own: isOfPerson && row.user_id === viewer,
    state: stateOf(row, now),
    failures,
    paused_until: iso(row.paused_until && row.paused_until > now ? row.paused_until : null),
    waiting,
    sent_at: iso(row.sent_at),
    failed_at: iso(row.failed_at),
    problem: failures > 0 || row.ended_at ? problem : null,
    created_at: row.created_at.toISOString(),
  }
}

function stateOf(row: TargetRow, now: Date): TargetState {
  if (row.ended_at) return 'ended'
  if (!row.enabled) return 'off'
  if (row.paused_until && row.paused_until > now) return 'paused'
  if (row.failures > 0) return 'failing'
  return row.sent_at ? 'ok' : 'new'
}
