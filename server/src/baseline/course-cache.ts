import type { TenantRead } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import { LRUCache } from 'lru-cache'
import type { LiveCourse, PastLive } from './course.ts'
import { selectTouched } from './queries.ts'

/** Position of a log when it was read; under another generation or mark nothing read is valid. */
export interface LogPosition {
  readonly generation: number
  readonly seq: number
  /** Older events are no longer in the log, epoch ms. */
  readonly keptSince: number
}

export interface ReadCourse {
  readonly live: PastLive
  readonly course: LiveCourse
}

/** Which LIVE, and when it was on air. */
export type Boundaries = Pick<PastLive, 'session_id' | 'started_at' | 'ended_at'>

/** Courses of finished LIVEs: read once, since only late events and re-attribution change them. */
export interface CourseCache {
  /** Minutes of all cached courses. */
  readonly minutes: number
  /** Cached courses that are still right by the log at `position`; by LIVE. */
  stillRight(
    read: TenantRead,
    tenant: Tenant,
    lives: readonly Boundaries[],
    position: LogPosition,
  ): Promise<Map<string, ReadCourse>>
  /** `position` is from before the course was read. */
  remember(tenant: Tenant, position: LogPosition, read: ReadCourse): void
}

/** About 20 MB with every metric of the catalogue. */
const MOST_MINUTES = 50_000
/** Checking more events than this is no cheaper than reading the LIVEs again. */
const MOST_EVENTS = 50_000

export function createCourseCache(mostMinutes = MOST_MINUTES): CourseCache {
  const entries = new LRUCache<string, ReadCourse & { position: LogPosition }>({
    maxSize: mostMinutes,
    sizeCalculation: ({ course }) => Math.max(1, course.length),
  })

  return {
    get minutes() {
      return entries.calculatedSize
    },
    async stillRight(read, tenant, lives, position) {
      const known = lives.flatMap((live) => {
        const entry = entries.get(keyOf(tenant, live))
        return entry && isOf(entry.live, live) && mayBeRight(entry.position, position)
          ? [entry]
          : []
      })
      const after = Math.min(position.seq, ...known.map((entry) => entry.position.seq))
      const touched =
        after < position.seq ? await selectTouched(read, tenant, after, position.seq) : new Map()
      const right = known.filter(
        (entry) => (touched.get(entry.live.session_id) ?? 0) <= entry.position.seq,
      )
      for (const entry of right) entry.position = position
      return new Map(right.map((entry) => [entry.live.session_id, entry]))
    },
    remember(tenant, position, { live, course }) {
      if (live.ended_at === null) return
      // With the number from before the read: others may have checked the log since, and not for this course.
      entries.set(keyOf(tenant, live), { live, course, position })
    },
  }
}

const keyOf = ({ creatorId }: Tenant, { session_id }: Boundaries) => `${creatorId}/${session_id}`

const isOf = (live: Boundaries, { started_at, ended_at }: Boundaries) =>
  live.started_at === started_at && live.ended_at === ended_at

const mayBeRight = (was: LogPosition, is: LogPosition) =>
  was.generation === is.generation &&
  was.keptSince === is.keptSince &&
  is.seq - was.seq <= MOST_EVENTS
