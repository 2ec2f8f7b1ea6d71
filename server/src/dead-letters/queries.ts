import type { Queryable } from '@creatorflow/db/database'
import { type Sql, sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { letterBytes } from './dead-letters.ts'

/** Filter of letters; absent fields match any. */
export interface LetterFilter {
  /** A kind of source, or `INSIDE`. */
  readonly source?: string | undefined
  readonly source_id?: string | undefined
  readonly ids?: readonly number[] | undefined
  readonly up_to?: number | undefined
  readonly state: 'waiting' | 'replayed' | 'all'
}

export interface LetterRow {
  readonly id: number
  readonly source: string
  readonly source_id: string | null
  readonly source_name: string | null
  readonly topic: string | null
  readonly key: string | null
  readonly reason: string
  readonly received_at: Date
  readonly attempts: number
  readonly replayed_at: Date | null
  readonly bytes: number
}

/** A letter with its content: bytes of a message, or an event. */
export interface WholeLetter {
  readonly id: number
  readonly source_id: string | null
  readonly topic: string | null
  readonly raw: Uint8Array | null
  readonly received_at: Date
  readonly event: Readonly<Record<string, unknown>> | null
}

export interface LetterSums {
  readonly waiting: number
  readonly replayed: number
  readonly bytes: number
  readonly lost: number
  readonly lost_at: Date | null
}

const columns = sql`d.id, d.source, d.source_id::text as source_id, s.name as source_name,
  coalesce(d.topic, d.event ->> 'type') as topic, d.key, d.reason, d.received_at, d.attempts, d.replayed_at,
  ${letterBytes} as bytes`
const letters = sql`dead_letters d left join sources s on s.id = d.source_id`

function matches(
  { creatorId }: Tenant,
  { source, source_id, ids, up_to, state }: LetterFilter,
): Sql {
  return sql`d.creator_id = ${creatorId}
    and (${source ?? null}::text is null or d.source = ${source ?? null})
    and (${source_id ?? null}::uuid is null or d.source_id = ${source_id ?? null}::uuid)
    and (${ids ?? null}::bigint[] is null or d.id = any(${ids ?? null}::bigint[]))
    and (${up_to ?? null}::bigint is null or d.id <= ${up_to ?? null}::bigint)
    and (${state} = 'all' or (d.replayed_at is null) = (${state} = 'waiting'))`
}

/** Newest first. */
export function selectLetters(
  database: Queryable,
  tenant: Tenant,
  filter: LetterFilter,
  { before, limit }: { readonly before: number | undefined; readonly limit: number },
): Promise<LetterRow[]> {
  return database.query(sql`
    select ${columns} from ${letters}
    where ${matches(tenant, filter)} and (${before ?? null}::bigint is null or d.id < ${before ?? null}::bigint)
    order by d.id desc limit ${limit}::int`)
}

export async function selectLetter(
  database: Queryable,
  { creatorId }: Tenant,
  id: number,
): Promise<(LetterRow & Pick<WholeLetter, 'raw' | 'event'>) | undefined> {
  const [row] = await database.query<LetterRow & Pick<WholeLetter, 'raw' | 'event'>>(sql`
    select ${columns}, d.raw, d.event from ${letters}
    where d.creator_id = ${creatorId} and d.id = ${id}::bigint`)
  return row
}

export async function selectSums(database: Queryable, { creatorId }: Tenant): Promise<LetterSums> {
  const [row] = await database.query<LetterSums>(sql`
    select count(*) filter (where replayed_at is null)::int as waiting,
      count(*) filter (where replayed_at is not null)::int as replayed,
      coalesce(sum(${letterBytes}), 0)::bigint as bytes,
      coalesce((select letters from dead_letters_lost where creator_id = ${creatorId}), 0)::bigint as lost,
      (select at from dead_letters_lost where creator_id = ${creatorId}) as lost_at
    from dead_letters where creator_id = ${creatorId}`)
  return row ?? { waiting: 0, replayed: 0, bytes: 0, lost: 0, lost_at: null }
}

/** Letters to retry, oldest first. */
export function selectToReplay(
  database: Queryable,
  tenant: Tenant,
  filter: Omit<LetterFilter, 'state'>,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<WholeLetter[]> {
  return database.query(sql`
    select d.id, d.source_id::text as source_id, d.topic, d.raw, d.event, d.received_at from dead_letters d
    where ${matches(tenant, { ...filter, state: 'waiting' })} and d.id > ${after}::bigint
    order by d.id limit ${limit}::int`)
}

export async function markReplayed(database: Queryable, id: number): Promise<void> {
  await database.query(
    sql`update dead_letters set replayed_at = clock_timestamp() where id = ${id}::bigint`,
  )
}

export async function markFailed(database: Queryable, id: number, reason: string): Promise<void> {
  await database.query(sql`
    update dead_letters set reason = ${reason}, attempts = attempts + 1, replayed_at = null
    where id = ${id}::bigint`)
}

/** Deletes them; returns how many. */
export async function deleteLetters(
  database: Queryable,
  tenant: Tenant,
  filter: LetterFilter,
): Promise<number> {
  const [row] = await database.query<{ n: number }>(sql`
    with gone as (delete from dead_letters d where ${matches(tenant, filter)} returning 1)
    select count(*)::int as n from gone`)
  return row?.n ?? 0
}
