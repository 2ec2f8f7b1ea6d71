import { dimensionIds, dimensions, operatorsOf } from '@creatorflow/shared/dimensions'
import { measureIds, measureOf } from '@creatorflow/shared/live-facts'
import { type QueryMeta, queryBuckets, queryLimits } from '@creatorflow/shared/query'
import { bucketsOf, dimensionsOf, neverAsked } from './pairs.ts'

/** What can be asked, from the tables that questions are checked against. */
export function queryMeta(): QueryMeta {
  return {
    metrics: measureIds.map((id) => {
      const { name, definition, unit, good } = measureOf(id)
      const refused = neverAsked(id)
      return {
        id,
        name,
        definition,
        unit,
        good,
        by: dimensionsOf(id),
        buckets: [...bucketsOf(id)],
        ...(refused !== undefined && { refused }),
      }
    }),
    dimensions: dimensionIds.map((id) => {
      const { label, type, personal } = dimensions[id]
      return { id, label, type, personal, operators: [...operatorsOf(id)] }
    }),
    buckets: [...queryBuckets],
    limits: { ...queryLimits },
  }
}
