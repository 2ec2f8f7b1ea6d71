import type { Queryable, Transaction } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { SourceState } from '@creatorflow/shared/sources'
import { OtherKeyError, type Sealer } from '../../core/seal.ts'
import type { Secrets, SourceRow } from './source.ts'

/** A connection with its status. */
export interface SourceHealthRow extends SourceRow {
  readonly created_at: Date
  readonly state: SourceState
  readonly state_since: Date
  readonly problem: string | null
  readonly problem_detail: string | null
  readonly problem_at: Date | null
  readonly retry_at: Date | null
  readonly messages: number
  readonly messages_per_s: number
  readonly events: number
  readonly set_aside: number
  readonly unknown: Record<string, number>
  readonly last_message_at: Date | null
  readonly last_event_at: Date | null
  readonly lag_ms: number | null
  /** What `checks.ts` keeps. */
  readonly checked: unknown
  /** Whether a process reported on it recently. */
  readonly held: boolean
}

const made = sql`s.id::text as id, s.creator_id, s.kind, s.account, s.name, s.enabled, s.settings, s.version`
const health = sql`s.created_at, s.state, s.state_since, s.problem, s.problem_detail, s.problem_at, s.retry_at,
  s.messages, s.messages_per_s, s.events, s.set_aside, s.unknown, s.last_message_at, s.last_event_at,
  s.lag_ms, s.cursor -> 'checked' as checked, (s.enabled and coalesce(s.seen_at > clock_timestamp() - interval '30 seconds', false)) as held`

/** Tells every node that a connection was made, changed or removed. */
export const sourcesChannel = 'creatorflow:sources'

/** The only place that names the lease of a connection's holder. */
export const leaseOf = (sourceId: string): string => `source ${sourceId}`

/** Those that are on, and whether someone holds them now. */
export function readRunnable(database: Queryable): Promise<(SourceRow & { held: boolean })[]> {
  return database.query(sql`
    select ${made}, l.name is not null as held from sources s
    left join leases l on l.name = 'source ' || s.id and l.expires_at > clock_timestamp()
    where s.enabled order by s.id`)
}

/** The connections of one creator, through its own view or not. */
export function readSources(database: Queryable, tenant: Tenant): Promise<SourceHealthRow[]> {
  return readSourcesOf(database, [tenant])
}

/** The same for several in one statement. */
export function readSourcesOf(
  database: Queryable,
  tenants: readonly Tenant[],
): Promise<SourceHealthRow[]> {
  return database.query(sql`
    select ${made}, ${health} from sources s
    where s.creator_id = any(${tenants.map(({ creatorId }) => creatorId)}::text[])
    order by s.kind, s.name, s.id`)
}

export async function readSource(
  database: Queryable,
  { creatorId }: Tenant,
  id: string,
): Promise<SourceHealthRow | undefined> {
  const [row] = await database.query<SourceHealthRow>(sql`
    select ${made}, ${health} from sources s where s.creator_id = ${creatorId} and s.id = ${id}::uuid`)
  return row
}

/** For the receiver, which knows a source by its id before it knows its creator. */
export async function findSource(database: Queryable, id: string): Promise<SourceRow | undefined> {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) return undefined
  const [row] = await database.query<SourceRow>(
    sql`select ${made} from sources s where s.id = ${id}::uuid`,
  )
  return row
}

/** The one source of an account, of a kind whose accounts are connected once. */
export async function findByAccount(
  database: Queryable,
  kind: string,
  account: string,
): Promise<SourceRow | undefined> {
  const [row] = await database.query<SourceRow>(sql`
    select ${made} from sources s
    where s.kind = ${kind} and s.account = ${account} and s.is_exclusive`)
  return row
}

/** Undefined if the account is already connected. */
export async function insertSource(
  tx: Transaction,
  { creatorId }: Tenant,
  source: {
    readonly kind: string
    readonly account: string
    readonly name: string
    readonly settings: Readonly<Record<string, unknown>>
    /** Nobody else may connect the same account. */
    readonly isExclusive: boolean
  },
): Promise<string | undefined> {
  const [row] = await tx.query<{ id: string }>(sql`
    insert into sources (creator_id, kind, account, name, settings, is_exclusive)
    values (${creatorId}, ${source.kind}, ${source.account}, ${source.name},
      ${JSON.stringify(source.settings)}::jsonb, ${source.isExclusive})
    on conflict do nothing returning id::text as id`)
  return row?.id
}

/** Another version makes its holder restart. */
export async function touchSource(
  tx: Queryable,
  { creatorId }: Tenant,
  id: string,
  change: { readonly name?: string | undefined; readonly enabled?: boolean | undefined } = {},
): Promise<boolean> {
  const rows = await tx.query(sql`
    update sources set version = version + 1, name = coalesce(${change.name ?? null}, name),
      enabled = coalesce(${change.enabled ?? null}::boolean, enabled),
      state = case when coalesce(${change.enabled ?? null}::boolean, enabled) then 'starting' else 'off' end,
      state_since = clock_timestamp(), problem = null, problem_detail = null, problem_at = null, retry_at = null
    where id = ${id}::uuid and creator_id = ${creatorId} returning 1`)
  return rows.length > 0
}

export async function deleteSource(
  tx: Queryable,
  { creatorId }: Tenant,
  id: string,
): Promise<boolean> {
  const rows = await tx.query(
    sql`delete from sources where id = ${id}::uuid and creator_id = ${creatorId} returning 1`,
  )
  return rows.length > 0
}

const context = (sourceId: string) => `source ${sourceId}`

/** Throws if they were encrypted with another key. */
export async function readSecrets(
  database: Queryable,
  sealer: Sealer,
  sourceId: string,
): Promise<Secrets> {
  const [row] = await database.query<{ sealed: Uint8Array }>(
    sql`select sealed from source_secrets where source_id = ${sourceId}::uuid`,
  )
  // Safe: only `writeSecrets` makes them.
  return row ? (JSON.parse(sealer.open(row.sealed, context(sourceId))) as Secrets) : {}
}

/** Replaces the given ones; the others stay, unless they were encrypted with another key. */
export async function writeSecrets(
  tx: Transaction,
  sealer: Sealer,
  sourceId: string,
  changes: Secrets,
): Promise<void> {
  await tx.query(sql`select 1 from sources where id = ${sourceId}::uuid for update`)
  const before = await readSecrets(tx, sealer, sourceId).catch((error: unknown) => {
    if (error instanceof OtherKeyError) return {}
    throw error
  })
  const all = { ...before, ...changes }
  const sealed = sealer.seal(JSON.stringify(all), context(sourceId))
  await tx.query(sql`
    insert into source_secrets (source_id, sealed) values (${sourceId}::uuid, ${sealed})
    on conflict (source_id) do update set sealed = excluded.sealed`)
}

export async function readCursor(
  database: Queryable,
  sourceId: string,
): Promise<Readonly<Record<string, unknown>>> {
  const [row] = await database.query<{ cursor: Record<string, unknown> }>(
    sql`select cursor from sources where id = ${sourceId}::uuid`,
  )
  return row?.cursor ?? {}
}

export async function writeCursor(
  database: Queryable,
  sourceId: string,
  changes: Readonly<Record<string, unknown>>,
): Promise<void> {
  await database.query(sql`
    update sources set cursor = cursor || ${JSON.stringify(changes)}::jsonb where id = ${sourceId}::uuid`)
}
