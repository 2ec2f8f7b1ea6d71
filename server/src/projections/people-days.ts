import type { Transaction } from '@creatorflow/db/database'
import { type Sql, sql } from '@creatorflow/db/sql'
import type { ClaimKey, ClaimKind } from './claims.ts'
import type { Projection } from './projection.ts'

/** Claims that a person was seen on a local day. */
const kinds: ReadonlySet<ClaimKind> = new Set(['viewer_day', 'customer_day'])

/** A key is `["person","2026-11-30"]`: the part before the day is shared by all days of the person. */
const DAY_AND_END = '2026-11-30"]'.length

const dayOf = (key: string): string => key.slice(-DAY_AND_END, -'"]'.length)
const personOf = (key: string): string => key.slice(0, -DAY_AND_END)

/**
 * Counts a batch's new claims of days, in the statement that adds them: each new day by the person's previous
 * day, and the following day, if any, now by the new one. Undefined if no day is new.
 */
export function countPeopleDays(added: readonly ClaimKey[]): Sql | undefined {
  const days = added.filter(({ kind }) => kinds.has(kind))
  if (days.length === 0) return undefined
  return sql`
    insert into people_days as d (creator_id, kind, day, seen_before, people)
    select creator_id, kind, day, seen_before, sum(people)::bigint from (
      with added as (
        select a.*, before.day as before, after.day as after,
          lag(a.day) over person as added_before, lead(a.day) over person as added_after
        from unnest(
          ${days.map(({ creator_id }) => creator_id)}::text[],
          ${days.map(({ kind }) => kind)}::text[],
          ${days.map(({ key }) => personOf(key))}::text[],
          ${days.map(({ key }) => dayOf(key))}::text[]
        ) as a (creator_id, kind, person, day)
        left join lateral (
          select left(right(key, 12), 10) as day from claims c
          where c.creator_id = a.creator_id and c.kind = a.kind
            and c.key >= a.person and c.key < a.person || a.day
          order by c.key desc limit 1) before on true
        left join lateral (
          select left(right(key, 12), 10) as day from claims c
          where c.creator_id = a.creator_id and c.kind = a.kind
            and c.key > a.person || a.day || '"]' and c.key < a.person || ':'
          order by c.key limit 1) after on true
        window person as (partition by a.creator_id, a.kind, a.person order by a.day)
      ), moved as (
        select * from added where after is not null and (added_after is null or added_after > after)
      )
      select creator_id, kind, day, coalesce(greatest(before, added_before), '') as seen_before, 1 as people
      from added
      union all select creator_id, kind, after, coalesce(before, ''), -1 from moved
      union all select creator_id, kind, after, day, 1 from moved
    ) changes
    group by 1, 2, 3, 4 having sum(people) <> 0
    on conflict (creator_id, kind, day, seen_before) do update set people = d.people + excluded.people`
}

/** Adds the days of all persons in these claims, as they are now, so many times. */
async function addDaysOf(
  tx: Transaction,
  creatorId: string,
  keys: readonly ClaimKey[],
  times: 1 | -1,
): Promise<void> {
  const people = new Map<string, { readonly kind: ClaimKind; readonly person: string }>()
  for (const { kind, key } of keys) {
    if (kinds.has(kind)) people.set(`${kind}\n${personOf(key)}`, { kind, person: personOf(key) })
  }
  if (people.size === 0) return
  const list = [...people.values()]
  await tx.query(sql`
    insert into people_days as d (creator_id, kind, day, seen_before, people)
    select ${creatorId}, kind, day, coalesce(seen_before, ''), ${times}::bigint * count(*) from (
      select kind, day, lag(day) over (partition by kind, person order by day) as seen_before
      from unnest(
        ${list.map(({ kind }) => kind)}::text[], ${list.map(({ person }) => person)}::text[]
      ) as p (kind, person)
      cross join lateral (
        select left(right(key, 12), 10) as day from claims c
        where c.creator_id = ${creatorId} and c.kind = p.kind
          and c.key >= p.person and c.key < p.person || ':'
        offset 0
      ) c
    ) days
    group by kind, day, seen_before
    on conflict (creator_id, kind, day, seen_before) do update set people = d.people + excluded.people`)
}

function daysOfClaims(creatorId: string): Sql {
  return sql`
    select kind, day, coalesce(seen_before, '') as seen_before, count(*) as people from (
      select kind, day, lag(day) over (partition by kind, person order by day) as seen_before from (
        select kind, left(right(key, 12), 10) as day, left(key, -12) as person from claims
        where creator_id = ${creatorId} and kind in ('viewer_day', 'customer_day')
      ) c
    ) d group by 1, 2, 3`
}

/** Distinct people of any range of days as a sum; it follows the claims of days. */
export const peopleDays: Projection = {
  table: 'people_days',
  personal: [],
  write: ({ claims }) => [countPeopleDays(claims.added)],
  beforeClaims: (tx, creatorId, keys) => addDaysOf(tx, creatorId, keys, -1),
  afterClaims: (tx, creatorId, keys) => addDaysOf(tx, creatorId, keys, 1),
  rebuilt: {
    columns: ['kind', 'day', 'seen_before', 'people'],
    // A day without people stays as a row.
    isCompared: sql`people <> 0`,
    rows: daysOfClaims,
  },
}
