import type { Tenant, TenantRead } from '@creatorflow/db/tenant'
import { localDay } from '@creatorflow/shared/present'
import { type BaseRead, type HistoryQuestion, peopleAreSums, readsOf } from './calculate.ts'
import { isLocalMidnight } from './local-time.ts'
import { countClaimed, type HistoryRow, type Reading, selectPeople } from './queries.ts'

/** Distinct people where first sights do not add up to them: from what was claimed, else from the log. */
export async function readPeople(
  read: TenantRead,
  tenant: Tenant,
  question: HistoryQuestion,
  reading: Reading,
  { id, feeds }: BaseRead,
  timeZone: string,
): Promise<HistoryRow[]> {
  const type = feeds[0]?.type ?? ''
  const [from = 0, to = 0] = reading.bounds
  if (areClaimed(question, reading.bounds, timeZone)) {
    const days = { first: localDay(from, timeZone), last: localDay(to - 1, timeZone) }
    return [{ key: null, bucket: 0, [id]: await countClaimed(read, tenant, type, days) }]
  }
  const rows = await selectPeople(read, tenant, reading, type)
  return rows.map(({ key, bucket, people }) => ({ key, bucket, [id]: people ?? null }))
}

/** Whether people were claimed for all of a range: for whole local days they were. */
function areClaimed(
  { bucket, by }: HistoryQuestion,
  [from = 0, to = 0]: readonly number[],
  timeZone: string,
): boolean {
  return bucket === 'total' && !by && [from, to].every((at) => isLocalMidnight(at, timeZone))
}

/** Why people of dropped events cannot be told apart; undefined when the question does not need the log. */
export function whyUncounted(
  question: HistoryQuestion,
  bounds: readonly number[],
  timeZone: string,
): string | undefined {
  const needsPeople = readsOf(question).some(({ people }) => people) && !peopleAreSums(question)
  if (!needsPeople || areClaimed(question, bounds, timeZone)) return undefined
  return 'the events of this time are no longer kept: people are known by LIVE, by day and over whole days'
}
