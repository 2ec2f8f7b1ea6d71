import type { Queryable } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { type Claim, type ClaimBook, type ClaimKey, claimBook } from '../projections/claims.ts'
import { instant } from '../projections/projection.ts'

const ROWS_A_TIME = 5_000

/** The claims of a recount, in the database, because they are too many for memory. */
export interface RecountedClaims {
  readonly run: string
  /** Runs work with the claims of `keys`, and stores its changes; in `tx` if given. */
  with<T>(keys: readonly ClaimKey[], work: (book: ClaimBook) => T, tx?: Queryable): Promise<T>
  /** Starts with the stored claims; returns the log's position then. */
  copyStored(): Promise<number>
  /** Deletes claims of some kinds that nobody holds and that count nothing. */
  forgetEmpty(kinds: readonly string[]): Promise<void>
  /** Deletes all of it. */
  forget(): Promise<void>
}

/** The claims of one run, initially empty. */
export function recountedClaims(
  database: Queryable,
  { creatorId }: Tenant,
  run: string,
): RecountedClaims {
  return {
    run,
    async with(keys, work, tx = database) {
      const book = claimBook()
      book.learn(keys, await read(tx, run, keys))
      const result = work(book)
      await store(tx, run, book.changed())
      return result
    },
    async copyStored() {
      // One statement sees one moment: the claims are those of the events up to this number.
      const [row] = await database.query<{ seq: number }>(sql`
        with copied as (
          insert into recounted_claims (creator_id, run, kind, key, value, ref, at)
          select creator_id, ${run}::uuid, kind, key, value, ref, at from claims
          where creator_id = ${creatorId}
        )
        select seq from counters where creator_id = ${creatorId}`)
      return row?.seq ?? 0
    },
    async forgetEmpty(kinds) {
      for (const kind of kinds) await forgetEmptyOf(database, creatorId, run, kind)
    },
    forget: () => deleteRun(database, creatorId, run),
  }
}

/** Keys once each. */
export function distinctKeys(keys: Iterable<ClaimKey>): ClaimKey[] {
  const found = new Map<string, ClaimKey>()
  for (const key of keys) found.set(`${key.kind}\n${key.key}`, key)
  return [...found.values()]
}

/** Deletes leftovers of runs that ended without doing so. */
export async function forgetDeadRuns(database: Queryable): Promise<void> {
  // From one run to the next by the index: a current run may have millions of rows.
  const next = sql`select creator_id, run from recounted_claims`
  const dead = await database.query<{ creator_id: string; run: string }>(sql`
    with recursive runs as (
      (${next} order by creator_id, run limit 1)
      union all
      select n.creator_id, n.run from runs r cross join lateral (
        ${next} where (creator_id, run) > (r.creator_id, r.run) order by creator_id, run limit 1
      ) n
    )
    select creator_id, run::text from runs
    where not exists (
      select from leases where name = 'recount ' || run and expires_at > clock_timestamp()
    )`)
  for (const { creator_id, run } of dead) await deleteRun(database, creator_id, run)
}

/** The lease of a run: without it, the run is dead. */
export const leaseOf = (run: string): string => `recount ${run}`

async function read(
  database: Queryable,
  run: string,
  keys: readonly ClaimKey[],
): Promise<(ClaimKey & Claim)[]> {
  const [first] = keys
  if (!first) return []
  const found: (ClaimKey & Claim)[] = []
  for (const [kind, group] of Map.groupBy(keys, ({ kind }) => kind)) {
    const rows = await database.query<
      ClaimKey & { value: number; ref: string | null; at: Date }
    >(sql`
      select creator_id, kind, key, value, ref, at from recounted_claims
      where creator_id = ${first.creator_id} and run = ${run}::uuid and kind = ${kind}
        and key = any(${group.map(({ key }) => key)}::text[])`)
    for (const row of rows) found.push({ ...row, at: row.at?.getTime() ?? null })
  }
  return found
}

async function store(
  database: Queryable,
  run: string,
  claims: readonly (ClaimKey & Claim)[],
): Promise<void> {
  if (claims.length === 0) return
  await database.query(sql`
    insert into recounted_claims (creator_id, run, kind, key, value, ref, at)
    select creator_id, ${run}::uuid, kind, key, value, ref, at from unnest(
      ${claims.map((c) => c.creator_id)}::text[], ${claims.map((c) => c.kind)}::text[],
      ${claims.map((c) => c.key)}::text[], ${claims.map((c) => c.value)}::bigint[],
      ${claims.map((c) => c.ref)}::text[], ${claims.map((c) => instant(c.at))}::timestamptz[]
    ) as c (creator_id, kind, key, value, ref, at)
    on conflict (creator_id, run, kind, key)
    do update set value = excluded.value, ref = excluded.ref, at = excluded.at`)
}

/** Page by page: the embedded database does nothing else during a statement. */
async function forgetEmptyOf(
  database: Queryable,
  creatorId: string,
  run: string,
  kind: string,
): Promise<void> {
  const ofKind = sql`creator_id = ${creatorId} and run = ${run}::uuid and kind = ${kind}`
  for (let last: string | null = ''; last !== null; ) {
    const [page]: { n: number; last: string }[] = await database.query(sql`
      with page as materialized (
        select key, value <= 0 and ref is null and at is null as is_empty from recounted_claims
        where ${ofKind} and key > ${last}::text order by key limit ${ROWS_A_TIME}::int
      ), gone as (
        delete from recounted_claims
        where ${ofKind} and key = any(array(select key from page where is_empty))
      )
      select count(*)::int as n, max(key) as last from page`)
    last = page?.n === ROWS_A_TIME ? page.last : null
  }
}

async function deleteRun(database: Queryable, creatorId: string, run: string): Promise<void> {
  for (let deleted = ROWS_A_TIME; deleted === ROWS_A_TIME; ) {
    const [row] = await database.query<{ n: number }>(sql`
      with gone as (
        delete from recounted_claims where creator_id = ${creatorId} and run = ${run}::uuid
          and ctid = any(array(
            select ctid from recounted_claims
            where creator_id = ${creatorId} and run = ${run}::uuid limit ${ROWS_A_TIME}::int
          ))
        returning 1
      ) select count(*)::int as n from gone`)
    deleted = row?.n ?? 0
  }
}
