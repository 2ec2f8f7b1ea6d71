import type { TenantRead } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import { historyLimits } from '@creatorflow/shared/features/history'
import { localDay } from '@creatorflow/shared/present'
import {
  type BaseRead,
  type HistoryQuestion,
  isByLive,
  peopleAreSums,
  readsOf,
} from './calculate.ts'
import { bucketBounds } from './local-time.ts'
import {
  countBeside,
  countOnDays,
  type HistoryRow,
  type Reading,
  selectPeople,
  selectSums,
} from './queries.ts'

/** All the time that an event may name. */
const everything = [Date.UTC(2015, 0, 1), Date.UTC(2100, 0, 1)]

/**
 * Distinct people by LIVE, where they are not the first sights of `rows` already: of LIVEs with first sights outside
 * the range too, and of no LIVE. Null where events of the range were dropped.
 */
export async function readPeopleByLive(
  read: TenantRead,
  tenant: Tenant,
  reading: Reading,
  base: BaseRead,
  rows: readonly HistoryRow[],
  keptSince: number,
): Promise<HistoryRow[]> {
  const { id, feeds } = base
  const sessions = rows.flatMap(({ key }) => (key === null ? [] : [key]))
  const whole = await selectSums(read, tenant, {
    ...reading,
    reads: [base],
    bounds: everything,
    sessions,
  })
  const sums = new Map(whole.map((row) => [row.key, row[id]]))
  const cut = rows.filter((row) => row.key === null || row[id] !== sums.get(row.key))
  if (cut.length === 0) return []
  const keys = cut.map(({ key }) => key)
  // Dropped events named nobody any more.
  if ((reading.bounds[0] ?? 0) < keptSince)
    return keys.map((key) => ({ key, bucket: 0, [id]: null }))
  const counted = await selectPeople(
    read,
    tenant,
    { ...reading, sessions: keys },
    feeds[0]?.type ?? '',
  )
  const people = new Map(counted.map((row) => [row.key, row.people ?? 0]))
  return keys.map((key) => ({ key, bucket: 0, [id]: people.get(key) ?? 0 }))
}

/** Distinct people where first sights do not add up to them: by whole local days, else from the log. */
export async function readPeople(
  read: TenantRead,
  tenant: Tenant,
  question: HistoryQuestion,
  reading: Reading,
  { id, feeds }: BaseRead,
  timeZone: string,
  now: number,
): Promise<HistoryRow[]> {
  const type = feeds[0]?.type ?? ''
  const days = wholeDays(question, reading.bounds, timeZone, now)
  if (days) {
    const onDays = await countOnDays(read, tenant, type, days)
    const beside =
      days.beside.length > 0 ? await countBeside(read, tenant, type, days.beside, days) : 0
    return [{ key: null, bucket: 0, [id]: onDays + beside }]
  }
  const rows = await selectPeople(read, tenant, reading, type)
  return rows.map(({ key, bucket, people }) => ({ key, bucket, [id]: people ?? null }))
}

/** The whole local days of a total and what is beside them; undefined when there is none, or no total of everything. */
function wholeDays(
  { bucket, by }: HistoryQuestion,
  [from = 0, to = 0]: readonly number[],
  timeZone: string,
  now: number,
) {
  if (bucket !== 'total' || by) return undefined
  const days = bucketBounds('1d', from, to, timeZone, historyLimits.rangeDays)
  const begin = days.find((at) => at >= from) ?? to
  // Of the day that is still on there is nothing after now.
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

/** Why people of dropped events cannot be told apart; undefined when the question does not need the log. */
export function whyUncounted(
  question: HistoryQuestion,
  bounds: readonly number[],
  timeZone: string,
  now: number,
  keptSince: number,
): string | undefined {
  const needsPeople =
    readsOf(question).some(({ people }) => people) &&
    !peopleAreSums(question) &&
    !isByLive(question)
  if (!needsPeople) return undefined
  // Whole days were counted before they were dropped.
  const days = wholeDays(question, bounds, timeZone, now)
  if (days?.beside.every(([since]) => since >= keptSince)) return undefined
  return uncounted
}

export const uncounted =
  'the events of this time are no longer kept: people are known by LIVE, by day and over whole days'
