import type { Transaction } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import type { Claim, ClaimBook, ClaimKey } from '../projections/claims.ts'
import { instant } from '../projections/projection.ts'
import { inPortions, ROWS_A_TIME, type Step } from './portions.ts'

/** Claims that go with a row. */
const CLAIMS_A_ROW = 5

/** Makes the stored claims those of the book: first what is stored goes through page by page, then what is missing. */
export function* claimSteps(
  { creatorId }: Tenant,
  claims: ClaimBook,
  rowsAStep: number,
): Generator<Step, undefined> {
  const size = rowsAStep * CLAIMS_A_ROW
  const seen = new Set<string>()
  let after: { readonly kind: string; readonly key: string } | undefined = { kind: '', key: '' }
  while (after) {
    const from: { readonly kind: string; readonly key: string } = after
    yield async (tx) => {
      const stored = await tx.query<ClaimKey & Omit<Claim, 'at'> & { at: Date | null }>(sql`
        select creator_id, kind, key, value, ref, at from claims
        where creator_id = ${creatorId} and (kind, key) > (${from.kind}::text, ${from.key}::text)
        order by kind, key limit ${size}::int`)
      for (const claim of stored) seen.add(nameOf(claim))
      const others = stored.filter((claim) => !isEqual(claims.get(claim), claim))
      await writeClaims(tx, others, claims)
      after = stored.length < size ? undefined : stored.at(-1)
    }
  }
  const missing = claims.changed().filter((claim) => !seen.has(nameOf(claim)))
  for (const portion of inPortions(missing, size)) {
    yield (tx) => writeClaims(tx, portion, claims)
  }
}

/** Stores claims as the book has them; a key that it does not have is deleted. */
export async function writeClaims(
  tx: Transaction,
  keys: readonly ClaimKey[],
  book: ClaimBook,
): Promise<void> {
  for (const portion of inPortions(keys, ROWS_A_TIME * CLAIMS_A_ROW)) {
    const [first] = portion as [ClaimKey]
    const gone = portion.filter((key) => book.get(key) === undefined)
    await deleteClaims(tx, first.creator_id, gone)
    const kept = portion.flatMap(({ creator_id, kind, key }) => {
      const claim = book.get({ creator_id, kind, key })
      return claim ? [{ creator_id, kind, key, ...claim }] : []
    })
    if (kept.length === 0) continue
    await tx.query(sql`
      insert into claims (creator_id, kind, key, value, ref, at)
      select ${first.creator_id}::text, * from unnest(
        ${kept.map((c) => c.kind)}::text[], ${kept.map((c) => c.key)}::text[],
        ${kept.map((c) => c.value)}::bigint[], ${kept.map((c) => c.ref)}::text[],
        ${kept.map((c) => instant(c.at))}::timestamptz[]
      )
      on conflict (creator_id, kind, key)
      do update set value = excluded.value, ref = excluded.ref, at = excluded.at`)
  }
}

/** Deletes claims by their keys. */
export async function deleteClaims(
  tx: Transaction,
  creatorId: string,
  keys: readonly ClaimKey[],
): Promise<void> {
  for (const portion of inPortions(keys, ROWS_A_TIME * CLAIMS_A_ROW)) {
    await tx.query(sql`
      delete from claims c using unnest(
        ${portion.map(({ kind }) => kind)}::text[], ${portion.map(({ key }) => key)}::text[]
      ) as t (kind, key)
      where c.creator_id = ${creatorId} and c.kind = t.kind and c.key = t.key`)
  }
}

const nameOf = ({ kind, key }: ClaimKey): string => `${kind}\n${key}`

function isEqual(
  claim: Claim | undefined,
  stored: Omit<Claim, 'at'> & { readonly at: Date | null },
): boolean {
  return (
    claim !== undefined &&
    claim.value === stored.value &&
    claim.ref === stored.ref &&
    claim.at === (stored.at?.getTime() ?? null)
  )
}
