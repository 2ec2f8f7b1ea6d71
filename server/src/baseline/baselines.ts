import type { TenantReads } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import type { Reply } from '@creatorflow/shared/endpoint'
import type { getBaseline } from '@creatorflow/shared/features/baseline'
import { whileKept } from '../eventlog/marks.ts'
import { createCourseCache } from './course-cache.ts'
import { type EarlierLive, readBaseline, readEarlier } from './read-baseline.ts'

/** What LIVEs are compared with; courses of earlier LIVEs are read once for everyone who asks. */
export interface Baselines {
  /** Minutes of earlier LIVEs in memory. */
  readonly keptMinutes: number
  /** As a page gets it. Throws `not_found`. */
  read(tenant: Tenant, sessionId: string): Promise<Reply<typeof getBaseline>>
  /** The earlier LIVEs themselves, newest first. Throws `not_found`. */
  earlier(tenant: Tenant, sessionId: string): Promise<readonly EarlierLive[]>
}

export function createBaselines(database: TenantReads): Baselines {
  const courses = createCourseCache()
  return {
    get keptMinutes() {
      return courses.minutes
    },
    read: (tenant, sessionId) => readBaseline(database, courses, tenant, sessionId),
    earlier: (tenant, sessionId) =>
      whileKept(database, tenant, async (keptSince) => {
        const { lives } = await readEarlier(database, courses, tenant, sessionId, keptSince)
        return lives
      }),
  }
}
