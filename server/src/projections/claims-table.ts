import type { Transaction } from '@creatorflow/db/database'
import { type Sql, sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { Claim, ClaimKey } from './claims.ts'
import { renamedKey } from './erased-claim.ts'
import { type Erasure, instant, type Projection } from './projection.ts'

/** What was counted once. */
export const claims: Projection = {
  table: 'claims',
  personal: ['key'],
  write: (batch) => [insertClaims(batch.claims.added), updateClaims(batch.claims.stored)],
  rederived: {
    columns: ['creator_id', 'kind', 'key', 'value', 'ref', 'at'],
    rows: (of) => of.claims,
  },
  async erase(tx, tenant, erasure) {
    await renameClaims(tx, tenant, erasure)
    // A renamed claim counts the same.
    return { own: 0, mentions: 0 }
  },
}

function insertClaims(added: readonly (ClaimKey & Claim)[]): Sql | undefined {
  if (added.length === 0) return undefined
  return sql`
    insert into claims (creator_id, kind, key, value, ref, at) select * from ${unnested(added)}`
}

function updateClaims(stored: readonly (ClaimKey & Claim)[]): Sql | undefined {
  if (stored.length === 0) return undefined
  return sql`
    update claims c set value = t.value, ref = t.ref, at = t.at
    from ${unnested(stored)} as t (creator_id, kind, key, value, ref, at)
    where c.creator_id = t.creator_id and c.kind = t.kind and c.key = t.key`
}

function unnested(claims: readonly (ClaimKey & Claim)[]): Sql {
  return sql`unnest(
    ${claims.map((c) => c.creator_id)}::text[],
    ${claims.map((c) => c.kind)}::text[],
    ${claims.map((c) => c.key)}::text[],
    ${claims.map((c) => c.value)}::bigint[],
    ${claims.map((c) => c.ref)}::text[],
    ${claims.map((c) => instant(c.at))}::timestamptz[]
  )`
}

/** Claims follow the log, so every count stays. */
async function renameClaims(
  tx: Transaction,
  { creatorId }: Tenant,
  { person, eventIds }: Erasure,
): Promise<void> {
  const needles = [person.userId, ...person.orders.keys()].map((id) => JSON.stringify(id))
  const found = await tx.query<{ kind: string; key: string }>(sql`
    select kind, key from claims where creator_id = ${creatorId}
      and (key = any(${[...person.orders.keys()]}::text[])
        or exists (select 1 from unnest(${needles}::text[]) needle where strpos(key, needle) > 0))`)
  const renamed = found.flatMap(({ kind, key }) => {
    const after = renamedKey(kind, key, person, eventIds)
    return after === undefined ? [] : [{ kind, key, after }]
  })
  if (renamed.length === 0) return
  await tx.query(sql`
    update claims c set key = t.after
    from unnest(
      ${renamed.map((r) => r.kind)}::text[],
      ${renamed.map((r) => r.key)}::text[],
      ${renamed.map((r) => r.after)}::text[]
    ) as t (kind, key, after)
    where c.creator_id = ${creatorId} and c.kind = t.kind and c.key = t.key`)
}
