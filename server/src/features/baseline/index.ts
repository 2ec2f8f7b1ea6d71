import type { TenantReads } from '@creatorflow/db/database'
import { getBaseline, getPowerHours } from '@creatorflow/shared/features/baseline'
import type { Feature } from '../../http/feature.ts'
import { createCourseCache } from './course-cache.ts'
import { readBaseline } from './read-baseline.ts'
import { readPowerHours } from './read-power-hours.ts'

/** What now is compared with: earlier LIVEs by elapsed minute, and the hours of the week. */
export function createBaselineFeature({ database }: { readonly database: TenantReads }): Feature {
  const courses = createCourseCache()
  return {
    name: 'baseline',
    mount({ router, answer }) {
      answer(router, getBaseline, ({ tenant, params }) =>
        readBaseline(database, courses, tenant, params.session_id),
      )
      answer(router, getPowerHours, ({ tenant, query }) => readPowerHours(database, tenant, query))
    },
  }
}
