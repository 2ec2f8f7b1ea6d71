import type { TenantRead } from '@creatorflow/db/database'
import { join, raw, type Sql, sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { localDay } from '@creatorflow/shared/present'
import { queryLimits } from '@creatorflow/shared/query'
import type { HistoryMarks } from '../eventlog/history.ts'
import { peopleSql, personColumn, type Reading, sumsSql } from './compile.ts'
import { frameOf, isEmpty } from './frame.ts'
import { bucketBounds } from './local-time.ts'
import { type BaseRead, isByLive, type Plan, peopleAreByDays, peopleAreSums } from './reads.ts'
import { iso } from './sources.ts'

/** Distinct people of one cell; null if events were dropped, whose people are no longer known. */
export interface PeopleRow {
  /** Keys by columns of the log, in the question's order. */
  readonly keys: readonly (string | null)[]
  readonly cell: number
  readonly people: number | null
}

/** The event type that a base metric of people counts. */
export const typeOf = ({ feeds }: BaseRead): string => feeds[0]?.type ?? ''

/** Base metrics of distinct people that are not sums. */
export const uncountedBases = ({ sums, shape }: Plan): BaseRead[] =>
  peopleAreSums(shape) ? [] : sums.filter(({ people }) => people)

/** Those that need the log, without looking at LIVEs or whole days. */
export const basesOfLog = (plan: Plan): BaseRead[] => {
  const { shape } = plan
  if (peopleAreByDays(shape) || (isByLive(shape) && shape.where.length === 0)) return []
  return uncountedBases(plan)
}

interface PersonRow {
  readonly question: number
  readonly k0: string | null
  readonly cell: number
  readonly people: number
}

/** All times an event may have. */
const everything = [Date.UTC(2015, 0, 1), Date.UTC(2100, 0, 1)]

/**
 * Distinct people by LIVE, where they are not already the first sights of `sums`: for LIVEs with first sights
 * outside the range too, and for no LIVE.
 */
export async function readPeopleByLive(
  read: TenantRead,
  tenant: Tenant,
  reading: Reading,
  base: BaseRead,
  firstSights: ReadonlyMap<string | null, number | null>,
  keptSince: number,
  marks: HistoryMarks,
): Promise<PeopleRow[]> {
  const sessions = [...firstSights.keys()].filter((key) => key !== null)
  const shape = { metrics: [], by: ['session' as const], bucket: 'total' as const }
  const of = (keys: readonly (string | null)[]) => ({
    ...shape,
    where: [{ dimension: 'session' as const, op: 'in' as const, values: [...keys] }],
  })
  const whole = await read.query<{ k0: string; m0: number }>(
    sumsSql(
      tenant,
      [
        {
          ...reading,
          shape: of(sessions),
          sums: [base],
          frame: frameOf(of(sessions), everything, reading.frame.timeZone),
        },
      ],
      marks,
    ),
  )
  const sums = new Map(whole.map(({ k0, m0 }) => [k0, m0]))
  const cut = [...firstSights]
    .filter(([key, value]) => key === null || value !== sums.get(key))
    .map(([key]) => key)
  if (cut.length === 0) return []
  if ((reading.frame.bounds[0] ?? 0) < keptSince)
    return cut.map((key) => ({ keys: [key], cell: 0, people: null }))
  const counted = await read.query<PersonRow>(
    peopleSql(tenant, [{ ...reading, shape: of(cut) }], typeOf(base)),
  )
  const people = new Map(counted.map((row) => [row.k0, row.people]))
  return cut.map((key) => ({ keys: [key], cell: 0, people: people.get(key) ?? 0 }))
}

/** Distinct people of everything by buckets of whole local days, plus the hours beside them in a total. */
export async function readPeopleByDays(
  read: TenantRead,
  tenant: Tenant,
  reading: Reading,
  base: BaseRead,
  now: number,
): Promise<PeopleRow[]> {
  const type = typeOf(base)
  const { bounds, timeZone } = reading.frame
  const buckets = bounds.slice(0, -1).map((from, n) => {
    return {
      n,
      from,
      to: bounds[n + 1] ?? from,
      days: wholeDays(from, bounds[n + 1] ?? from, timeZone, now),
    }
  })
  const known = buckets.flatMap(({ n, days }) => (days ? [{ n, ...days }] : []))
  const onDays = await countOnDays(read, tenant, type, known)
  const rows: PeopleRow[] = []
  for (const { n, first, last, beside } of known) {
    const more =
      beside.length > 0 ? await countBeside(read, tenant, type, beside, { first, last }) : 0
    rows.push({ keys: [], cell: n, people: (onDays.get(n) ?? 0) + more })
  }
  const others = buckets.filter(({ days }) => !days)
  if (others.length === 0) return rows
  const counted = await read.query<PersonRow>(peopleSql(tenant, [reading], type))
  const within = new Set(others.map(({ n }) => n))
  return [
    ...rows,
    ...counted
      .filter(({ cell }) => within.has(cell))
      .map(({ cell, people }) => ({ keys: [], cell, people })),
  ]
}

interface WholeDays extends LocalDays {
  readonly beside: readonly (readonly [number, number])[]
}

/** The whole local days of a range and the hours beside them; undefined if there is none. */
function wholeDays(from: number, to: number, timeZone: string, now: number): WholeDays | undefined {
  const days = bucketBounds('day', from, to, timeZone, queryLimits.rangeDays)
  const begin = days.find((at) => at >= from) ?? to
  // The current day has nothing after now.
  const end = to > now ? (days.at(-1) ?? to) : (days.findLast((at) => at <= to) ?? from)
  if (begin >= end) return undefined
  const spans: [number, number][] = [
    [from, begin],
    [end, to],
  ]
  return {
    first: localDay(begin, timeZone),
    last: localDay(end - 1, timeZone),
    beside: spans.filter(([since, before]) => since < before),
  }
}

/** Why people of dropped events cannot be distinguished; undefined if the question does not need the log for them. */
export function whyUncounted(
  plan: Plan,
  { bounds, timeZone }: Reading['frame'],
  now: number,
  keptSince: number,
): string | undefined {
  const { shape } = plan
  if (isEmpty(bounds) || uncountedBases(plan).length === 0) return undefined
  if (isByLive(shape) && shape.where.length === 0) return undefined
  if (!peopleAreByDays(shape)) return uncounted
  // Whole days were counted before they were dropped.
  const isCounted = bounds.slice(0, -1).every((from, n) => {
    const days = wholeDays(from, bounds[n + 1] ?? from, timeZone, now)
    return days?.beside.every(([since]) => since >= keptSince)
  })
  return isCounted ? undefined : uncounted
}

export const uncounted =
  'the events of this time are no longer kept: people are known by LIVE, by day and over whole days'

/** Local dates, both included. */
export interface LocalDays {
  readonly first: string
  readonly last: string
}

/** Distinct people of runs of whole local days, by number: everyone counts on the first day of each. */
export async function countOnDays(
  read: TenantRead,
  { creatorId }: Tenant,
  type: string,
  stretches: readonly (LocalDays & { readonly n: number })[],
): Promise<Map<number, number>> {
  if (stretches.length === 0) return new Map()
  const rows = await read.query<{ n: number; people: number }>(sql`
    select s.n, coalesce(sum(people), 0)::bigint as people
    from unnest(${stretches.map(({ n }) => n)}::int[], ${stretches.map(({ first }) => first)}::text[],
      ${stretches.map(({ last }) => last)}::text[]) as s (n, first, last)
    join people_days d on creator_id = ${creatorId} and kind = ${claimOf(type)}
      and day >= s.first and day <= s.last and seen_before < s.first
    group by 1`)
  return new Map(rows.map(({ n, people }) => [n, people]))
}

/** Distinct people of time spans who were not seen on whole local days; epoch ms. */
export async function countBeside(
  read: TenantRead,
  { creatorId }: Tenant,
  type: string,
  spans: readonly (readonly [number, number])[],
  { first, last }: LocalDays,
): Promise<number> {
  const within = spans.map(
    ([since, before]) =>
      sql`(ts >= ${iso(since)}::timestamptz and ts < ${iso(before)}::timestamptz)`,
  )
  const beside = spans.map(
    (_, n) => sql`
    select distinct ${raw(personColumn(type))} as person from events
    where creator_id = ${creatorId} and type = ${type} and ${within[n] ?? raw('false')}`,
  )
  // The key of a claim starts with the person and ends with the day. Both ends are values of a separate
  // subquery: as expressions they would not pass the view's barrier, and every claim would be read for each
  // person.
  const key = (day: string): Sql => sql`'[' || to_json(person)::text || ',"' || ${day} || '"]'`
  const [row] = await read.query<{ people: number }>(sql`
    select count(*)::bigint as people from (
      select ${key(first)} as low, ${key(last)} as high from (${join(beside, ' union ')}) b
      where person is not null offset 0
    ) p
    where not exists (
      select from claims c where c.creator_id = ${creatorId} and c.kind = ${claimOf(type)}
        and c.key >= p.low and c.key <= p.high offset 0)`)
  return row?.people ?? 0
}

/** The claim of a local day for each type. */
const claimOf = (type: string): string => (type === 'viewer_joined' ? 'viewer_day' : 'customer_day')
