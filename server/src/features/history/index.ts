import type { TenantReads } from '@creatorflow/db/database'
import type { Tenant } from '@creatorflow/db/tenant'
import type { Query, Reply } from '@creatorflow/shared/endpoint'
import { getHistory } from '@creatorflow/shared/features/history'
import { type MetricId, metricOf } from '@creatorflow/shared/metrics'
import { AppError } from '../../core/errors.ts'
import type { Feature } from '../../http/feature.ts'
import { answerQuestion } from '../../query/run.ts'
import { type HistoryQuestion, questionOf, refusal } from './words.ts'

/** Every metric of the catalogue over time, by REST. */
export function createHistoryFeature({ database }: { readonly database: TenantReads }): Feature {
  return {
    name: 'history',
    mount({ router, answer }) {
      answer(router, getHistory, ({ tenant, params, query }) =>
        readHistory(database, tenant, params.metric, query),
      )
    },
  }
}

/** One metric of a question to the engine, in its earlier form. */
async function readHistory(
  database: TenantReads,
  tenant: Tenant,
  metric: MetricId,
  { from, to, bucket, by, limit }: Query<typeof getHistory>,
): Promise<Reply<typeof getHistory>> {
  const question: HistoryQuestion = { metric, bucket, by, limit }
  const reason = refusal(question)
  if (reason !== undefined) throw new AppError('invalid_input', reason)
  const told = await answerQuestion(database, tenant, questionOf(question, { from, to }))
  const { name, definition, unit } = metricOf(metric)
  return {
    metric,
    name,
    definition,
    unit,
    currency: told.metrics[0]?.currency ?? null,
    time_zone: told.time_zone,
    stage: 'estimate',
    at: told.as_of.at,
    from: told.range.from,
    to: told.range.to,
    bucket,
    by: by ?? null,
    before_first_report: told.before_first_report,
    excluded: told.excluded,
    series: told.rows.map(({ keys: [key = null], values, reasons }) => ({
      // Safe: these dimensions are texts.
      ...(by && { key: key as string | null }),
      points: told.buckets.map((start, n) => {
        const value = values[metric]?.[n] ?? null
        const reason = reasons?.[metric]?.[n] ?? undefined
        return { ...start, value, ...(value === null && reason !== undefined && { reason }) }
      }),
    })),
    left_out: told.other?.rows ?? 0,
    recounting: told.recounting,
  }
}
