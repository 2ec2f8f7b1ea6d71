import type { TenantReads } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import type { Query, Reply } from '@creatorflow/shared/endpoint'
import type { getPowerHours } from '@creatorflow/shared/features/baseline'
import { endOf } from '@creatorflow/shared/live-span'
import { viewerInputs } from '@creatorflow/shared/viewer-minutes'
import { AppError } from '../../core/errors.ts'
import { whileKept } from '../../eventlog/marks.ts'
import { readViewerMinutes } from '../../eventlog/viewer-minutes.ts'
import { withRecounting } from '../../pipeline/recount-notes.ts'
import { powerHoursOf, type Quarter } from './power-hours.ts'
import { selectCreator, selectLivesDuring, selectQuarters } from './queries.ts'

const QUARTER_MS = 900_000
const WEEK_MS = 7 * 86_400_000

/** The hours of the week in which a creator's LIVEs sold, over the last weeks. */
export function readPowerHours(
  database: TenantReads,
  tenant: Tenant,
  { weeks }: Query<typeof getPowerHours>,
): Promise<Reply<typeof getPowerHours>> {
  return whileKept(database, tenant, (keptSince) =>
    withRecounting(database, tenant, () => answerOf(database, tenant, weeks, keptSince)),
  )
}

async function answerOf(
  database: TenantReads,
  tenant: Tenant,
  weeks: number,
  keptSince: number,
): Promise<Omit<Reply<typeof getPowerHours>, 'recounting'>> {
  const creator = await database.readAs(tenant, (read) => selectCreator(read, tenant))
  if (!creator) throw new AppError('not_found', 'There is no such creator.')
  const now = creator.now.getTime()
  const to = Math.ceil(now / QUARTER_MS) * QUARTER_MS
  const from = to - weeks * WEEK_MS
  const quarters: Quarter[] = []
  // Week by week: the embedded database lets nobody else in meanwhile.
  for (let since = from; since < to; since += WEEK_MS) {
    const range = { since, before: since + WEEK_MS }
    const [rows, viewers] = await database.readAs(tenant, async (read) => [
      await selectQuarters(read, tenant, since, since + WEEK_MS),
      await readViewerMinutes(read, tenant, range, keptSince),
    ])
    const none = { gmv: 0, main_orders: 0, viewer_minutes: 0, viewer_minute_sum: 0 }
    quarters.push(
      ...rows.map(({ bucket, ...sums }) => ({ ...none, at: bucket.getTime(), ...sums })),
      ...viewers.map(({ at, milli }) => ({ ...none, at, ...viewerInputs([milli]) })),
    )
  }
  const listed = await database.readAs(tenant, (read) => selectLivesDuring(read, tenant, from, to))
  const lives = listed.map((live) => {
    const span = {
      started_at: live.started_at.getTime(),
      ended_at: live.ended_at?.getTime() ?? null,
      last_at: live.last_at.getTime(),
    }
    return {
      session_id: live.session_id,
      started_at: span.started_at,
      ended_at: endOf(span, now) ?? now,
    }
  })
  return {
    at: creator.now.toISOString(),
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    weeks,
    time_zone: creator.time_zone,
    currency: creator.currency,
    hours: powerHoursOf(quarters, lives, { from, to }, creator.time_zone),
  }
}
