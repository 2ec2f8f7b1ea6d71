import type { TenantReads } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import type { Query, Reply } from '@creatorflow/shared/endpoint'
import type { getPowerHours } from '@creatorflow/shared/features/baseline'
import { endOf } from '@creatorflow/shared/live-span'
import { selectLivesDuring } from '../../baseline/queries.ts'
import { AppError } from '../../core/errors.ts'
import { whileKept } from '../../eventlog/marks.ts'
import { withRecounting } from '../../pipeline/recount-notes.ts'
import { frameOf } from '../../query/frame.ts'
import type { Cell } from '../../query/parts.ts'
import { readCells } from '../../query/read-cells.ts'
import { planOf, type Shape } from '../../query/reads.ts'
import { selectCreator } from '../../query/run.ts'
import { powerHoursOf, type SoldInHour } from './power-hours.ts'

const QUARTER_MS = 900_000
const WEEK_MS = 7 * 86_400_000

/** What each week is asked for: sales outside of LIVEs say nothing about when to go live. */
const question: Shape = {
  metrics: ['gmv', 'main_orders', 'average_viewers'],
  by: ['weekday', 'hour'],
  where: [{ dimension: 'session', op: 'set', values: [] }],
  bucket: 'total',
}

/** Sales of a creator's LIVEs by hour of the week, over the last weeks. */
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
  const now = creator.now.getTime()
  const to = Math.ceil(now / QUARTER_MS) * QUARTER_MS
  const from = to - weeks * WEEK_MS
  const sold: SoldInHour[] = []
  // Week by week: the embedded database blocks others meanwhile.
  for (let since = from; since < to; since += WEEK_MS) {
    const plan = planOf(question)
    const frame = frameOf(question, [since, since + WEEK_MS], creator.time_zone)
    const [found] = await database.readAs(tenant, (read) =>
      readCells(read, tenant, [{ plan, frame }], { now, keptSince }),
    )
    if (!found || found instanceof AppError) throw found ?? new Error('a week was not read')
    sold.push(...found.cells.map(soldIn))
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
    hours: powerHoursOf(sold, lives, { from, to }, creator.time_zone),
  }
}

function soldIn({ keys, values }: Cell): SoldInHour {
  const [weekday, hour] = keys.map(Number) as [number, number]
  const numberOf = (term: string) => values[term] ?? 0
  return {
    weekday,
    hour,
    gmv: numberOf('gmv'),
    main_orders: numberOf('main_orders'),
    viewer_minutes: numberOf('viewer_minutes'),
    viewer_minute_sum: numberOf('viewer_minute_sum'),
  }
}
