import type { Database } from '@creatorflow/db/database'
import * as wire from '@creatorflow/shared/features/goals'
import type { Feature } from '../../http/feature.ts'
import { deleteGoal, selectGoal, upsertGoal } from './queries.ts'

/** Targets of LIVEs. */
export function createGoalsFeature({ database }: { readonly database: Database }): Feature {
  return {
    name: 'goals',
    mount({ router, answer }) {
      answer(router, wire.getGoal, async ({ tenant, query }) => ({
        goal: await database.readAs(tenant, (read) =>
          selectGoal(read, tenant, query.session_id ?? null),
        ),
      }))
      answer(router, wire.setGoal, async ({ tenant, body }) => ({
        goal: await upsertGoal(database, tenant, body),
      }))
      answer(router, wire.removeGoal, async ({ tenant, query }) => {
        await deleteGoal(database, tenant, query.session_id ?? null)
        return undefined
      })
    },
  }
}
