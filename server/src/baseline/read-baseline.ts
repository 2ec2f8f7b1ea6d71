import type { TenantRead, TenantReads } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import type { Reply } from '@creatorflow/shared/endpoint'
import { baselineLimits, type getBaseline } from '@creatorflow/shared/features/baseline'
import { endOf } from '@creatorflow/shared/live-span'
import { MINUTE_MS, SERIES_GRACE_MS } from '@creatorflow/shared/live-state'
import { AppError } from '../core/errors.ts'
import { whileKept } from '../eventlog/marks.ts'
import { readPauses } from '../eventlog/pauses.ts'
import { withRecounting } from '../pipeline/recount-notes.ts'
import { courseOf, firstMinuteOf, type LiveCourse, lengthOf, type PastLive } from './course.ts'
import type { Boundaries, CourseCache, ReadCourse } from './course-cache.ts'
import {
  type ListedLive,
  selectEarlierLives,
  selectHead,
  selectLive,
  selectMinutes,
} from './queries.ts'
import { funnelAtEnd, goalTotals, livesAt, medianRates, spreadOf, spreadOfTotals } from './usual.ts'

/** What one LIVE is compared with. */
export function readBaseline(
  database: TenantReads,
  cache: CourseCache,
  tenant: Tenant,
  sessionId: string,
): Promise<Reply<typeof getBaseline>> {
  const answer = (keptSince: number) => answerOf(database, cache, tenant, sessionId, keptSince)
  return whileKept(database, tenant, (keptSince) =>
    withRecounting(database, tenant, () => answer(keptSince)),
  )
}

async function answerOf(
  database: TenantReads,
  cache: CourseCache,
  tenant: Tenant,
  sessionId: string,
  keptSince: number,
): Promise<Omit<Reply<typeof getBaseline>, 'recounting'>> {
  const { now, lives } = await readEarlier(database, cache, tenant, sessionId, keptSince)
  const usual = lives.filter(({ listed }) => listed.usual)
  const courses = usual.map(({ course }) => course)
  const [previous] = lives
  return {
    session_id: sessionId,
    at: new Date(now).toISOString(),
    previous: previous
      ? {
          ...told(previous.live, previous.course),
          minutes: writable(previous.course.minutes),
          totals: writable(previous.course.totals),
        }
      : null,
    usual: {
      days: baselineLimits.days,
      lives: usual.map(({ live, course }) => ({
        ...told(live, course),
        funnel: funnelAtEnd(course),
        totals: goalTotals(course),
        best_minute_gmv: Math.max(0, ...(course.minutes.gmv ?? []).map((gmv) => gmv ?? 0)),
      })),
      left_out: (previous?.listed.count ?? 0) - usual.length,
      lives_at: livesAt(courses),
      minutes: {
        gmv: spreadOf(courses, 'minutes', 'gmv'),
        average_viewers: spreadOf(courses, 'minutes', 'average_viewers'),
      },
      totals: spreadOfTotals(courses),
      rates: medianRates(courses),
    },
  }
}

/** An earlier LIVE and its course. */
export interface EarlierLive extends ReadCourse {
  readonly listed: Awaited<ReturnType<typeof selectEarlierLives>>[number]
}

/** The LIVEs before one, newest first, each with its course. */
export async function readEarlier(
  database: TenantReads,
  cache: CourseCache,
  tenant: Tenant,
  sessionId: string,
  keptSince: number,
): Promise<{ readonly now: number; readonly lives: readonly EarlierLive[] }> {
  const known = await database.readAs(tenant, async (read) => {
    const live = await selectLive(read, tenant, sessionId)
    if (!live) throw new AppError('not_found', 'LIVE not found.')
    const now = live.now.getTime()
    const earlier = (await selectEarlierLives(read, tenant, live)).map((listed) => ({
      listed,
      boundaries: boundariesOf(listed, now),
    }))
    const position = { ...(await selectHead(read, tenant)), keptSince }
    const boundaries = earlier.map((one) => one.boundaries)
    const courses = await cache.stillRight(read, tenant, boundaries, position)
    return { now, earlier, position, courses }
  })
  const lives: EarlierLive[] = []
  for (const { listed, boundaries } of known.earlier) {
    let read = known.courses.get(boundaries.session_id)
    if (!read) {
      // Each in its own read: the embedded database blocks others meanwhile.
      read = await database.readAs(tenant, (read) =>
        readCourse(read, tenant, boundaries, known.now, keptSince),
      )
      cache.remember(tenant, known.position, read)
    }
    lives.push({ ...read, listed })
  }
  return { now: known.now, lives }
}

function told({ session_id, started_at, ended_at }: PastLive, { length }: LiveCourse) {
  return {
    session_id,
    started_at: new Date(started_at).toISOString(),
    ended_at: ended_at === null ? null : new Date(ended_at).toISOString(),
    length,
  }
}

function boundariesOf(listed: ListedLive, now: number): Boundaries {
  const span = {
    session_id: listed.session_id,
    started_at: listed.started_at.getTime(),
    ended_at: listed.ended_at?.getTime() ?? null,
    last_at: listed.last_at.getTime(),
  }
  return { ...span, ended_at: endOf(span, now) }
}

async function readCourse(
  read: TenantRead,
  tenant: Tenant,
  boundaries: Boundaries,
  now: number,
  keptSince: number,
): Promise<ReadCourse> {
  const { session_id } = boundaries
  const start = firstMinuteOf(boundaries)
  const rows = await selectMinutes(
    read,
    tenant,
    session_id,
    (start - baselineLimits.leadMinutes) * MINUTE_MS,
    (start + lengthOf(boundaries, now)) * MINUTE_MS + SERIES_GRACE_MS,
  )
  // The log is read only where the minute sums say there is something to find.
  const hasPauses = rows.some(({ type }) => type === 'live_paused' || type === 'live_resumed')
  const pausesOf = hasPauses
    ? await readPauses(read, tenant, [session_id], keptSince)
    : () => ({ pauses: [], pauses_complete: true })
  const live = { ...boundaries, ...pausesOf(session_id) }
  return { live, course: courseOf(live, rows, now) }
}

/** Replies need mutable arrays. */
function writable<T extends Readonly<Record<string, readonly (number | null)[]>>>(courses: T) {
  return Object.fromEntries(Object.entries(courses).map(([id, values]) => [id, [...values]]))
}
