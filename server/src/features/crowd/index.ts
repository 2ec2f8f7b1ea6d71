import type { Database } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import * as wire from '@creatorflow/shared/features/crowd'
import { AppError } from '../../core/errors.ts'
import type { Feature } from '../../http/feature.ts'
import { markAnswered, selectPeople } from './queries.ts'
import { createCrowds } from './read-crowd.ts'

/** The people of a LIVE by name: gifters, buyers, comments and questions. */
export function createCrowdFeature({ database }: { readonly database: Database }): Feature {
  const crowds = createCrowds(database)

  async function mark(
    tenant: Tenant,
    question: { readonly session_id: string; readonly comment_id: string },
    answered: boolean,
  ): Promise<undefined> {
    if (!(await markAnswered(database, tenant, question, answered))) {
      throw new AppError('not_found', 'Question not found in this LIVE.')
    }
    crowds.forget(tenant, question.session_id)
  }

  return {
    name: 'crowd',
    mount({ router, answer }) {
      answer(router, wire.getCrowd, ({ tenant, params, query }) =>
        crowds.get(tenant, params.session_id, query.limit),
      )
      answer(router, wire.namePeople, async ({ tenant, query }) => ({
        people: await database.readAs(tenant, (read) => selectPeople(read, tenant, query.ids)),
      }))
      answer(router, wire.answerQuestion, ({ tenant, params }) => mark(tenant, params, true))
      answer(router, wire.reopenQuestion, ({ tenant, params }) => mark(tenant, params, false))
    },
  }
}
