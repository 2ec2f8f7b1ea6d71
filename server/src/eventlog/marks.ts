import type { Queryable, TenantReads } from '@creatorflow/db/database'
import { sql } from '@creatorflow/db/sql'
import type { Tenant } from '@creatorflow/db/tenant'
import { AppError } from '../core/errors.ts'
import { readKeptSince } from './read-base.ts'

/** The width of a log chunk. Marks lie on multiples of it since 1970, like chunks, and so on UTC days. */
export const WEEK_MS = 7 * 86_400_000

export const floorToWeek = (ms: number): number => Math.floor(ms / WEEK_MS) * WEEK_MS

/** The two marks and the database's clock, epoch ms. */
export interface Marks {
  /** Earlier events are rejected. */
  readonly acceptsSince: number
  /** Older events are no longer in the log. */
  readonly keptSince: number
  readonly now: number
}

/** The row that always exists. */
export async function readMarks(database: Queryable): Promise<Marks> {
  const [row] = await database.query<{ accepts_since: Date; kept_since: Date; now: Date }>(sql`
    select accepts_since, kept_since, clock_timestamp() as now from retention`)
  if (!row) throw new Error('the row of retention is missing')
  return {
    acceptsSince: row.accepts_since.getTime(),
    keptSince: row.kept_since.getTime(),
    now: row.now.getTime(),
  }
}

/** Rejects older events from now on; never moves back. Writers that read the previous mark may still be running. */
export async function raiseAcceptsSince(database: Queryable, to: number): Promise<void> {
  await database.query(sql`
    update retention set accepts_since = greatest(accepts_since, ${new Date(to).toISOString()}::timestamptz)`)
}

const ATTEMPTS = 5

/**
 * What `work` read while the mark stood still: otherwise events dropped meanwhile would be missing, or count
 * twice. The mark is read before and after, separately: a dropped chunk is missing at once for everyone, even
 * for reads of an earlier moment.
 */
export async function whileKept<T>(
  database: TenantReads,
  tenant: Tenant,
  work: (keptSince: number) => Promise<T>,
): Promise<T> {
  let keptSince = await readKeptSince(database, tenant)
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const found = await work(keptSince)
    const after = await readKeptSince(database, tenant)
    if (after === keptSince) return found
    keptSince = after
  }
  throw new AppError('unavailable', 'Old events are being dropped. Try again in a moment.', {
    retryAfterMs: 1_000,
  })
}
