import type { Database } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import type { Reply } from '@creatorflow/shared/endpoint'
import * as wire from '@creatorflow/shared/features/crowd'
import { AppError } from '../../errors.ts'
import type { Feature } from '../../http/feature.ts'
import { whileKept } from '../../retention/marks.ts'
import {
  type CommentRow,
  countUnanswered,
  markAnswered,
  type Part,
  selectBuyers,
  selectComments,
  selectGifters,
  selectOrders,
  selectPeople,
  selectQuestions,
  selectStart,
} from './queries.ts'

/** The people of a LIVE by name: gifters, buyers, what they say and ask. */
export function createCrowdFeature({ database }: { readonly database: Database }): Feature {
  return {
    name: 'crowd',
    mount({ router, answer }) {
      answer(router, wire.getCrowd, ({ tenant, params, query }) =>
        readCrowd(database, tenant, {
          creatorId: tenant.creatorId,
          sessionId: params.session_id,
          limit: query.limit,
        }),
      )
      answer(router, wire.namePeople, async ({ tenant, query }) => ({
        people: await database.readAs(tenant, (read) => selectPeople(read, tenant, query.ids)),
      }))
      answer(router, wire.answerQuestion, async ({ tenant, params }) => {
        if (!(await markAnswered(database, tenant, params, true))) unknownQuestion()
        return undefined
      })
      answer(router, wire.reopenQuestion, async ({ tenant, params }) => {
        if (!(await markAnswered(database, tenant, params, false))) unknownQuestion()
        return undefined
      })
    },
  }
}

function readCrowd(
  database: Database,
  tenant: Tenant,
  part: Part,
): Promise<Reply<typeof wire.getCrowd>> {
  return whileKept(database, tenant, (keptSince) =>
    database.readAs(tenant, async (read) => {
      const startedAt = await selectStart(read, part)
      if (!startedAt) throw new AppError('not_found', 'There is no such LIVE.')
      const gifters = await selectGifters(read, part)
      const buyers = await selectBuyers(read, part)
      const orders = await selectOrders(read, part)
      const comments = await selectComments(read, part)
      const questions = await selectQuestions(read, part)
      return {
        gifters: gifters.map(({ diamonds, gifts, ...row }) => ({
          user: named(row),
          diamonds,
          gifts,
        })),
        buyers: buyers.map(({ gmv, orders: count, ...row }) => ({
          user: named(row),
          gmv,
          orders: count,
        })),
        orders: orders.map(({ id, ts, product_id, quantity, money, ...row }) => ({
          id,
          ts: ts.toISOString(),
          product_id,
          quantity,
          money,
          user: namedOrNull(row),
        })),
        comments: comments.map(commentOf),
        questions: questions.map((row) => ({
          ...commentOf(row),
          answered_at: row.answered_at?.toISOString() ?? null,
        })),
        unanswered: await countUnanswered(read, part),
        complete: startedAt.getTime() >= keptSince,
      }
    }),
  )
}

function commentOf({ id, ts, text, ...row }: CommentRow): wire.CrowdComment {
  return { id, ts: ts.toISOString(), text, user: namedOrNull(row) }
}

function named({ user_id, handle, name }: wire.Person): wire.Person {
  return { user_id, handle, name }
}

function namedOrNull(row: {
  user_id: string | null
  handle: string | null
  name: string | null
}): wire.Person | null {
  const { user_id } = row
  return user_id === null ? null : named({ ...row, user_id })
}

function unknownQuestion(): never {
  throw new AppError('not_found', 'There is no such question in this LIVE.')
}
