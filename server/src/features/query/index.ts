import type { TenantReads } from '@creatorflow/db/database'
import { askQuestion, askQuestions, getQueryMeta } from '@creatorflow/shared/features/query'
import { AppError } from '../../core/errors.ts'
import type { Feature } from '../../http/feature.ts'
import { queryMeta } from '../../query/meta.ts'
import { answerQuestion, answerQuestions } from '../../query/run.ts'

/** Questions about the past: any metrics by any dimensions, one at a time or a whole page together. */
export function createQueryFeature({ database }: { readonly database: TenantReads }): Feature {
  return {
    name: 'query',
    mount({ router, answer }) {
      answer(router, askQuestion, ({ tenant, body }) => answerQuestion(database, tenant, body))
      answer(router, askQuestions, async ({ tenant, body }) => {
        const { answers, recounting } = await answerQuestions(database, tenant, body.questions)
        return {
          answers: answers.map((one) => (one instanceof AppError ? { refused: one.message } : one)),
          recounting,
        }
      })
      answer(router, getQueryMeta, () => queryMeta())
    },
  }
}
