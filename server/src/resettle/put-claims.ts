import type { Database, Transaction } from '@creatorflow/db/database'
import { type Sql, sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { ClaimKey } from '../projections/claims.ts'
import { projections } from '../projections/index.ts'

/** Claims compared in one step. */
const CLAIMS_A_LOOK = 2_500

/** Rewrites claims, and updates what is counted by them. */
export async function rewriteClaims(
  tx: Transaction,
  creatorId: string,
  keys: readonly ClaimKey[],
  rewrite: () => Promise<void>,
): Promise<void> {
  if (keys.length === 0) return
  for (const { beforeClaims } of projections) await beforeClaims?.(tx, creatorId, keys)
  await rewrite()
  for (const { afterClaims } of projections) await afterClaims?.(tx, creatorId, keys)
}

/** Stores claims as a run has them; missing keys are deleted. */
export function putClaims(
  tx: Transaction,
  { creatorId }: Tenant,
  run: string,
  keys: readonly ClaimKey[],
): Promise<void> {
  const asked = sql`unnest(
    ${keys.map(({ kind }) => kind)}::text[], ${keys.map(({ key }) => key)}::text[]
  ) as t (kind, key)`
  return rewriteClaims(tx, creatorId, keys, async () => {
    // `offset 0` keeps both a loop: without statistics the planner would read all claims of the run for each
    // step.
    await tx.query(sql`
      delete from claims c using ${asked}
      where c.creator_id = ${creatorId} and c.kind = t.kind and c.key = t.key
        and not exists (
          select from recounted_claims r
          where r.creator_id = ${creatorId} and r.run = ${run}::uuid and r.kind = t.kind and r.key = t.key
          offset 0
        )`)
    await tx.query(sql`
      insert into claims (creator_id, kind, key, value, ref, at)
      select r.* from ${asked} cross join lateral (
        select creator_id, kind, key, value, ref, at from recounted_claims
        where creator_id = ${creatorId} and run = ${run}::uuid and kind = t.kind and key = t.key
        offset 0
      ) r
      on conflict (creator_id, kind, key)
      do update set value = excluded.value, ref = excluded.ref, at = excluded.at`)
  })
}

/**
 * Keys of claims that differ between the table and a run, step by step, with how many were compared. Outside
 * of any lock: whoever writes meanwhile knows its keys.
 */
export async function* otherClaims(
  database: Database,
  { creatorId }: Tenant,
  run: string,
): AsyncGenerator<{ readonly looked: number; readonly keys: readonly ClaimKey[] }> {
  const ofRun = sql`creator_id = ${creatorId} and run = ${run}::uuid`
  const stored = sql`creator_id = ${creatorId}`
  const isOther = sql`o.key is null or (o.value, o.ref, o.at) is distinct from (p.value, p.ref, p.at)`
  yield* looks(database, creatorId, sql`claims where ${stored}`, (key) => ({
    other: sql`recounted_claims where ${ofRun} and ${key}`,
    isOther,
  }))
  yield* looks(database, creatorId, sql`recounted_claims where ${ofRun}`, (key) => ({
    other: sql`claims where ${stored} and ${key}`,
    isOther: sql`o.key is null`,
  }))
}

interface Compared {
  readonly other: Sql
  readonly isOther: Sql
}

async function* looks(
  database: Database,
  creatorId: string,
  from: Sql,
  compare: (key: Sql) => Compared,
): AsyncGenerator<{ readonly looked: number; readonly keys: readonly ClaimKey[] }> {
  let last: Pick<ClaimKey, 'kind' | 'key'> | undefined = { kind: '' as ClaimKey['kind'], key: '' }
  const { other, isOther } = compare(sql`kind = p.kind and key = p.key`)
  while (last) {
    const rows: (ClaimKey & { n: number; is_other: boolean })[] = await database.query(sql`
      with page as materialized (
        select kind, key, value, ref, at, row_number() over (order by kind, key)::int as n from (
          select kind, key, value, ref, at from ${from}
            and (kind, key) > (${last.kind}::text, ${last.key}::text)
          order by kind, key limit ${CLAIMS_A_LOOK}::int
        ) first
      ), compared as (
        select p.kind, p.key, p.n, (${isOther}) as is_other, p.n = max(p.n) over () as is_last
        from page p left join lateral (
          select key, value, ref, at from ${other} offset 0
        ) o on true
      )
      select kind, key, n, is_other from compared where is_other or is_last order by n`)
    const end = rows.at(-1)
    const keys = rows
      .filter(({ is_other }) => is_other)
      .map(({ kind, key }) => ({ creator_id: creatorId, kind, key }))
    yield { looked: end?.n ?? 0, keys }
    last = end && end.n === CLAIMS_A_LOOK ? end : undefined
  }
}
